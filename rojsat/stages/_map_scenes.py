"""The scenes of a map: those of a raw data set that is made already, or read by its source for the outlines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rojsat.config import lookup, provenance, recipes
from rojsat.config.schema import Experiment
from rojsat.geo import raw, sources
from rojsat.stages import raw as raw_stage

ONLINE = "stac"
"""The source that downloads what its regions need alone: a data set made for other regions lacks the outlines."""

WITH_REGIONS = "simulated"
"""The source that makes its own regions, and takes no others."""

FOLDER = "scenes"


def folder(experiment: Experiment, outlines: Mapping[str, Any] | None, out: Path) -> Path:
    """The folder of the scenes of a data set, with their catalog.

    Args:
        experiment: that names the data set.
        outlines: keywords of `read_regions`, with `path`; None: all scenes that there are.
        out: folder of the map; scenes that are not there already are described, or downloaded, below it.

    Raises:
        ValueError: if the source cannot read them, or finds none around the outlines.
    """
    raw_folder, made_by = recipes.folder("raw", experiment), recipes.recipe("raw", experiment)
    source = experiment.data.source
    if source == WITH_REGIONS:
        raw_stage.run(experiment)
        return raw_folder
    if source != ONLINE and recipes.read(raw_folder) is not None and recipes.is_made(raw_folder, made_by):
        return raw_folder
    if outlines is None:
        return _all(made_by, out)
    own = {**made_by, "regions": [dict(outlines)], "gps": {"files": [], "options": {}}}
    root = Path(own["root"]) if own["root"] else None

    def write(destination: Path) -> None:
        raw.write(destination, **{**own, "root": root})

    made_for = {**own, "outlines": provenance.digest([Path(outlines["path"])])}
    recipes.make(out / FOLDER, made_for, write, resume=recipes.fingerprint(Path(raw.__file__).parent))
    return out / FOLDER


def _all(made_by: Mapping[str, Any], out: Path) -> Path:
    """The folder of all scenes of a source that reads a folder."""
    if made_by["source"] == ONLINE:
        raise ValueError(f"the source {ONLINE} downloads what outlines need: name a file of outlines by area=FILE")
    module = lookup.module(sources, made_by["source"], "source")
    options = {**(made_by["options"] or {}), **({"root": Path(made_by["root"])} if made_by["root"] else {})}
    write = lookup.bind(module.write, options, f"source {made_by['source']} (data.options)")
    own = {**made_by, "regions": [], "gps": {"files": [], "options": {}}}
    recipes.make(out / FOLDER, own, lambda destination: write(destination, None))
    return out / FOLDER
