"""What is trained at each size, and what the page shows of it: `experiments/pipeline.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from rojsat.config import lookup, variants

FILE = Path(__file__).parents[2] / "experiments" / "pipeline.yaml"

FULL = ("size=full", "variant=scratch")
"""Overrides of every run of size full: the length and amount of data of the study, without weights to download."""

SCRATCH = "scratch"
"""The variant that says where the weights start; it is no row of its own in a table of variants."""

OF_DATA = ("year", "objects")
"""Variants that are another data set: they exist for the embedded one alone."""

OF_EVALUATE = ("exp", "folds", "seeds", "jobs")
"""Words of `rojsat evaluate` that are no keys of an experiment."""

DISCRETE = "discrete"
"""The variant that the study's discussion speaks of; the others are its future work."""


@dataclass(frozen=True)
class TrainingRun:
    """One training.

    Attributes:
        words: of its command line, `("exp=unet_roi6", "variant=iou")`.
        data: the name of its data set.
    """

    words: tuple[str, ...]
    data: str

    @property
    def experiment(self) -> str:
        """The file of `experiments/` that it trains."""
        return next(word.removeprefix("exp=") for word in self.words if word.startswith("exp="))

    @property
    def overrides(self) -> list[str]:
        """Its words without the experiment."""
        return [word for word in self.words if not word.startswith("exp=")]

    @property
    def variant(self) -> str:
        """Its variants but `SCRATCH`, joined by commas; empty where it has none."""
        return ",".join(name for name in variants.names(variants.asked(self.words)) if name != SCRATCH)


@dataclass(frozen=True)
class ListedEvaluation:
    """One evaluation over folds, a cell of the page's first table.

    Attributes:
        words: of its command line, `("exp=unet", "data=objects_9", "folds=leave_one_region_out", "seeds=0")`.
        data: the name of its data set, which is its column.
        label: what its row is called.
        task: segmentation or classification.
    """

    words: tuple[str, ...]
    data: str
    label: str
    task: str = "segmentation"

    @property
    def command(self) -> str:
        """What makes it."""
        return " ".join(["rojsat evaluate", *self.words])

    @property
    def experiment(self) -> str:
        """The file of `experiments/` that it evaluates."""
        return next(word.removeprefix("exp=") for word in self.words if word.startswith("exp="))

    @property
    def overrides(self) -> list[str]:
        """Its words without the experiment and without what `rojsat.evaluate` alone knows."""
        return [word for word in self.words if word.partition("=")[0] not in OF_EVALUATE]


@dataclass(frozen=True)
class Pipeline:
    """What is made at one size.

    Attributes:
        data: names of the data sets.
        runs: the trainings by the names of their reports, the longest first.
        leak: the experiment split by dates, and those split by regions that it is compared with.
        searches: experiments whose learning rate is searched, and the options of the search.
        edges: experiments whose odd spots near edges are examined.
        evaluations: evaluations over folds by the names of their reports, row by row of the page's first table.
    """

    data: Sequence[str]
    runs: Mapping[str, TrainingRun]
    leak: Mapping[str, Sequence[str]]
    searches: Mapping[str, str]
    edges: Sequence[str]
    evaluations: Mapping[str, ListedEvaluation] = field(default_factory=dict)

    @property
    def experiments(self) -> list[str]:
        """The experiments that are trained without a variant."""
        return [run.experiment for run in self.runs.values() if not run.variant]

    @property
    def base(self) -> list[str]:
        """The experiments that are trained with variants."""
        return list(dict.fromkeys(run.experiment for run in self.runs.values() if run.variant))

    @property
    def variants(self) -> dict[str, str]:
        """The variants, each with its data set."""
        return {run.variant: run.data for run in self.runs.values() if run.variant}


def read(size: str, *, embedded: bool = True) -> Pipeline:
    """What is made at a size.

    Args:
        size: quick or full.
        embedded: whether the data set is the one that comes with the size; of others,
            variants `OF_DATA` and evaluations are left out.

    Raises:
        UnknownNameError: if there is no such size.
    """
    sizes = yaml.safe_load(FILE.read_text())
    if size not in sizes:
        raise lookup.unknown("size", size, sizes)
    content = sizes[size]
    runs = {name: TrainingRun(tuple(line["words"].split()), line["data"]) for name, line in content["runs"].items()}
    content["runs"] = {name: run for name, run in runs.items() if embedded or run.variant not in OF_DATA}
    content["evaluations"] = {
        name: ListedEvaluation(**line | {"words": tuple(line["words"].split())})
        for name, line in content.get("evaluations", {}).items()
        if embedded
    }
    return Pipeline(**content)
