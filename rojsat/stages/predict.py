"""Predict the degree of stands from scenes: a map of the degree, a list of the stands, and how sure both are.

Scenes come from a data set, `data=NAME`, whatever its source: products of ESA, sen2r's files, GeoTIFFs, a STAC API. The
model knows its channels, the roles of its dates and what its training pixels look like: scenes that it was not made for
are refused in one sentence (bands, level, scale, offset, resolution). Leaves in `out`: `degree.tif` (Cloud Optimized
GeoTIFF), `stands.gpkg`, `stands.csv`, `stands.xlsx`, `summary.txt`, `map.html`, `map.qgz` (QGIS), `item.json` (STAC).
Killed at any moment, the same command goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rojsat.config import command, compose, foreign_models, lazy, lookup, progress
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.geo.scenes import catalog
    from rojsat.geo.vectors import region_files
    from rojsat.maps import (
        canopy_change,
        canopy_signal,
        map_cells,
        map_making,
        map_summary,
        scene_faults,
        stand_facts,
        stand_table,
    )
    from rojsat.stages import _map_files, _map_model, _map_scenes, _map_work
else:
    region_files = lazy.module("rojsat.geo.vectors.region_files")
    map_cells, map_making = lazy.module("rojsat.maps.map_cells"), lazy.module("rojsat.maps.map_making")
    map_summary, scene_faults = lazy.module("rojsat.maps.map_summary"), lazy.module("rojsat.maps.scene_faults")
    stand_facts, stand_table = lazy.module("rojsat.maps.stand_facts"), lazy.module("rojsat.maps.stand_table")
    catalog = lazy.module("rojsat.geo.scenes.catalog")
    canopy_change = lazy.module("rojsat.maps.canopy_change")
    canopy_signal = lazy.module("rojsat.maps.canopy_signal")
    _map_files = lazy.module("rojsat.stages._map_files")
    _map_work = lazy.module("rojsat.stages._map_work")
    _map_model, _map_scenes = lazy.module("rojsat.stages._map_model"), lazy.module("rojsat.stages._map_scenes")

COMMAND = Command(
    "rojsat.stages.predict",
    __doc__,
    "model=unet data=safe data.root=/archive/sentinel2 area=stands.gpkg out=map\n"
    "model=models:/beetle-segmentation@champion data=beetle area=stands.gpkg dates=2019-09-15,2020-09-15 out=map",
    "model=MODEL data=NAME area=FILE out=FOLDER [dates=DATE,DATE] [key=value ...] [dry=true]",
    {
        "model": "a run's report (name or folder), an MLflow model (models:/NAME@champion, runs:/ID/PATH), FILE.onnx",
        "area": "file of the outlines of stands, any vector format and coordinate system; all: complete scenes",
        "out": "folder of what is made; a map that was begun there from the same goes on",
        "dates": "days to use, DATE,DATE; all. Of a model that compares dates those of its roles: before,after; "
        "one that reads all dates at once says how many it can",
        "tiles": "scene: tiles on the pixel grid of the scenes; outlines: each outline by itself, as in an evaluation; "
        "outlines for a model that was trained on boxes, else scene",
        "batch": "tiles of a scene that the network gets together; 64, a CPU is not faster with more",
        "rank": "what stands are ranked by: hectares (in need) or degree (its mean); hectares",
        "language": "of summary.txt and of what is printed: en or sv, Swedish; en. The page has both",
        "visits": "how many stands are to be visited first, so that the total is known best; 20",
        "id_field": "column of the stands' ids; region, else their numbers",
        "layer": "layer of the file; the only one with geometry",
        "trust": "true loads an MLflow model from outside this project's store, which runs its author's code; false",
        "allow_unlike": "true predicts although pixels of a scene are unlike those of training, and says so; false",
    },
)

ALL = "all"
"""The area of complete scenes."""

OF_OUTLINES = ("id_field", "layer")
"""Keys that say how outlines are read."""

NEEDED = ("model", "area", "out")

WGS84 = "EPSG:4326"


def run(words: list[str], dry: bool = False) -> None:
    """Predict what the words ask for; `dry=true` checks model and outlines, and says what scenes the model needs."""
    own = dict(word.split("=", 1) for word in words if "=" in word and word.partition("=")[0] in COMMAND.keys)
    rest = [word for word in words if word.partition("=")[0] not in COMMAND.keys]
    _check(own, rest)
    experiment = compose.parse(rest)
    out, trust = Path(own["out"]), own.get("trust") == "true"
    area = None if own["area"] == ALL else Path(own["area"]).expanduser().resolve()
    outlines = None if area is None else {"path": str(area), "role": "control"} | _columns(own)
    stands = None if outlines is None else region_files.read_regions(**outlines, crs=WGS84)
    known = None if area is None else stand_facts.read(area, id_field=own.get("id_field"), layer=own.get("layer"))
    progress.doing("loads the model")
    model = _map_model.load(own["model"], trust=trust)
    card = model.card
    tiles = own.get("tiles") or (map_cells.SCENE if card.fits_scenes else map_cells.OUTLINES)
    if dry:
        print("\n".join(map_summary.needs(card, None if stands is None else len(stands), tiles, out)))
        return
    progress.doing("looks at the scenes")
    scene_folder = _map_scenes.folder(experiment, outlines, out)
    all_scenes = catalog.read(scene_folder)
    dates = [date for date in own.get("dates", "").split(",") if date]
    scenes = scene_faults.usable(map_making.chosen(all_scenes, card, dates), card)
    planned = map_making.plan(scenes, stands, card, tiles)
    notes = list(map_making.faults(planned, card))
    if notes and own.get("allow_unlike") != "true":
        raise ValueError(f"{notes[0]} (allow_unlike=true predicts all the same)")
    made_from = map_making.state(card, model.identity, planned, area, tiles)
    made_from |= {} if stands is None else {"canopy": canopy_signal.identity(all_scenes)}
    folder = map_making.begin(out, made_from)
    batch = int(own["batch"]) if "batch" in own else None
    _map_work.predict(planned, model, folder, experiment.dask, named=own["model"], trust=trust, batch=batch)
    rasters = map_making.rasters(planned, card, folder, out)
    shown = {scene.id for scene in planned.scenes}
    scenes_used = [scene for scene in all_scenes if scene.id in shown]
    language = own.get("language", "en")
    drawn_map = _map_files.MadeMap(out, card, planned, scenes_used, rasters, notes, scene_folder, made_from, language)
    if stands is None or known is None:
        text, files = _map_files.write_area(drawn_map, folder)
    else:
        progress.doing("looks for stands that are cleared already")
        signals = canopy_signal.read(all_scenes, stands, card.resampling, card.cloud_margin, out)
        rank = own.get("rank", "hectares")
        listed = stand_table.table(
            stands.to_crs(str(planned.grids[0].grid.crs)),
            planned.grids,
            rasters,
            card,
            rank,
            changes=canopy_change.changes(signals, known.labelled),
            heights=known.heights,
            visits=int(own.get("visits", stand_table.VISITS)),
        )
        text, files = _map_files.write_stands(drawn_map, listed, rank)
    print(f"{text}\n{out.resolve()}: {', '.join(path.name for path in files)}")


def _columns(own: Mapping[str, str]) -> dict[str, Any]:
    return {key: own[key] for key in OF_OUTLINES if key in own}


def _check(own: Mapping[str, str], rest: list[str]) -> None:
    """Refuse what can be seen to be wrong before anything is imported.

    Raises:
        ConfigError: a key is missing or has a value that cannot be.
    """
    missing = [f"{key}=" for key in NEEDED if not own.get(key)]
    missing += [] if any(word.startswith("data=") for word in rest) else ["data="]
    if missing:
        raise ConfigError(f"{', '.join(missing)} missing: {COMMAND.form}")
    if own["area"] == ALL:
        refused = [key for key in (*OF_OUTLINES, "rank") if key in own]
        refused += ["tiles=outlines"] if own.get("tiles") == "outlines" else []
        if refused:
            raise ConfigError(f"{', '.join(refused)}: of outlines, area={ALL} has none")
    elif not Path(own["area"]).expanduser().exists():
        raise ConfigError(
            f"area={own['area']} does not exist: it is the file of the outlines of stands, or {ALL}: complete scenes"
        )
    if "batch" in own and not (own["batch"].isascii() and own["batch"].isdigit() and int(own["batch"]) > 0):
        raise ConfigError(f"batch={own['batch']}: a number of tiles, 1 or more")
    check_choices(own)
    if any(word.startswith("exp=") for word in rest):
        raise ConfigError("exp= is of a training: model= names what is applied")
    if own["model"].endswith(foreign_models.ONNX) and not Path(own["model"]).is_file():
        raise ConfigError(f"model={own['model']} does not exist")


def check_choices(own: Mapping[str, str]) -> None:
    """Refuse options whose value is none of their choices.

    Raises:
        UnknownNameError: if one is.
        ConfigError: `visits` is no number.
    """
    for key, choices in (
        ("tiles", ("scene", "outlines")),
        ("rank", ("hectares", "degree")),
        ("language", ("en", "sv")),
        ("trust", ("true", "false")),
        ("allow_unlike", ("true", "false")),
    ):
        if key in own and own[key] not in choices:
            raise lookup.unknown(key, own[key], choices)
    visits = own.get("visits", "1")
    if not visits.isdecimal() or int(visits) < 1:
        raise ConfigError(f"visits={visits} is no number of stands: give one from 1, visits=20")


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
