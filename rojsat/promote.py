"""Make a run's model the champion of its data set and task if it is better than the present champion.

A champion must beat the best predictor without an image on its own test part: the 95 % interval of its gain over
regions lies above zero. It must be better than the present champion, where there is one: on the same chips and the same
split, a paired bootstrap over the test regions puts the 95 % interval of the difference (mean squared error of the
degree, or share of wrong classes) on its side. A run that leaks is refused. How often its test part has been used to
choose is reported, and kept with the version. Exit status 1 if the champion stays; `dry=true` compares and promotes
nobody. `champion=none` takes the present champion back: the version stays, without the alias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rojsat.config import command, lazy
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.evaluation import bootstrap, region_moments, report_files
    from rojsat.evaluation.bootstrap import Interval
    from rojsat.stages import candidates
    from rojsat.stages.candidates import Candidate
    from rojsat.tracking import links, registry
    from rojsat.tracking.registry import Version
else:
    bootstrap, report_files = lazy.module("rojsat.evaluation.bootstrap"), lazy.module("rojsat.evaluation.report_files")
    region_moments = lazy.module("rojsat.evaluation.region_moments")
    candidates = lazy.module("rojsat.stages.candidates")
    links, registry = lazy.module("rojsat.tracking.links"), lazy.module("rojsat.tracking.registry")

COMMAND = Command(
    "rojsat.promote",
    __doc__,
    "exp=unet\nexp=unet seed=1 dry=true",
    "exp=NAME [key=value ...] | run=ID [allow_leak=true] [without_proof=true] [dry=true] | champion=none [model=NAME]",
    {
        "allow_leak": "true promotes a run although it leaks, and tags the version `leak: true`; false",
        "without_proof": "true promotes a run not shown to beat predictors without an image, and tags it; false",
        "champion": "none takes the champion back",
        "model": "the registered model whose champion is taken back; needed where several have one",
    },
)

LOSS = {"segmentation": "mean squared error of the degree", "classification": "share of wrong classes"}
"""What two models are compared by, by task."""

KEEPS = 1
"""Exit status: the champion stays."""

SWITCHES = ("allow_leak", "without_proof")


def run(words: list[str], dry: bool = False) -> int:
    """Promote the candidate that the words name if it is better, print why; exit status 0 champion, `KEEPS` if not."""
    own = dict(word.split("=", 1) for word in words if word.partition("=")[0] in COMMAND.keys and "=" in word)
    own |= {"champion": "none"} if "--none" in words else {}
    rest = [word for word in words if word.partition("=")[0] not in COMMAND.keys and word != "--none"]
    ending = " (dry run: nothing is changed)" if dry else ""
    if "champion" in own or "model" in own:
        print(f"{_take_back(own, rest, dry=dry)}{ending}")
        return 0
    for key in SWITCHES:
        if own.get(key, "false") not in ("true", "false"):
            raise ConfigError(f"{key}={own[key]}: {key} is true or false")
    switches = {key: own.get(key) == "true" for key in SWITCHES}
    candidate = candidates.find(rest)
    is_champion, reason = decide(candidate, **switches, dry=dry)
    print(f"{reason}{ending}\nmodel: {links.model(candidate.model)}")
    return 0 if is_champion else KEEPS


def _take_back(own: dict[str, str], rest: list[str], *, dry: bool) -> str:
    """Take a champion back; the sentence that says which.

    Raises:
        ConfigError: words that mean nothing here, or which model is not clear.
    """
    if own.get("champion") != "none" or rest or set(own) - {"champion", "model"}:
        raise ConfigError("champion=none [model=NAME] [dry=true] takes a champion back; it needs no other words")
    champions = registry.champions()
    if not champions:
        raise ConfigError("no registered model has a champion")
    name = own.get("model") or (next(iter(champions)) if len(champions) == 1 else "")
    if name not in champions:
        listed = ", ".join(f"model={champion}" for champion in champions)
        raise ConfigError(f"which champion? {listed}" if not name else f"{name} has no champion; there are: {listed}")
    version = champions[name]
    if not dry:
        registry.take_back(version)
    return f"version {version.number} is not the champion of {name} any more: it has none"


def decide(
    candidate: Candidate, *, allow_leak: bool = False, without_proof: bool = False, dry: bool = False
) -> tuple[bool, str]:
    """Promote a candidate to champion of its registered model, if it is better.

    Args:
        candidate: the run.
        allow_leak: whether a run that leaks may be promoted.
        without_proof: whether a run that is not shown to beat predictors without an image may be promoted.
        dry: whether nothing is changed.

    Returns:
        whether it is the champion now, and the sentence that says why.

    Raises:
        ValueError: if it leaks, is not shown to beat predictors without an image, its model is not registered, or
            champion and candidate cannot be compared.
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
    if not without_proof:
        candidate.refuse_without_proof()
    if old is None:
        is_better = True
        proof = "it beats the best predictor without an image" if candidate.beats else "without proof, as asked"
        reason = f"{new.name} had no champion: version {new.number} ({candidate.name}) is the first, {proof}"
    else:
        verdict = comparison(candidate, candidates.of_run(old.run))
        is_better, reason = bool(verdict.is_positive), _sentence(verdict, candidate, old)
        champion = f"{new.number} is the champion of {new.name} now" if is_better else f"{old.number} stays"
        reason = f"{reason}: version {champion}"
    uses = candidate.uses
    reason = f"{reason}. {uses}"
    if is_better and not dry:
        marks = {"leak": candidate.leaks, "without proof": not candidate.beats}
        registry.promote(new, reason, uses, marks)
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
    word = "better" if verdict.is_positive else "worse" if verdict.is_positive is False else "not shown to be better"
    interval = f"{_signed(verdict.value)}, 95 % interval {_signed(verdict.low)} to {_signed(verdict.high)}"
    loss = f"{LOSS[candidate.task]} {interval}, {verdict.regions} regions"
    return f"{candidate.name} is {word} ({loss}) than version {old.number}"


def _signed(difference: float) -> str:
    """How much less error a candidate makes, in words: `0.0123 better`, `38.8 worse`."""
    return f"{abs(difference):.3g} {'worse' if difference < 0 else 'better'}"


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
