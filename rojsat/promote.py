"""Make a run's model the champion of its data set and task if it is better than the present champion.

Better: on the same chips and the same split, a paired bootstrap over the test regions puts the 95 % interval of the
gain (mean squared error of the degree, or share of wrong classes) above zero. Where there is no champion yet, the first
candidate becomes it without a comparison. Exit status 1 if the champion stays; `dry=true` compares and promotes nobody.
A run that leaks is refused. How often its test part has been used to choose is reported, and kept with the version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rojsat.config import command, compose, lazy, lookup
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.evaluation import bootstrap, region_moments, report_files
    from rojsat.evaluation.bootstrap import Interval
    from rojsat.tracking import registry
    from rojsat.tracking.registry import Uses, Version
else:
    bootstrap, report_files = lazy.module("rojsat.evaluation.bootstrap"), lazy.module("rojsat.evaluation.report_files")
    region_moments = lazy.module("rojsat.evaluation.region_moments")
    registry = lazy.module("rojsat.tracking.registry")

COMMAND = Command(
    "rojsat.promote",
    __doc__,
    "exp=unet_roi6\nexp=unet_roi6 seed=1 dry=true",
    "exp=NAME [key=value ...] | run=ID [allow_leak=true] [dry=true]",
    {"allow_leak": "true promotes a run although it leaks, and tags the version `leak: true`; false"},
)

LOSS = {"segmentation": "mean squared error of the degree", "classification": "share of wrong classes"}
"""What two models are compared by, by task."""

KEEPS = 1
"""Exit status: the champion stays."""


@dataclass(frozen=True)
class Candidate:
    """A run that may become champion.

    Attributes:
        folder: its report.
        provenance: what made it, `run.json`.
    """

    folder: Path
    provenance: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of its report."""
        return self.folder.name

    @property
    def task(self) -> str:
        """Of its experiment."""
        return str(report_files.read_summary(self.folder)["task"])

    @property
    def leaks(self) -> bool:
        """Whether training has something of its test part, see `docs/leaks.md`."""
        return bool(report_files.read_summary(self.folder)["leak"])

    @property
    def uses(self) -> Uses:
        """How often its test part has been used to choose."""
        provenance = self.provenance
        return registry.uses(self.model, provenance["data"], provenance["split"])

    @property
    def model(self) -> str:
        """The registered model that its own is a version of.

        Raises:
            ValueError: if it is a version of none.
        """
        if "model" not in self.provenance:
            raise ValueError(f"{self.folder / 'run.json'} names no registered model: train {self.name} again")
        return str(self.provenance["model"])

    @property
    def version(self) -> Version:
        """Its model.

        Raises:
            ValueError: if it is not registered.
        """
        version = registry.of_run(self.model, self.provenance["run"])
        if version is None:
            raise ValueError(
                f"run {self.provenance['run']} of {self.name} has no model registered as {self.model}; "
                "`python -m rojsat.sync` sends what waits, training again makes a new one"
            )
        return version


def run(words: list[str], dry: bool = False) -> int:
    """Promote the candidate that the words name if it is better, print why; exit status 0 champion, `KEEPS` if not."""
    keys = [word for word in words if word.partition("=")[0] in COMMAND.keys]
    candidate = find([word for word in words if word not in keys])
    is_champion, reason = decide(candidate, allow_leak=_is_allowed(keys), dry=dry)
    print(f"{reason}{' (dry run: nothing is changed)' if dry else ''}")
    return 0 if is_champion else KEEPS


def _is_allowed(keys: list[str]) -> bool:
    """The value of `allow_leak`.

    Raises:
        ConfigError: if it is neither true nor false.
    """
    values = {"allow_leak=true": True, "allow_leak=false": False}
    if wrong := [key for key in keys if key not in values]:
        raise ConfigError(f"{wrong[0]}: allow_leak is true or false")
    return any(values[key] for key in keys)


def decide(candidate: Candidate, *, allow_leak: bool = False, dry: bool = False) -> tuple[bool, str]:
    """Promote a candidate to champion of its registered model, if it is better.

    Args:
        candidate: the run.
        allow_leak: whether a run that leaks may be promoted.
        dry: whether nothing is changed.

    Returns:
        whether it is the champion now, and the sentence that says why.

    Raises:
        ValueError: if it leaks, its model is not registered, or champion and candidate cannot be compared.
    """
    if candidate.leaks and not allow_leak:
        raise ValueError(
            f"{candidate.name} leaks: training has something of its test part, so its metrics say little of regions "
            "that are not trained on (split/audit.json of the run, docs/leaks.md). Promote a run whose split holds "
            "regions out (split.name=regions, hashed), or allow_leak=true promotes this one, tagged as leaking"
        )
    new, old = candidate.version, registry.at(candidate.model, registry.CHAMPION)
    if old is not None and old.run == new.run:
        return True, f"version {new.number} ({candidate.name}) is the champion of {new.name} already"
    if old is None:
        is_better = True
        reason = (
            f"{new.name} had no champion: version {new.number} ({candidate.name}) is the first, without a comparison"
        )
    else:
        verdict = comparison(candidate, of_run(old.run))
        is_better, reason = bool(verdict.is_positive), _sentence(verdict, candidate, old)
        champion = f"{new.number} is the champion of {new.name} now" if is_better else f"{old.number} stays"
        reason = f"{reason}: version {champion}"
    uses = candidate.uses
    reason = f"{reason}. {uses}"
    if is_better and not dry:
        registry.promote(new, reason, uses, leak=candidate.leaks)
    return is_better, reason


def comparison(new: Candidate, old: Candidate) -> Interval:
    """Compare the test predictions of two runs.

    Raises:
        ValueError: if chips or split differ.
    """
    for key, subject in (("data", "chips"), ("split", "split")):
        digests = [candidate.provenance.get(key) for candidate in (new, old)]
        if digests[0] is None or digests[0] != digests[1]:
            raise ValueError(
                f"{new.name} and the champion {old.name} do not have the same {subject} "
                f"({', '.join(str(digest)[:12] for digest in digests)}): train both on the same to compare them"
            )
    sums = [[region_moments.of_predictions(report_files.read_predictions(each.folder, "test"))] for each in (new, old)]
    if new.task == "classification":  # more right is as much less wrong
        return bootstrap.paired_difference(sums[0], sums[1], "accuracy")
    return bootstrap.paired_difference(sums[1], sums[0], "mse")


def _sentence(verdict: Interval, candidate: Candidate, old: Version) -> str:
    """What the comparison shows."""
    if verdict.regions < bootstrap.MINIMUM:
        return (
            f"{candidate.name} against version {old.number}: too few test regions. They are evaluated on "
            f"{verdict.regions}, a verdict needs {bootstrap.MINIMUM}: what holds in fewer need not hold elsewhere. "
            "Train both with a split that tests on more (split.name=hashed), or on a data set with more regions, and "
            "promote one of those"
        )
    word = "better" if verdict.is_positive else "not shown to be better"
    interval = f"{verdict.value:.5f} less, 95 % interval {verdict.low:.5f} to {verdict.high:.5f}"
    loss = f"{LOSS[candidate.task]} {interval}, {verdict.regions} regions"
    return f"{candidate.name} is {word} ({loss}) than version {old.number}"


def of_run(run_id: str) -> Candidate:
    """The candidate of an MLflow run.

    Raises:
        ValueError: if none of `reports/` is of that run.
    """
    for folder in report_files.folders(compose.ROOT / "reports").values():
        provenance = json.loads((folder / "run.json").read_text())
        if provenance["run"] == run_id:
            return Candidate(folder, provenance)
    raise ValueError(
        f"no report is of run {run_id}: its predictions are needed; `dvc pull` or train that experiment again"
    )


def find(words: list[str]) -> Candidate:
    """The candidate that a command line names.

    Raises:
        ValueError: if there is none.
    """
    if len(words) == 1 and words[0].startswith("run="):
        return of_run(words[0].removeprefix("run="))
    if not any(word.startswith("exp=") for word in words):
        raise ConfigError("which run? exp=NAME [key=value ...], or run=ID")
    name = compose.run_name(compose.parse(words))
    folders = report_files.folders(compose.ROOT / "reports")
    if name not in folders:
        raise lookup.unknown("report", name, folders)
    return Candidate(folders[name], json.loads((folders[name] / "run.json").read_text()))


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
