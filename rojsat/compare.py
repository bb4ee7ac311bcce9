"""Compare evaluations over folds: which is better, by how much with which interval, and where each fails.

Each is the name of a folder below `reports/evaluations` or `results/evaluations`, the id of its MLflow run, or an
experiment, with the words of `rojsat.evaluate` that made it (`folds=`, `data=`, `variant=`). Evaluations of other data
or another split are refused; `allow_different=true` compares them on the regions that both have, and marks it. One
experiment by two splits, `folds=leave_one_region_out,dates`, shows its leak on the samples that both tested: regions
not trained on against other dates of regions that were. Leaves `reports/comparisons/<names>/comparison.html` and
`.json` (of a leak `leak.json` too), and an MLflow run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rojsat.config import command, compose, lazy, lookup
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.evaluation import kept_evaluations
    from rojsat.evaluation.kept_evaluations import KeptEvaluation
    from rojsat.stages import comparison
    from rojsat.tracking import recorded
else:
    kept_evaluations = lazy.module("rojsat.evaluation.kept_evaluations")
    comparison, recorded = lazy.module("rojsat.stages.comparison"), lazy.module("rojsat.tracking.recorded")

COMMAND = Command(
    "rojsat.compare",
    __doc__,
    "exp=unet,unet_roi6 folds=leave_one_region_out\nexp=unet_k_fold_regions,unet_boosting_k_fold_regions",
    "exp=EVALUATION,EVALUATION[,...] [key=value ...] [allow_different=true] [dry=true]",
    {"allow_different": "true compares evaluations of other data or splits on the regions that both have; false"},
    command.OF_FOLDS,
)

_RUN = re.compile(r"[0-9a-f]{32}")
"""The id of an MLflow run."""


def run(words: list[str], dry: bool = False) -> None:
    """Compare the evaluations that a command line names; `dry=true` names their folders and where results would be."""
    allow_different = "allow_different=true" in words
    rest = [word for word in words if not word.startswith(("exp=", "allow_different=", "folds="))]
    names, splits = _listed(words, "exp"), _listed(words, "folds")
    if len(names) * max(1, len(splits)) < 2:
        raise ConfigError("which evaluations? exp=NAME,NAME, two or more; or folds=SPLIT,SPLIT of one experiment")
    choices = [[*rest, f"folds={split}"] for split in splits] or [rest]
    by_folder = {each.folder: each for name in names for each in (find(name, choice) for choice in choices)}
    evaluations = list(by_folder.values())
    comparison.check(evaluations, allow_different=allow_different)
    if dry:
        print("\n".join([*(f"{each.name}: {each.folder}" for each in evaluations)]))
        print(f"compare -> {comparison.folder(evaluations)}")
        return
    comparison.run(evaluations, f"python -m rojsat.compare {' '.join(words)}", allow_different=allow_different)


def _listed(words: Sequence[str], key: str) -> list[str]:
    """The values of a key, separated by commas."""
    return [
        value for word in words if word.startswith(f"{key}=") for value in word.partition("=")[2].split(",") if value
    ]


def find(name: str, words: Sequence[str] = ()) -> KeptEvaluation:
    """The evaluation of a name.

    Args:
        name: of its folder, its MLflow run (its id), or its experiment.
        words: of the command line, that say with what the experiment was evaluated.

    Raises:
        ValueError: if there is none.
    """
    folders = kept_evaluations.folders(compose.ROOT)
    if name in folders:
        return kept_evaluations.read(folders[name])
    if _RUN.fullmatch(name):
        study = recorded.tags(name).get("study")
        for folder in folders.values():
            evaluation = kept_evaluations.read(folder)
            if study is not None and evaluation.content.get("study") == study:
                return evaluation
        raise ValueError(f"run {name} is of no evaluation below reports/evaluations or results/evaluations")
    if name not in compose.names():
        raise lookup.unknown("evaluation or experiment", name, [*folders, *compose.names()])
    experiment = compose.parse([f"exp={name}", *(COMMAND.unabridged(word) for word in words)])
    evaluated = compose.evaluation_name(experiment)
    if evaluated not in folders:
        call = " ".join(["python -m rojsat.evaluate", f"exp={name}", *words])
        raise ValueError(
            f"{name} has no evaluation {evaluated}; `{call}` makes it. "
            f"There are: {', '.join(sorted(folders)) or 'none'}"
        )
    return kept_evaluations.read(folders[evaluated])


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
