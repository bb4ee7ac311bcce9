"""The chips of a run, for what is drawn beside its predictions: scenes, outlines, ground that was not walked."""

import json
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.chips import boxes
from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes
from rojsat.evaluation import report_files
from rojsat.evaluation.report_files import Predictions
from rojsat.figures import mask_marks, panels, true_colour
from rojsat.maps import run_maps, run_scenes
from rojsat.stages import candidates


def chips(folder: Path) -> Chips:
    """The store of chips that a run was trained on.

    Raises:
        ValueError: this machine does not have it; the message says why.
    """
    provenance = folder / candidates.PROVENANCE
    if not provenance.is_file():
        raise ValueError(f"{folder.name} has no {candidates.PROVENANCE}, so the chips that it is of are unknown")
    run_facts = json.loads(provenance.read_text())
    digest, store = run_facts["data"], run_facts.get("store")
    if store is not None:
        if (chips := Chips(store)).digest == digest:
            return chips
        raise ValueError(f"{store} has other chips than those that {folder.name} was trained on")
    stores = compose.ROOT / "data" / recipes.FOLDERS["chips"]
    for file in sorted(stores.glob("*/chips.json")):
        if json.loads(file.read_text())["digest"] == digest:
            return Chips(file.parent)
    raise ValueError(f"no store below {stores} has the chips that {folder.name} was trained on")


def write_scenes(predictions: Predictions, store: Chips, rasters: Sequence[Path]) -> dict[Path, Path]:
    """Write true colour of every map of a run.

    Args:
        predictions: that the maps are of.
        store: the chips that they are of.
        rasters: the maps, in the sequence of `run_maps.names`.

    Returns:
        The file of true colour of each map.
    """
    folder, brightest, shape = rasters[0].parent, true_colour.white(store), predictions.seen.shape[1:]
    scenes = {}
    for path, (_, numbers) in zip(rasters, run_maps.groups(predictions.rows), strict=True):
        rows = boxes.with_boxes(predictions.rows.iloc[numbers])
        colours = np.stack([panels.framed(store, row, shape) for _, row in rows.iterrows()])
        image = true_colour.stretched(report_files.stitch(colours, rows), brightest)
        crs, transform = str(rows["crs"].iloc[0]), run_maps.origin(rows)
        scene = folder / f"{path.stem}_true_colour.tif"
        scenes[path] = run_scenes.write_true_colour(scene, image, crs, transform)
    return scenes


def write_layers(predictions: Predictions, store: Chips, folder: Path) -> list[Path]:
    """Write the outlines of the regions of a run, and the ground that was not walked where that is known.

    Both in the coordinate system of the first region.

    Returns:
        `outlines.gpkg`, `not_walked.gpkg`, those that hold something.
    """
    layers: dict[str, list[gpd.GeoDataFrame]] = {run_scenes.OUTLINES: [], run_scenes.NOT_WALKED: []}
    for region, rows in predictions.rows.groupby("region", sort=True):
        marks, transform = mask_marks.of_store(store, str(region)), run_maps.origin(rows)
        crs = str(rows["crs"].iloc[0])
        if len(marks.outlines):
            shape = {"region": [str(region)], "geometry": [run_scenes.outline(marks.outlines, transform)]}
            layers[run_scenes.OUTLINES].append(gpd.GeoDataFrame(shape, crs=crs))
        if marks.unwalked is not None and marks.unwalked.any():
            shape = {"region": [str(region)], "meaning": [marks.meaning]}
            shape["geometry"] = [run_scenes.area(marks.unwalked, transform)]
            layers[run_scenes.NOT_WALKED].append(gpd.GeoDataFrame(shape, crs=crs))
    paths = []
    for layer, tables in layers.items():
        if tables:
            first, *others = tables
            moved = pd.concat([first, *(table.to_crs(first.crs) for table in others)], ignore_index=True)
            paths.append(run_scenes.write_layer(folder, layer, moved))
    return paths
