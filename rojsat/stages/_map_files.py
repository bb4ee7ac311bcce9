"""The files of a map beside its rasters: lists of stands, words, QGIS project, page, STAC item of all of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rojsat.config import progress
from rojsat.evaluation import report_files
from rojsat.maps import map_item, map_project, map_summary, stand_table
from rojsat.maps.web import map_page
from rojsat.maps.web.map_page import MapFacts

LISTS = ("stands.gpkg", "stands.csv", "stands.xlsx", "summary.txt", "summary.json")


def write(out: Path, facts: MapFacts, scene_folder: Path, made_from: Mapping[str, Any]) -> tuple[str, list[Path]]:
    """Write all of them; a file that stands is replaced as a whole.

    Args:
        out: folder of the map, with its rasters.
        facts: what is written: stands as listed, scenes that were used, model, notes.
        scene_folder: the raw data that the scenes are items of.
        made_from: what the map is made from, for the item.

    Returns:
        The summary in words, and the files, rasters first and the page last.
    """
    scenes_used = [scene.id for scene in facts.scenes]
    newest = max(scene.datetime for scene in facts.scenes)
    stand_table.write(facts.stands, out, map_summary.about(facts.card, scenes_used, facts.notes), newest)
    text = map_summary.words(facts.stands, facts.card, facts.rank, scenes_used, facts.notes)
    report_files.write_json(
        out / "summary.json", map_summary.facts(facts.stands, facts.card) | {"notes": list(facts.notes)}
    )
    report_files.write_text(out / "summary.txt", text)
    project = map_project.write(out, facts.rasters, facts.stands, facts.card)
    progress.doing("draws the page")
    page = map_page.write(facts, out)
    files = [*facts.rasters, *(out / name for name in LISTS), project]
    item = map_item.write(out, [*files, page], facts.scenes, scene_folder, facts.card, dict(made_from))
    return text, [*files, item, page]
