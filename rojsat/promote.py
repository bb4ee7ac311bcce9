"""Make a run's model the champion of its data set and task if it is better than the champion of now.

`python -m rojsat.promote exp=NAME [key=value ...]` or `python -m rojsat.promote run=ID`

Better: on the same chips and the same split, a paired bootstrap over the test regions puts all of the 95 % interval of
the gain (mean squared error of the degree, or share of wrong classes) above zero. Where there is no champion yet, the
first one asked for becomes it, with no comparison.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rojsat.config import compose, lookup
from rojsat.evaluation import bootstrap, report_files
from rojsat.evaluation.bootstrap import Verdict
from rojsat.tracking import registry
from rojsat.tracking.registry import Version

MEASURE = {"segmentation": "mean squared error of the degree", "classification": "share of wrong classes"}
"""What a model loses, by task."""

KEEPS = 1
"""Exit status: the champion stays."""


@dataclass(frozen=True)
class Report:
    """What a run left in its folder."""

    folder: Path
    facts: dict[str, Any]

    @property
    def task(self) -> str:
        """Of the experiment."""
        return str(report_files.read_summary(self.folder)["task"])


def run(report: Report, name: str) -> tuple[bool, str]:
    """Promote the run of a report to champion of the registered model `name`, if it is better.

    Returns:
        whether it is the champion now, and the sentence that says why.

    Raises:
        ValueError: if its model is not registered, or champion and run cannot be compared.
    """
    new, old = _version(report, name), registry.at(name, registry.CHAMPION)
    if old is None:
        reason = (
            f"{name} had no champion: version {new.number} ({report.folder.name}) is the first, without a comparison"
        )
        registry.promote(new, reason)
        return True, reason
    if old.run == new.run:
        return True, f"version {new.number} ({report.folder.name}) is the champion of {name} already"
    verdict = compare(report, of_run(old.run))
    reason = _sentence(verdict, report, old)
    if verdict.is_better:
        registry.promote(new, reason)
        return True, f"{reason}: version {new.number} is the champion of {name} now"
    return False, f"{reason}: version {old.number} stays the champion of {name}"


def _version(report: Report, name: str) -> Version:
    version = registry.of_run(name, report.facts["run"])
    if version is None:
        raise ValueError(
            f"run {report.facts['run']} of {report.folder.name} has no model registered as {name}; "
            "`python -m rojsat.sync` sends what waits, training again makes a new one"
        )
    return version


def compare(new: Report, old: Report) -> Verdict:
    """Compare the test predictions of two runs.

    Raises:
        ValueError: if chips or split differ.
    """
    for key, what in (("data", "chips"), ("split", "split")):
        new_digest, old_digest = new.facts.get(key), old.facts.get(key)
        if new_digest is None or new_digest != old_digest:
            raise ValueError(
                f"{new.folder.name} and the champion {old.folder.name} do not have the same {what} "
                f"({str(new_digest)[:12]}, {str(old_digest)[:12]}): train both on the same to compare them"
            )
    first, second = (
        bootstrap.losses(report_files.read_predictions(new_digest.folder, "test")) for new_digest in (new, old)
    )
    return bootstrap.paired(first, second)


def _sentence(verdict: Verdict, report: Report, old: Version) -> str:
    """The result of the comparison."""
    measure = MEASURE[report.task]
    if verdict.regions < bootstrap.MINIMUM:
        return (
            f"{report.folder.name} against version {old.number}: too few test regions to tell. They are evaluated on "
            f"{verdict.regions}, a verdict needs {bootstrap.MINIMUM}: what holds in fewer need not hold elsewhere. "
            "Train both with a split that tests on more (split.name=hashed), or on a data set with more regions, and "
            "promote one of those"
        )
    word = "better" if verdict.is_better else "not shown to be better"
    interval = f"{verdict.gain:.5f} less, 95 % interval {verdict.low:.5f} to {verdict.high:.5f}"
    return f"{report.folder.name} is {word} ({measure} {interval}, {verdict.regions} regions) than version {old.number}"


def of_run(run_id: str) -> Report:
    """The report of a run.

    Raises:
        ValueError: if none of `reports/` is of that run.
    """
    for folder in report_files.folders(compose.ROOT / "reports").values():
        facts = json.loads((folder / "run.json").read_text())
        if facts["run"] == run_id:
            return Report(folder, facts)
    raise ValueError(
        f"no report is of run {run_id}: its predictions are needed; `dvc pull` or train that experiment again"
    )


def find(words: list[str]) -> tuple[Report, str]:
    """The report and the registered model that a command line asks for.

    Raises:
        ValueError: if there is none.
    """
    if len(words) == 1 and words[0].startswith("run="):
        report = of_run(words[0].removeprefix("run="))
    elif any(word.startswith("exp=") for word in words):
        folder = compose.report_folder(compose.parse(words))
        reports = report_files.folders(compose.ROOT / "reports")
        if folder.name not in reports:
            raise lookup.unknown("report", folder.name, reports)
        report = Report(folder, json.loads((folder / "run.json").read_text()))
    else:
        raise ValueError("which run? exp=NAME [key=value ...], or run=ID")
    if "model" not in report.facts:
        raise ValueError(f"{report.folder / 'run.json'} names no registered model: train {report.folder.name} again")
    return report, str(report.facts["model"])


def main(words: list[str]) -> int:
    """Promote, say what was found, give the exit status: 0 champion, 1 the old one stays, 2 an error."""
    if "--help" in words or "-h" in words:
        print(__doc__)
        return 0
    try:
        promoted, reason = run(*find(words))
    except (ValueError, OSError) as error:
        print(f"rojsat.promote: {error}", file=sys.stderr)
        return 2
    print(reason)
    return 0 if promoted else KEEPS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
