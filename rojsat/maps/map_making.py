"""Makes a map: checks scenes against the model, predicts cell by cell, resumes where it was killed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from tqdm import tqdm

from rojsat.chips import channels
from rojsat.chips.bands import GRID
from rojsat.config import provenance
from rojsat.evaluation.report_files import write_json
from rojsat.geo.cutting import overpasses
from rojsat.geo.cutting.overpasses import Visit
from rojsat.geo.cutting.regions import region_facts
from rojsat.geo.scenes.catalog import Scene
from rojsat.maps import cell_groups, cell_prediction, cell_stream, map_cells, map_rasters, pixel_faults
from rojsat.maps.cell_groups import CellGroup
from rojsat.maps.cell_prediction import PredictImage
from rojsat.maps.map_cells import MapCell, MapGrid
from rojsat.maps.model_card import ModelCard

STATE, CELLS = "map.json", "cells"
"""In the folder of a map: what it is made from; the cells that are predicted."""

LOOKED_AT = 4
"""Cells of a scene whose pixels are compared with those of training before anything is predicted."""

CLEAR = 0.5
"""Share of these pixels that is seen below which nothing is refused for their values: between clouds lies shadow."""


@dataclass(frozen=True)
class MapPlan:
    """What is to be predicted.

    Attributes:
        grids: of the rasters.
        cells: all.
        visits: of each cell, one an overpass, by its id.
        scenes: that show them.
    """

    grids: Sequence[MapGrid]
    cells: Sequence[MapCell]
    visits: Mapping[str, Sequence[Visit]]
    scenes: Sequence[Scene]


def chosen(scenes: Sequence[Scene], card: ModelCard, dates: Sequence[str]) -> list[Scene]:
    """The scenes of the dates that a model is to be applied to.

    Args:
        scenes: all.
        card: of the model.
        dates: ISO; none: all, of a model of single dates.

    Raises:
        ValueError: in one sentence, dates that no scene is of, or that do not fit the roles of the model.
    """
    there = sorted({scene.date for scene in scenes})
    roles = ", ".join(card.roles)
    if card.dates and len(dates) != len(card.dates):
        raise ValueError(
            f"the model compares {len(card.dates)} dates ({roles}), {len(dates)} are given: dates=DATE,DATE in that "
            f"sequence, of {', '.join(there)}"
        )
    if card.dates and list(dates) != sorted(set(dates)):
        raise ValueError(f"the model compares dates in the sequence {roles}: dates={','.join(dates)} are not in it")
    absent = [date for date in dates if date not in there]
    if absent:
        raise ValueError(f"no scene is of {', '.join(absent)}; there are scenes of {', '.join(there)}")
    return [scene for scene in scenes if not dates or scene.date in dates]


def plan(
    scenes: Sequence[Scene], stands: gpd.GeoDataFrame | None, card: ModelCard, tiles: str, size: int = map_cells.CELL
) -> MapPlan:
    """Cut a map into cells.

    Args:
        scenes: that the model can be applied to.
        stands: outlines, with their ids in `region`; None: all that the scenes show.
        card: of the model.
        tiles: one of `map_cells.TILES`.
        size: height and width of a cell of the scene, pixels.

    Raises:
        ValueError: no scene covers an outline, or the model needs outlines by themselves.
    """
    if (tiles == map_cells.SCENE or stands is None) and not card.fits_scenes:
        raise ValueError(
            "the model was trained on boxes of regions, which have no place in a scene: tiles=outlines predicts each "
            "outline by itself"
        )
    grids = map_cells.scene_grids(scenes) if stands is None else map_cells.map_grids(scenes, stands)
    if stands is not None and not grids:
        raise ValueError(f"no scene covers any of {len(stands)} outlines: choose scenes of that ground")
    listed = list(
        map_cells.of_scene(grids, (card.window or 0) if card.reach is None else card.reach, size)
        if tiles == map_cells.SCENE or stands is None
        else map_cells.of_outlines(grids, stands, card.surroundings, GRID, card.chip)
    )
    named = [replace(cell.region, id=cell.id) for cell in listed]
    visits: dict[str, list[Visit]] = {cell.id: [] for cell in listed}
    for of_scene in overpasses.plan(scenes, named, region_facts(named)):
        for visit in of_scene:
            visits[visit.region.id].append(visit)
    _check_dates(visits, card)
    shown = {scene.id for of_cell in visits.values() for visit in of_cell for scene in visit.scenes}
    return MapPlan(
        grids,
        listed,
        {name: sorted(of_cell, key=_overpass) for name, of_cell in visits.items()},
        [scene for scene in scenes if scene.id in shown],
    )


def _check_dates(visits: Mapping[str, Sequence[Visit]], card: ModelCard) -> None:
    """Refuse more dates than a model of all dates reads at once."""
    dates = [sorted({visit.scenes[0].date for visit in of_cell}) for of_cell in visits.values()]
    most = max(dates, key=len, default=[])
    if card.blocks and len(most) > card.blocks:
        raise ValueError(
            f"the model reads at most {card.blocks} dates at once (trained on months "
            f"{', '.join(map(str, card.months))}), a part of the map has {len(most)}: choose by dates=DATE,DATE of "
            f"{', '.join(most)}"
        )


def _overpass(visit: Visit) -> tuple[str, int, str]:
    first = visit.scenes[0]
    return first.date, first.relative_orbit, first.id


def faults(planned: MapPlan, card: ModelCard) -> Iterator[str]:
    """What is wrong with the pixels of each scene, one sentence a scene, before anything is predicted."""
    names = [name for name in card.planes if name != channels.OUTLINE]
    for scene in planned.scenes:
        visits = [
            (cell, visit)
            for cell in planned.cells
            for visit in planned.visits[cell.id]
            if visit.scenes[0].id == scene.id
        ]
        largest = sorted(visits, key=lambda pair: (-int(pair[0].needed.sum()), pair[0].id))[:LOOKED_AT]
        parts = [cell_prediction.pixels(cell, visit, card) for cell, visit in largest]
        seen = np.concatenate([pixels for pixels, _ in parts], axis=1) if parts else np.zeros((len(card.planes), 0))
        if not parts or seen.shape[1] < CLEAR * sum(count for _, count in parts):
            continue
        values = dict(zip(card.planes, seen, strict=True))
        fault = pixel_faults.fault({name: values[name] for name in names}, card.distribution)
        if fault:
            yield f"scene {scene.id}: {fault}"


def state(card: ModelCard, identity: str, planned: MapPlan, outlines: Path | None, tiles: str) -> dict[str, Any]:
    """What decides the cells of a map; JSON-ready."""
    rasters = sorted({asset.href for scene in planned.scenes for asset in scene.assets.values()})
    sizes = [f"{href} {Path(href).stat().st_size}" for href in rasters if Path(href).exists()]
    return {
        "model": identity,
        "run": card.run,
        "outlines": "all" if outlines is None else provenance.digest([outlines]),
        "scenes": [scene.id for scene in planned.scenes],
        "rasters": provenance.text_digest(*rasters, *sizes),
        "tiles": tiles,
        "cells": len(planned.cells),
        "code": code(),
    }


def code() -> str:
    """Digest of the code that decides the cells of a map."""
    return provenance.digest(Path(__file__).parent.glob("*.py"))


def begin(out: Path, content: Mapping[str, Any]) -> Path:
    """The folder of the cells, of a new map or of one that was begun from the same.

    Raises:
        ValueError: the folder holds another map.
    """
    path = out / STATE
    if path.exists():
        before = json.loads(path.read_text())
        unlike = sorted(key for key in content if before.get(key) != content[key])
        if unlike:
            raise ValueError(
                f"{out} holds a map made from something else ({', '.join(unlike)}): choose another out=, or delete it"
            )
    (out / CELLS).mkdir(parents=True, exist_ok=True)
    write_json(path, content)
    return out / CELLS


def predict(planned: MapPlan, card: ModelCard, predict_image: PredictImage, folder: Path) -> None:
    """Predict all cells that `folder` does not hold yet."""
    groups = remaining(planned, card, folder)
    count = sum(len(group.cells) for group in groups)
    predicted = predict_groups(groups, card, predict_image, folder)
    for _ in tqdm(predicted, desc="cells", unit="cell", total=count, disable=None):
        pass


def remaining(planned: MapPlan, card: ModelCard, folder: Path) -> list[CellGroup]:
    """The cells that `folder` does not hold yet, in groups that are read together."""
    cells = [cell for cell in planned.cells if not map_rasters.cell_path(folder, cell).exists()]
    return cell_groups.groups(cells, planned.visits, planned.grids, card)


def predict_groups(
    groups: Sequence[CellGroup], card: ModelCard, predict_image: PredictImage, folder: Path
) -> Iterator[None]:
    """Predict the cells of groups but those that `folder` holds; yields once a cell."""
    lacking = [
        cell_groups.without(group, lambda cell: map_rasters.cell_path(folder, cell).exists()) for group in groups
    ]
    yield from cell_stream.predict(lacking, card, predict_image, partial(map_rasters.keep, folder))


def rasters(planned: MapPlan, card: ModelCard, folder: Path, out: Path) -> list[Path]:
    """Write the rasters of a map whose cells are all predicted."""
    tags = {"run": card.run, "target": card.target, "threshold": f"{card.threshold:g}", "verdict": card.verdict}
    paths = []
    for number, (grid, name) in enumerate(zip(planned.grids, map_rasters.names(planned.grids), strict=True)):
        own = [(cell, map_rasters.cell_path(folder, cell)) for cell in planned.cells if cell.raster == number]
        paths.append(map_rasters.write(out / name, grid, own, card.pixel_calibration, tags))
    return paths
