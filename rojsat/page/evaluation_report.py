"""What an evaluation over folds left for the page: `evaluation.json`, kept in the repository or of this machine."""

import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rojsat.config import metric_names
from rojsat.config.pipeline import ListedEvaluation
from rojsat.evaluation.kept_evaluations import EVALUATION


@dataclass(frozen=True)
class Estimate:
    """A metric with its 95 % interval; `low` and `high` are None below five regions."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class EvaluationReport:
    """What an evaluation over folds left.

    Attributes:
        name: of its folder.
        listed: its line in `experiments/pipeline.yaml`.
        folder: where it lies, if it exists.
        is_kept: whether that is the repository, not the reports of this machine.
    """

    name: str
    listed: ListedEvaluation
    folder: Path
    is_kept: bool

    @cached_property
    def content(self) -> dict[str, Any]:
        """All that it holds; empty where it does not exist."""
        path = self.folder / EVALUATION
        content: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return content

    @property
    def exists(self) -> bool:
        """Whether it was made."""
        return bool(self.content)

    @property
    def regions(self) -> int:
        """Regions that it is evaluated on, each left out of its training."""
        return int(self.content["regions"])

    @property
    def against(self) -> str:
        """What the page calls the best predictor without an image."""
        content = self.content
        return metric_names.without_image(content["gain"]["against"], content["task"], content.get("frame", "box"))

    @property
    def beats(self) -> bool | None:
        """Whether it is better than the best predictor without an image; None where the interval holds 0."""
        beats: bool | None = self.content["beats"]
        return beats

    @property
    def gain(self) -> Estimate:
        """By how much it is better than the best predictor without an image; NaN where the metric is not defined."""
        return _estimate(self.content["gain"])

    def metric(self, name: str) -> Estimate | None:
        """One of its metrics; None where it has none."""
        values = self.content.get("metrics", {}).get(name)
        return None if values is None or "value" not in values else _estimate(values)

    def without_image(self, predictor: str, name: str) -> Estimate | None:
        """A metric of a predictor without an image under the same folds; None where there is none."""
        values = self.content.get("without_image", {}).get(predictor, {}).get(name)
        return None if values is None or "value" not in values else _estimate(values)


def _estimate(values: dict[str, Any]) -> Estimate:
    return Estimate(float(values.get("value", math.nan)), values.get("low"), values.get("high"))


def read(name: str, listed: ListedEvaluation, root: Path) -> EvaluationReport:
    """The evaluation that is kept in the repository `root`; where it is not, the one that this machine made."""
    kept = root / "results" / "evaluations" / name
    is_kept = (kept / EVALUATION).exists()
    return EvaluationReport(name, listed, kept if is_kept else root / "reports" / "evaluations" / name, is_kept)
