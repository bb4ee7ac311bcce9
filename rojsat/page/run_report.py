"""What a run of an experiment left for the page."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.evaluation.report_files import Predictions
from rojsat.page.needs import NeededFiles, OutputFolder

RESULTS = ("summary.json", "history.csv")
"""Files that every section of an experiment reads."""

PROVENANCE = "run.json"
"""What made a result: its machine, time and commit. Read of results that are kept in the repository alone: of others it
differs from run to run, and so would the page."""

NETWORKS = {
    "unet": "U-Net",
    "deeplabv3_resnet101": "DeepLabV3-ResNet101",
    "resnet_resnet18": "ResNet18",
    "resnet_resnet152": "ResNet152",
    "hist_gradient_boosting": "boosting on single pixels",
}
"""What a reader calls an architecture."""


@dataclass(frozen=True)
class RunReport:
    """What a run of an experiment left.

    Attributes:
        experiment: composed.
        output: where it lies, and what makes it.
    """

    experiment: Experiment
    output: OutputFolder

    @property
    def name(self) -> str:
        """What it is called: the name of its experiment, its variants and its size."""
        return self.output.path.name

    @property
    def command(self) -> str:
        """What makes it."""
        return self.output.command

    @cached_property
    def summary(self) -> dict[str, Any]:
        """All its metrics and facts."""
        return report_files.read_summary(self.output.path)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """What made it, see `PROVENANCE`."""
        provenance: dict[str, Any] = json.loads((self.output.path / PROVENANCE).read_text())
        return provenance

    @cached_property
    def history(self) -> pd.DataFrame:
        """The metrics of every epoch."""
        return pd.read_csv(self.output.path / "history.csv")

    @property
    def false_positive_rate(self) -> float | None:
        """Share of the pixels of control areas without need that are predicted to be in need; None without controls."""
        rate: float | None = self.summary["controls"].get("false_positive_rate")
        return rate

    @property
    def threshold(self) -> float:
        """Degree, or probability, above which a pixel counts as predicted in need."""
        return self.experiment.metrics.threshold

    @property
    def is_bounded(self) -> bool:
        """Whether its degrees are bounded to 0 to 1 before they are evaluated; pictures clip them in any case."""
        return bool(self.experiment.model.options.get("bounded", False))

    @property
    def network(self) -> str:
        """The architecture, with its backbone where that is chosen."""
        model = self.experiment.model
        return "_".join([model.name, *([str(model.options["backbone"])] if "backbone" in model.options else [])])

    @property
    def title(self) -> str:
        """The architecture as a reader knows it: `U-Net`."""
        return NETWORKS.get(self.network, self.network)

    @property
    def test_regions(self) -> list[str]:
        """Regions that are held out for testing; of a split by regions only."""
        return [str(region) for region in self.experiment.split.options["test"]]

    def predictions(self, part: str) -> Predictions:
        """Its predictions of a part: train, val, test or control."""
        return report_files.read_predictions(self.output.path, part)

    def need(self, *parts: str) -> NeededFiles:
        """Its results, and its predictions of some parts."""
        predictions = [f"predictions/{part}.{end}" for part in parts for end in ("npz", "parquet")]
        return self.output.need(*RESULTS, *predictions)
