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
        language: of the summary, one of `map_texts.LANGUAGES`.
    """

    out: Path
    card: ModelCard
    planned: MapPlan
    scenes: Sequence[Scene]
    rasters: Sequence[Path]
    notes: Sequence[str]
    scene_folder: Path
    made_from: Mapping[str, Any]
    language: str


def write_stands(drawn_map: MadeMap, stands: gpd.GeoDataFrame, rank: str) -> tuple[str, list[Path]]:
    """Write the files of a map around outlines; each is replaced at once.

    Args:
        drawn_map: the map.
        stands: as listed.
        rank: what they are ranked by.

    Returns:
        The summary in words, and the files.
    """
    out, scenes_used = drawn_map.out, [scene.id for scene in drawn_map.scenes]
    newest = max(scene.datetime for scene in drawn_map.scenes)
    stand_table.write(stands, out, map_summary.about(drawn_map.card, scenes_used, drawn_map.notes), newest)
    lists = [out / "stands.gpkg", out / "stands.csv", out / "stands.xlsx"]
    text = map_summary.words(stands, drawn_map.card, rank, scenes_used, drawn_map.notes, drawn_map.language)
    summary = _write_summary(drawn_map, text, map_summary.facts(stands, drawn_map.card))
    project = map_project.write(out, drawn_map.rasters, stands, drawn_map.card)
    progress.doing("draws the page")
    shown = MapFacts(stands, drawn_map.card, rank, drawn_map.notes, drawn_map.scenes, drawn_map.rasters)
    page = map_page.write(shown, out)
    files = [page, *lists, *summary, *drawn_map.rasters, project]
    return text, [*files, _write_item(drawn_map, files)]


def write_area(drawn_map: MadeMap, cells: Path) -> tuple[str, list[Path]]:
    """Write the files of a map of complete scenes, which has no list of stands.

    Args:
        drawn_map: the map.
        cells: folder of its cells.

    Returns:
        The summary in words, and the files.
    """
    facts = area_summary.facts(drawn_map.planned, drawn_map.card, cells)
    scenes_used = [scene.id for scene in drawn_map.scenes]
    text = area_summary.words(facts, drawn_map.card, scenes_used, drawn_map.notes, drawn_map.language)
    files = [*_write_summary(drawn_map, text, facts), *drawn_map.rasters]
    return text, [*files, _write_item(drawn_map, files)]


def _write_summary(drawn_map: MadeMap, text: str, facts: Mapping[str, Any]) -> list[Path]:
    report_files.write_json(drawn_map.out / FACTS, {**facts, "notes": list(drawn_map.notes)})
    report_files.write_text(drawn_map.out / SUMMARY, text)
    return [drawn_map.out / SUMMARY, drawn_map.out / FACTS]


def _write_item(drawn_map: MadeMap, files: Sequence[Path]) -> Path:
    return map_item.write(
        drawn_map.out,
        files,
        drawn_map.scenes,
        drawn_map.scene_folder,
        drawn_map.card,
        dict(drawn_map.made_from),
    )
