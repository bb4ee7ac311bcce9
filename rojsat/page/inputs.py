"""The reports that the page is made of, and which of them are missing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.config import compose, pipeline, variants
from rojsat.config.pipeline import Pipeline
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.evaluation.report_files import Predictions
from rojsat.page.saved import FILE as SECTIONS

CLASSIFIERS = ("resnet18_tci", "resnet152_tci", "resnet18_s2", "resnet152_s2")
DATES = "deeplab_dates"
REGIONS = {"6": "deeplab_roi6", "7": "deeplab_roi7", "8": "deeplab_roi8"}
"""The study's region splits: the region to test, and the experiment."""

DRAWN = ("facts.json", "scl_legend.png", "stands.png", "crops.png", "histogram.png", "objects_1.png", "objects_2.png")
"""What of the data set must have been drawn; shares of scene classes only where scenes have them."""

LONG_COMMAND = "python -m rojsat.stages.page_full"
"""What draws the sections of the trainings at the length of the study."""

_FILES = ("summary.json", "history.csv", "run.json")
_PARTS = {"classification": ("test",), "segmentation": ("test", "train", "control")}


@dataclass(frozen=True)
class Report:
    """What a run of an experiment left.

    Attributes:
        experiment: composed.
        command: what makes the report.
        folder: where it lies.
    """

    experiment: Experiment
    command: str
    folder: Path

    @cached_property
    def summary(self) -> dict[str, Any]:
        """All its metrics and facts."""
        found: dict[str, Any] = json.loads((self.folder / "summary.json").read_text())
        return found

    @cached_property
    def made(self) -> dict[str, Any]:
        """What made it: `run.json`."""
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return found

    @cached_property
    def history(self) -> pd.DataFrame:
        """The metrics of every epoch."""
        return pd.read_csv(self.folder / "history.csv")

    @property
    def name(self) -> str:
        """What it is called."""
        return self.folder.name

    def predictions(self, part: str) -> Predictions:
        """Its predictions of a part: train, val, test or control."""
        return report_files.read_predictions(self.folder, part)

    def lacks(self, *, predictions: bool) -> list[Path]:
        """Files of the report that are not there."""
        files = [self.folder / name for name in _FILES]
        if predictions:
            place = self.folder / "predictions"
            parts = _PARTS[str(self.experiment.task)]
            files += [place / f"{part}.{end}" for part in parts for end in ("npz", "parquet")]
        return [file for file in files if not file.exists()]


class Study:
    """One page: its size, its data set, and where its reports lie.

    Attributes:
        experiment: the defaults at this size and of this data set.
        pipeline: the experiments and variants that the page needs.
        is_embedded: whether the data set is the one that comes with the size.
    """

    def __init__(self, overrides: Sequence[str] = (), *, kept: bool = False) -> None:
        """Compose the defaults.

        Args:
            overrides: `key=value`, laid over every experiment of the page.
            kept: whether the reports are those in `results/`, which git keeps, and not those of this machine.
        """
        self._kept = kept
        self._overrides = list(overrides)
        self._reports: dict[tuple[str, ...], Report] = {}  # composing one takes half a second
        self.experiment = compose.load("default", self._overrides)
        size = str(self.experiment.size)
        self._own_size = compose.load("default").size
        self.is_embedded = self.experiment.data.name == compose.load("default", [f"size={size}"]).data.name
        self.pipeline: Pipeline = pipeline.read(size, embedded=self.is_embedded)

    @cached_property
    def long(self) -> "Study | None":
        """What is trained at the length of the study beside it, None where this page has that length or other data."""
        is_short = self.is_embedded and self.experiment.size == self._own_size
        return Study(pipeline.FULL, kept=True) if is_short else None

    @property
    def name(self) -> str:
        """What the page is called: study, study_full, study_NAME of another data set; variants stand in it too."""
        size, data = str(self.experiment.size), str(self.experiment.data.name)
        words = [*([size] if size != self._own_size else []), *([] if self.is_embedded else [data])]
        return "_".join(["study", *variants.names(str(self.experiment.variant)), *words])

    @property
    def data(self) -> Path:
        """Where the figures of the data set lie."""
        return compose.ROOT / "reports" / "study" / "data" / str(self.experiment.data.name)

    @property
    def drawn(self) -> Path:
        """Where the sections of the trainings at the length of the study lie, see `rojsat.page.saved`."""
        return compose.ROOT / "results" / "full" / "page"

    @property
    def options(self) -> str:
        """The overrides, as a command line has them."""
        return "".join(f" {word}" for word in self._overrides)

    @property
    def command(self) -> str:
        """What makes the page."""
        return f"python -m rojsat.stages.page{self.options}"

    @property
    def data_command(self) -> str:
        """What makes the figures of the data set."""
        return f"python -m rojsat.stages.page_data data={self.experiment.data.name}"

    def report(self, name: str, variant: str | None = None) -> Report:
        """The report of an experiment, with a variant laid over it or without."""
        if variant is None:
            return self._with(name, *self._overrides)
        both = [variant, *variants.names(variants.asked(self._overrides))]
        rest = [word for word in self._overrides if not word.lstrip("+").startswith("variant=")]
        return self._with(name, f"variant={','.join(both)}", *rest)

    def _with(self, name: str, *words: str) -> Report:
        """The report of an experiment with the overrides `words`."""
        if (name, *words) not in self._reports:
            experiment = compose.load(name, words)
            command = " ".join(["python -m rojsat.run", f"exp={name}", *words])
            folder = compose.report_folder(experiment)
            if self._kept:
                folder = compose.ROOT / "results" / "full" / folder.name
            self._reports[name, *words] = Report(experiment, command, folder)
        return self._reports[name, *words]

    def search(self, name: str) -> tuple[Path, str]:
        """Where the search of an experiment's learning rate lies, and what makes it."""
        report = self.report(name)
        command = f"python -m rojsat.tune exp={name} {self.pipeline.searches[name]}{self.options}"
        return compose.search_folder(report.experiment), command

    def edges(self, name: str) -> tuple[Path, str]:
        """Where what was found of an experiment's odd spots near edges lies, and what finds it."""
        return self.report(name).folder / "edges", f"python -m rojsat.stages.edges exp={name}{self.options}"

    def changed(self) -> list[Report]:
        """All reports of experiments with a variant laid over them."""
        return [self.report(base, variant) for base in self.pipeline.base for variant in self.pipeline.variants]

    def segmenters(self) -> list[Report]:
        """All reports of segmenters without a variant."""
        found = [self.report(name) for name in self.pipeline.experiments]
        return [one for one in found if one.experiment.task == "segmentation"]

    def check(self) -> None:
        """Look whether everything is there that the page is made of.

        Raises:
            ValueError: naming what is not, and the command that makes each.
        """
        lacking = self._lacking()
        lacking[self.data_command] = [file for file in map(self.data.joinpath, DRAWN) if not file.exists()]
        if self.long is not None:
            lacking[LONG_COMMAND] = [file for file in (self.drawn / SECTIONS,) if not file.exists()]
            for report in (*map(self.long.report, self.long.pipeline.experiments), *self.long.changed()):
                lacking[report.command] = report.lacks(predictions=False)
        _refuse(lacking)

    def check_reports(self) -> None:
        """Look whether everything is there that the sections of reports are made of.

        Raises:
            ValueError: naming what is not, and the command that makes each.
        """
        _refuse(self._lacking())

    def _lacking(self) -> dict[str, list[Path]]:
        """The files that are not there, by the commands that make them."""
        lacking: dict[str, list[Path]] = {}
        for name in self.pipeline.experiments:
            report = self.report(name)
            lacking[report.command] = report.lacks(predictions=True)
        for report in self.changed():
            lacking[report.command] = report.lacks(predictions=False)
        for name in self.pipeline.searches:
            folder, command = self.search(name)
            lacking[command] = [file for file in (folder / "tune.json", folder / "trials.csv") if not file.exists()]
        for name in self.pipeline.edges:
            folder, command = self.edges(name)
            lacking[command] = [file for file in (folder / "edges.json", folder / "edges.png") if not file.exists()]
        return lacking


def _refuse(lacking: Mapping[str, Sequence[Path]]) -> None:
    lines = [
        f"  {command}\n    makes {', '.join(str(file.relative_to(compose.ROOT)) for file in files)}"
        for command, files in lacking.items()
        if files
    ]
    if lines:
        raise ValueError("the page needs reports that are not there:\n" + "\n".join(lines))
