"""Whether a map has the metrics of a run's own evaluation: `python -m bench.map_equals_evaluation RUN data=NAME …`.

`rojsat predict` applies the model of a run to the outlines of the run's own test regions (`tiles=outlines`), as to any
other stands. The pixels of the map are then held against the labels of the run's test part: pooled metrics of both, the
pixels that have the same bits, and the largest difference. A map cuts degrees to [0, 1], an evaluation does not: `cut`
counts the pixels where that matters. Of a model of single dates every date is predicted by itself. Leaves the maps in
reports/bench/map_of_RUN.
"""

import json
import math
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window

from bench import tables
from rojsat.chips import boxes
from rojsat.config import compose, recipes
from rojsat.evaluation import metrics, report_files
from rojsat.evaluation.report_files import Predictions
from rojsat.geo.vectors import region_files, vector_files
from rojsat.stages import _map_model, predict


def compare(run: str, words: Sequence[str], out: Path) -> dict[str, Any]:
    """Predict the test regions of a run and compare.

    Args:
        run: name of its report.
        words: `data=NAME` and other keys of its data set.
        out: folder of the maps; what it holds is deleted.

    Returns:
        `map` and `evaluation`, metrics by name, of those that are defined; `pixels`, known ones; `missing`, those that
        the map lacks; `cut`, those whose prediction lies outside [0, 1]; `alike`, those that have the same bits;
        `largest`, the largest difference.
    """
    folder = report_files.folders(compose.ROOT / "reports")[run]
    card = _map_model.load(run, trust=False).card
    test = report_files.read_predictions(folder, "test")
    raw = recipes.folder("raw", compose.parse(list(words)))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    outlines = region_files.load_regions(raw / "regions.gpkg")
    tested = outlines[outlines["region"].isin(set(test.rows["region"]))]
    vector_files.write_geopackage(tested[["region", "geometry"]], out / "tested.gpkg", layer="tested")
    predicted = np.full(test.prediction.shape, np.nan, np.float32)
    for name, dates, rows in _parts(test, card.dates, card.blocks):
        keys = [f"model={run}", f"area={out / 'tested.gpkg'}", f"out={out / name}", "tiles=outlines"]
        keys += [f"dates={','.join(dates)}"] if dates else []
        predict.run([*keys, "allow_unlike=true", *words])
        _read(sorted((out / name).glob("degree*.tif")), test.rows, rows, predicted)
    evaluated = json.loads((folder / report_files.SUMMARY).read_text())["test"]
    return _facts(test, predicted, metrics.Segmentation(card.threshold, degree=card.outputs == 1)) | {
        "evaluation": evaluated
    }


def _parts(
    test: Predictions, dates: Sequence[str], blocks: int | None
) -> Iterator[tuple[str, Sequence[str], NDArray[np.intp]]]:
    """Name, dates and rows of the samples of each map."""
    everything = np.arange(len(test.rows))
    if dates or blocks:
        yield "all", dates, everything
        return
    if test.rows.duplicated(["region", "row", "col", "date"]).any():
        raise ValueError("a region has two orbits on one date, of which a map is the mean")
    for date, numbers in test.rows.reset_index(drop=True).groupby("date").groups.items():
        yield str(date), [str(date)], np.asarray(numbers)


def _read(rasters: Sequence[Path], table: pd.DataFrame, rows: NDArray[np.intp], predicted: NDArray[np.float32]) -> None:
    """Fill in the pixels of the map at the places of samples."""
    placed = boxes.with_boxes(table)
    for path in rasters:
        with rasterio.open(path) as raster:
            for number in rows:
                row = placed.iloc[number]
                if str(row["crs"]) != str(raster.crs):
                    continue
                corner = Affine(*row["transform"]) * (int(row["box_col"]), int(row["box_row"]))
                left, top = (round(value) for value in ~raster.transform * corner)
                down, across = boxes.inside(row)
                height, width = down.stop - down.start, across.stop - across.start
                if 0 <= top <= raster.height - height and 0 <= left <= raster.width - width:
                    degree = raster.read(1, window=Window(left, top, width, height))
                    part = predicted[number][down, across]
                    part[...] = np.where(np.isfinite(degree), degree, part)


def _facts(test: Predictions, predicted: NDArray[np.float32], accumulator: metrics.Accumulator) -> dict[str, Any]:
    known = test.known & np.isfinite(predicted)
    accumulator.update(predicted, test.target, known)
    difference = np.abs(predicted[known] - np.clip(test.prediction[known], 0, 1))
    return {
        "pixels": int(test.known.sum()),
        "missing": int(test.known.sum() - known.sum()),
        "cut": int(((test.prediction < 0) | (test.prediction > 1))[known].sum()),
        "alike": int((difference == 0).sum()),
        "largest": float(difference.max(initial=0)),
        "map": {name: value for name, value in accumulator.compute().items() if math.isfinite(value)},
    }


def main() -> None:
    """Compare, print a table, write the JSON."""
    run, *words = sys.argv[1:]
    folder = compose.ROOT / "reports" / "bench"
    facts = compare(run, words, folder / f"map_of_{run}")
    counts = ", ".join(f"{name} {facts[name]}" for name in ("pixels", "missing", "cut", "alike", "largest"))
    names = [name for name in facts["map"] if name in facts["evaluation"]]
    rows = [
        {
            "metric": name,
            "map": repr(facts["map"][name]),
            "evaluation": repr(facts["evaluation"][name]),
            "equal": facts["map"][name] == facts["evaluation"][name],
        }
        for name in names
    ]
    tables.show(f"{run}: {counts}", rows)
    report_files.write_json(folder / f"map_of_{run}.json", facts)


if __name__ == "__main__":
    main()
