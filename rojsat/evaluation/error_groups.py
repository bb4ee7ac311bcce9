"""Errors by date, cloud, distance to the edge of the box, size of the region and strength of the label, over folds."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import boxes
from rojsat.evaluation import report_files
from rojsat.evaluation.kept_evaluations import KeptEvaluation
from rojsat.evaluation.report_files import Predictions

DISTANCES = (1, 2, 4, 8, 16)
"""Upper ends of the groups by distance to the edge of the box inside the chip, pixels; at the edge itself it is 1."""

CLOUDS = (0.0, 0.1, 0.3, 0.6, 1.0)
"""Ends of the groups by the share of the chip that is clouded."""

SIZES = 3
"""Groups by size of the box, with as many regions in each."""

STRENGTHS = ("strong", "weak", "not stated")
"""What labels by rule may be, in the column `strength` of the index."""

SUBJECTS = ("date", "cloud", "distance to the edge", "size", "strength of the label")
"""What errors are grouped by; distance to the edge only of pixels, strength only where labels differ in it."""


Groups = dict[tuple[str, float], Mapping[Any, Any]]
"""Sums, see `sums`, by subject and number of the group."""


def content(evaluations: Sequence[KeptEvaluation]) -> list[dict[str, Any]]:
    """Errors by group, of evaluations that have the predictions of their folds still.

    Returns:
        An entry a group, in sequence: `subject`, `group` (its name), `known` pixels or samples a seed, `prevalence`,
        and by name of the evaluation `errors` and `without_image`, those of its best predictor without an image: RMSE
        or the share of wrong samples, all seeds together. A probability of need has none.
    """
    chosen = [each for each in evaluations if each.reports and ("rmse" in each.content["metrics"] or _classifies(each))]
    if not chosen:
        return []
    sizes = size_ends(chosen[0].reports)
    tables = {each.name: _rows(sums(each.reports, "test", sizes)) for each in chosen}
    others = {
        each.name: _rows(sums(each.reports, f"test_{each.content['best_without_image']}", sizes))
        for each in chosen
        if (each.reports[0] / "predictions" / f"test_{each.content['best_without_image']}.npz").exists()
    }
    seeds = {each.name: len(each.content["seeds"]) for each in chosen}
    squared = not _classifies(chosen[0])
    entries = []
    for key in sorted(set().union(*tables.values()), key=_rank):
        name = next(name for name, table in tables.items() if key in table)
        group = tables[name][key]
        entries.append(
            {
                "subject": key[0],
                "group": group["name"],
                "known": float(group["known"]) / seeds[name],
                "prevalence": float(group["need"] / group["known"]),
                "errors": _errors(tables, key, squared=squared),
                "without_image": _errors(others, key, squared=squared),
            }
        )
    return entries


def _classifies(evaluation: KeptEvaluation) -> bool:
    return evaluation.task == "classification"


def _rows(table: pd.DataFrame) -> Groups:
    """Sums by subject and group."""
    return {(str(key[0]), float(key[1])): row for key, row in zip(table.index, table.to_dict("records"), strict=True)}


def _rank(key: tuple[str, float]) -> tuple[int, float]:
    """Where a group stands."""
    return SUBJECTS.index(key[0]), key[1]


def _errors(tables: Mapping[str, Groups], key: tuple[str, float], *, squared: bool) -> dict[str, float]:
    """The error of a group by evaluation."""
    rows = {name: table[key] for name, table in tables.items() if key in table}
    means = {name: float(row["loss"] / row["known"]) for name, row in rows.items()}
    return {name: mean**0.5 if squared else mean for name, mean in means.items()}


def sums(reports: Sequence[Path], part: str, sizes: Sequence[float]) -> pd.DataFrame:
    """Sums of errors by group.

    Args:
        reports: folders of folds.
        part: `test`, or `test_<predictor>` of a predictor without an image.
        sizes: ends of the groups by size, pixels, see `size_ends`.

    Returns:
        Index `subject` and `group` (number, in sequence); columns `name` of the group, `known` pixels or samples,
        `need` of them, `loss` (squared errors of degrees, or wrong samples).
    """
    tables = [_of_predictions(report_files.read_predictions(report, part), sizes) for report in reports]
    table = pd.concat(tables).groupby(["subject", "group", "name"]).sum().reset_index("name")
    return table[table["known"] > 0]


def size_ends(reports: Sequence[Path]) -> list[float]:
    """Ends of the groups by size, so that each has as many regions; pixels."""
    rows = pd.concat([report_files.read_predictions(report, "test").rows for report in reports])
    areas = _area(boxes.with_boxes(rows)).groupby(rows["region"].astype(str)).max()
    return [0.0, *np.quantile(areas, np.arange(1, SIZES) / SIZES).tolist(), float("inf")]


def _area(rows: pd.DataFrame) -> pd.Series:
    """Pixels of the box of each sample."""
    area: pd.Series = rows["box_height"] * rows["box_width"]
    return area


def _of_predictions(predictions: Predictions, sizes: Sequence[float]) -> pd.DataFrame:
    """Sums of one part of one fold, a row a sample and group."""
    rows = boxes.with_boxes(predictions.rows.reset_index(drop=True))
    if predictions.prediction.ndim == 2:  # (N, K)
        losses = (predictions.prediction.argmax(axis=1) != predictions.target).astype(float)
        known, need = predictions.known.astype(float), predictions.target.astype(float)
        losses, need = losses * known, need * known
    else:
        error = predictions.prediction.astype(np.float64) - predictions.target
        losses = np.where(predictions.known, error**2, 0)
        known, need = predictions.known.astype(float), (predictions.known & (predictions.target > 0)).astype(float)
    totals = [values.reshape(len(rows), -1).sum(axis=1) for values in (known, need, losses)]
    subjects = [_by_date(rows), _by_cloud(rows), _by_size(rows, sizes)]
    if "strength" in rows:
        subjects.append(_by_strength(rows))
    tables = [_table(subject, groups, names, totals) for subject, groups, names in subjects]
    if losses.ndim == 3:
        tables.append(_by_distance(rows, known, need, losses))
    return pd.concat(tables)


def _table(
    subject: str, groups: Iterable[float], names: Iterable[str], totals: Sequence[NDArray[np.float64]]
) -> pd.DataFrame:
    columns = dict(zip(("known", "need", "loss"), totals, strict=True))
    return pd.DataFrame({"subject": subject, "group": list(groups), "name": list(names), **columns})


def _by_date(rows: pd.DataFrame) -> tuple[str, list[float], list[str]]:
    dates = rows["date"].astype(str)
    return "date", [float(date.replace("-", "")) for date in dates], list(dates)


def _by_cloud(rows: pd.DataFrame) -> tuple[str, list[float], list[str]]:
    groups = np.searchsorted(CLOUDS[1:-1], rows["cloud"].to_numpy(float), side="right")
    names = [f"{low:.0%} to {high:.0%}" for low, high in itertools.pairwise(CLOUDS)]
    return "cloud", groups.astype(float).tolist(), [names[group] for group in groups]


def _by_size(rows: pd.DataFrame, sizes: Sequence[float]) -> tuple[str, list[float], list[str]]:
    groups = np.searchsorted(sizes[1:-1], _area(rows).to_numpy(float), side="left")
    names = [f"up to {end:.0f} pixels" for end in sizes[1:-1]] + [f"above {sizes[-2]:.0f} pixels"]
    return "size", groups.astype(float).tolist(), [names[group] for group in groups]


def _by_strength(rows: pd.DataFrame) -> tuple[str, list[float], list[str]]:
    names = rows["strength"].fillna(STRENGTHS[-1])
    return "strength of the label", [float(STRENGTHS.index(name)) for name in names], list(names)


def _by_distance(
    rows: pd.DataFrame, known: NDArray[np.float64], need: NDArray[np.float64], losses: NDArray[np.float64]
) -> pd.DataFrame:
    """Sums by distance of the pixel to the edge of the region's box; arrays (N, H, W)."""
    totals = np.zeros((3, len(DISTANCES) + 1))
    for number, (top, left, height, width) in enumerate(rows[boxes.COLUMNS].to_numpy(int).tolist()):
        inside = slice(top, top + height), slice(left, left + width)
        group = np.searchsorted(DISTANCES, _distance(height, width), side="left").ravel()
        for total, values in zip(totals, (known, need, losses), strict=True):
            total += np.bincount(group, values[number][inside].ravel(), minlength=len(DISTANCES) + 1)
    names = _spans(DISTANCES)
    return _table("distance to the edge", range(len(names)), names, list(totals))


def _distance(height: int, width: int) -> NDArray[np.int64]:
    """(H, W) pixels to the nearest edge of the box; 1 at the edge itself."""
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    nearest = np.minimum(np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns))
    return nearest + 1


def _spans(ends: Sequence[int]) -> list[str]:
    """`1 px`, `2 px`, `3 to 4 px` and so on."""
    starts = [1, *(end + 1 for end in ends)]
    spans = [f"{low} px" if low == high else f"{low} to {high} px" for low, high in zip(starts, ends, strict=False)]
    return [*spans, f"{starts[-1]} px and more"]
