"""What the page is made of: its size, its data set, and where the reports lie that its sections show."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from rojsat.chips.reader import Chips
from rojsat.config import compose, pipeline, recipes, variants
from rojsat.config.pipeline import Pipeline
from rojsat.page import evaluation_report
from rojsat.page.evaluation_report import EvaluationReport
from rojsat.page.needs import OutputFolder
from rojsat.page.run_report import RunReport

CLASSIFIERS = ("resnet18_tci", "resnet152_tci", "resnet18_s2", "resnet152_s2")
STUDY_EXPERIMENTS = (*CLASSIFIERS, "deeplab_dates", "deeplab_roi6", "deeplab_roi7", "deeplab_roi8")
"""The study's own experiments; a page shows another network where they are too large for its size."""


class PageInputs:
    """What one page is made of.

    Attributes:
        experiment: the defaults at the page's size and of its data set.
        pipeline: the experiments and variants that it shows.
        is_embedded: whether the data set is the one that comes with the size.
        is_kept: whether its reports are those that are kept in the repository.
    """

    def __init__(self, overrides: Sequence[str] = (), *, is_kept: bool = False) -> None:
        """Compose the defaults.

        Args:
            overrides: `key=value`, applied to every experiment of the page.
            is_kept: read reports from `results/full/`, not from `reports/`.
        """
        self._overrides = list(overrides)
        self._reports: dict[tuple[str, ...], RunReport] = {}  # composing one takes half a second
        self.is_kept = is_kept
        self.experiment = compose.load("default", self._overrides)
        self._default_size = compose.load("default").size
        self.is_embedded = self.experiment.data.name == compose.load("default", [f"size={self.size}"]).data.name
        self.pipeline: Pipeline = pipeline.read(self.size, embedded=self.is_embedded)

    @property
    def size(self) -> str:
        """Quick or full."""
        return self.experiment.size

    @property
    def date_split(self) -> str:
        """The segmenter split by dates that the page shows in pictures: the study's own where it is trained."""
        return next(iter(self.pipeline.leak))

    @property
    def region_splits(self) -> dict[str, str]:
        """The same network split by regions: the region held out for testing, and the experiment."""
        names = self.pipeline.leak[self.date_split]
        return {"".join(self.report(name).test_regions): name for name in names}

    @property
    def target(self) -> str:
        """What masks and predictions show: `degree of need`."""
        return self.experiment.data.target

    @cached_property
    def full(self) -> "PageInputs | None":
        """The results at full length beside it; None where this page has that length itself, or other data."""
        if not self.is_embedded or self.size != self._default_size:
            return None
        return PageInputs(pipeline.FULL, is_kept=True)

    @property
    def name(self) -> str:
        """What the page is called: study, study_full, study_NAME of another data set; its variants stand in it too."""
        words = [*([self.size] if self.size != self._default_size else [])]
        words += [] if self.is_embedded else [self.experiment.data.name]
        return "_".join(["study", *variants.names(self.experiment.variant), *words])

    @property
    def minutes_name(self) -> str:
        """What the page is called of what was trained in minutes, beside results at full length."""
        return f"{self.name}_minutes"

    @property
    def command(self) -> str:
        """What makes the page."""
        return f"rojsat page{self._options}"

    @property
    def _options(self) -> str:
        """The overrides, as a command line has them."""
        return "".join(f" {word}" for word in self._overrides)

    @cached_property
    def chips(self) -> Chips:
        """The chips of the data set."""
        return Chips(recipes.folder("chips", self.experiment))

    @property
    def drawings(self) -> OutputFolder:
        """Pictures of the data set itself, and its numbers."""
        name = self.experiment.data.name
        return OutputFolder(
            compose.ROOT / "reports" / "study" / "data" / name, f"python -m rojsat.stages.page_data data={name}"
        )

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Numbers of the data set."""
        facts: dict[str, Any] = json.loads((self.drawings.path / "facts.json").read_text())
        return facts

    @property
    def full_sections(self) -> OutputFolder:
        """Sections drawn from the results at full length, see `rojsat.page.saved`."""
        return OutputFolder(compose.ROOT / "results" / "full" / "page", "python -m rojsat.stages.page_full")

    def report(self, name: str, variant: str | None = None) -> RunReport:
        """The report of an experiment, with a variant applied to it or without."""
        if variant is None:
            return self._composed(name, *self._overrides)
        chosen = [variant, *variants.names(variants.asked(self._overrides))]
        rest = [word for word in self._overrides if not word.lstrip("+").startswith("variant=")]
        return self._composed(name, f"variant={','.join(chosen)}", *rest)

    def _composed(self, name: str, *words: str) -> RunReport:
        """The report of an experiment with the overrides `words`."""
        if (name, *words) not in self._reports:
            experiment = compose.load(name, words)
            folder = compose.report_folder(experiment)
            if self.is_kept:
                folder = compose.ROOT / "results" / "full" / folder.name
            output = OutputFolder(folder, " ".join(["rojsat run", f"exp={name}", *words]))
            self._reports[name, *words] = RunReport(experiment, output)
        return self._reports[name, *words]

    def reports(self) -> list[RunReport]:
        """Those of all experiments without a variant."""
        return [self.report(name) for name in self.pipeline.experiments]

    def segmenters(self) -> list[RunReport]:
        """Those of all segmenters without a variant."""
        return [report for report in self.reports() if report.experiment.task == "segmentation"]

    def variant_reports(self) -> list[RunReport]:
        """Those of all experiments with a variant."""
        return [self.report(base, variant) for base in self.pipeline.base for variant in self.pipeline.variants]

    @cached_property
    def evaluations(self) -> list[EvaluationReport]:
        """Evaluations over folds of the embedded data: those kept in the repository, else those of this machine.

        One that does not exist is among them: the page says how to make it.
        """
        listed = {
            name: line
            for size in ("full", "quick")
            for name, line in pipeline.read(size, embedded=self.is_embedded).evaluations.items()
        }
        return [evaluation_report.read(name, line, compose.ROOT) for name, line in listed.items()]

    def search(self, name: str) -> OutputFolder:
        """The search of an experiment's learning rate."""
        command = f"rojsat tune exp={name} {self.pipeline.searches[name]}{self._options}"
        return OutputFolder(compose.search_folder(self.report(name).experiment), command)

    def edge_spots(self, name: str) -> OutputFolder:
        """What was found of an experiment's odd spots near edges."""
        command = f"python -m rojsat.stages.edges exp={name}{self._options}"
        return OutputFolder(self.report(name).output.path / "edges", command)
