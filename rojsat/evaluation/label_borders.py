"""Errors by distance to the nearest label border: a model cannot be surer of a border than its labels are.

A border lies between pixels with and without need. The distance of a known pixel is that to the nearest known pixel of
the other label in its sample, in pixels as a king walks; 1 touches the border. Pixels farther than 1 are the interior.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rojsat.evaluation import report_files
from rojsat.evaluation.kept_evaluations import KeptEvaluation
from rojsat.evaluation.report_files import Predictions

GROUPS = {"0 to 1 px": 1.0, "1 to 2 px": 2.0, "above 2 px": np.inf}
"""Groups by distance to the nearest label border, with the largest distance of each."""

FILE = "label_borders.json"
"""File of an evaluation that has what `content` says of it."""

_COUNTS = ("hits", "false_positives", "false_negatives", "true_negatives")


def content(evaluations: Sequence[KeptEvaluation]) -> dict[str, Any]:
    """What the predictions of folds say of label borders, of evaluations of pixels that have them and their threshold.

    Returns:
        By name of the evaluation `model` and `without_image`, its best predictor without one on the same pixels, as
        `summarise` has them; all folds and seeds together.
    """
    summaries: dict[str, Any] = {}
    for evaluation in evaluations:
        if evaluation.task == "segmentation" and "threshold" in evaluation.content and evaluation.reports:
            parts = {"model": "test", "without_image": f"test_{evaluation.content['best_without_image']}"}
            threshold = float(evaluation.content["threshold"])
            summaries[evaluation.name] = {
                kind: summarise(_counts_of_folds(evaluation.reports, part, threshold))
                for kind, part in parts.items()
                if (evaluation.reports[0] / "predictions" / f"{part}.npz").exists()
            }
    return summaries


def write(evaluation: KeptEvaluation) -> None:
    """Leave `FILE` in the folder of an evaluation of pixels whose predictions are there."""
    for kinds in content([evaluation]).values():
        report_files.write_json(evaluation.folder / FILE, kinds)


def sentences(folder: Path) -> list[str]:
    """What `FILE` of an evaluation's folder says, in words; nothing where there is none."""
    if not (folder / FILE).exists():
        return []
    kinds = json.loads((folder / FILE).read_text())
    model, other = kinds["model"], kinds.get("without_image", {})
    beside = f" ({other['iou_interior']:.3f} without an image)" if "iou_interior" in other else ""
    near = next(iter(GROUPS))
    if "iou_interior" not in model or "errors" not in model["groups"][near]:
        return []
    return [
        f"Farther than 1 pixel from a label border the IoU is {model['iou_interior']:.3f}{beside}; within it lie "
        f"{model['groups'][near]['errors']:.0%} of the wrong pixels."
    ]


def summarise(counts: NDArray[np.float64]) -> dict[str, Any]:
    """Metrics of counts of pixels.

    Args:
        counts: (groups, 4) of `GROUPS`: hits, false positives, false negatives, true negatives.

    Returns:
        `iou` of need over all pixels; `iou_interior`, over those farther than 1 pixel from a label border; by group
        under `groups` `known` pixels, their share of all `errors` (wrongly predicted pixels) and `wrong`, the share of
        them that is wrong. NaN where it is not defined.
    """
    wrong, known = counts[:, 1:3].sum(axis=1), counts.sum(axis=1)
    groups = {
        name: {
            "known": float(known[number]),
            "errors": _share(wrong[number], wrong.sum()),
            "wrong": _share(wrong[number], known[number]),
        }
        for number, name in enumerate(GROUPS)
    }
    return {"iou": _iou(counts), "iou_interior": _iou(counts[1:]), "groups": groups}


def counted(predictions: Predictions, threshold: float) -> NDArray[np.float64]:
    """Counts of known pixels (groups, 4), see `summarise`, of one part.

    Args:
        predictions: of pixels.
        threshold: degree or probability above which a predicted pixel counts as need.
    """
    known, actual = predictions.known, predictions.target > 0
    with np.errstate(invalid="ignore"):  # NaN where nothing is known
        predicted = predictions.prediction > threshold
    group = np.searchsorted(list(GROUPS.values()), distance(actual, known), side="left")[known]
    kind = np.where(actual, np.where(predicted, 0, 2), np.where(predicted, 1, 3))[known]
    counts = np.bincount(group * len(_COUNTS) + kind, minlength=len(GROUPS) * len(_COUNTS))
    return counts.reshape(len(GROUPS), len(_COUNTS)).astype(np.float64)


def distance(need: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Pixels to the nearest known pixel of the other label, (N, H, W); infinite where a sample has one label alone.

    Args:
        need: (N, H, W) whether the label is need.
        known: (N, H, W); where False, the distance means nothing.
    """
    distances = np.full(need.shape, np.inf)
    for plane, labels, is_known in zip(distances, need, known, strict=True):
        for label in (True, False):
            others = is_known & (labels != label)
            if others.any():
                steps = ndimage.distance_transform_cdt(~others, metric="chessboard")
                plane[labels == label] = steps[labels == label]
    return distances


def _counts_of_folds(reports: Sequence[Path], part: str, threshold: float) -> NDArray[np.float64]:
    counts: NDArray[np.float64] = np.sum(
        [counted(report_files.read_predictions(report, part), threshold) for report in reports], axis=0
    )
    return counts


def _iou(counts: NDArray[np.float64]) -> float:
    hits, false_positives, false_negatives, _ = counts.sum(axis=0)
    return _share(hits, hits + false_positives + false_negatives)


def _share(part: float, total: float) -> float:
    return float(part / total) if total else float("nan")
