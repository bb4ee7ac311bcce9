"""The files of a map beside its rasters: lists of stands, words, QGIS project, page, STAC item of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from rojsat.config import progress
from rojsat.evaluation import report_files
from rojsat.geo.scenes.catalog import Scene
from rojsat.maps import area_summary, map_item, map_project, map_summary, stand_table
from rojsat.maps.map_making import MapPlan
from rojsat.maps.model_card import ModelCard
from rojsat.maps.web import map_page
from rojsat.maps.web.map_page import MapFacts

SUMMARY, FACTS = "summary.txt", "summary.json"


@dataclass(frozen=True)
class MadeMap:
    """A map whose rasters are written.

    Attributes:
        out: its folder.
        card: of the model.
        planned: its grids and cells.
        scenes: that it shows, with all their assets.
        rasters: of it, in `out`.
        notes: sentences that must be read too.
        scene_folder: the raw data that the scenes are items of.
        made_from: what it is made from, for the item.
    """

    out: Path
    card: ModelCard
    planned: MapPlan
    scenes: Sequence[Scene]
    rasters: Sequence[Path]
    notes: Sequence[str]
    scene_folder: Path
    made_from: Mapping[str, Any]


def write_stands(made: MadeMap, stands: gpd.GeoDataFrame, rank: str) -> tuple[str, list[Path]]:
    """Write the files of a map around outlines; each is replaced at once.

    Args:
        made: the map.
        stands: as listed.
        rank: what they are ranked by.

    Returns:
        The summary in words, and the files.
    """
    out, scenes_used = made.out, [scene.id for scene in made.scenes]
    newest = max(scene.datetime for scene in made.scenes)
    stand_table.write(stands, out, map_summary.about(made.card, scenes_used, made.notes), newest)
    lists = [out / "stands.gpkg", out / "stands.csv", out / "stands.xlsx"]
    text = map_summary.words(stands, made.card, rank, scenes_used, made.notes)
    summary = _write_summary(made, text, map_summary.facts(stands, made.card))
    project = map_project.write(out, made.rasters, stands, made.card)
    progress.doing("draws the page")
    page = map_page.write(MapFacts(stands, made.card, rank, made.notes, made.scenes, made.rasters), out)
    files = [page, *lists, *summary, *made.rasters, project]
    return text, [*files, _write_item(made, files)]


def write_area(made: MadeMap, cells: Path) -> tuple[str, list[Path]]:
    """Write the files of a map of complete scenes, which has no list of stands.

    Args:
        made: the map.
        cells: folder of its cells.

    Returns:
        The summary in words, and the files.
    """
    facts = area_summary.facts(made.planned, made.card, cells)
    text = area_summary.words(facts, made.card, [scene.id for scene in made.scenes], made.notes)
    files = [*_write_summary(made, text, facts), *made.rasters]
    return text, [*files, _write_item(made, files)]


def _write_summary(made: MadeMap, text: str, facts: Mapping[str, Any]) -> list[Path]:
    report_files.write_json(made.out / FACTS, {**facts, "notes": list(made.notes)})
    report_files.write_text(made.out / SUMMARY, text)
    return [made.out / SUMMARY, made.out / FACTS]


def _write_item(made: MadeMap, files: Sequence[Path]) -> Path:
    return map_item.write(made.out, files, made.scenes, made.scene_folder, made.card, dict(made.made_from))
