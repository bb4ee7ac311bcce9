"""Draw what the page shows of a data set itself: `python -m rojsat.stages.page_data data=NAME`.

Leaves the pictures that the page's sections name, and `facts.json`, in `reports/study/data/<name>/`.
"""

from pathlib import Path

import geopandas as gpd
import pandas as pd
from matplotlib.figure import Figure

from rojsat.chips.reader import Chips
from rojsat.config import command, compose, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.figures import mask_marks, png, stands
from rojsat.figures.data_set_view import DataSetView
from rojsat.figures.object_maps import HeatHistogram, ObjectMap
from rojsat.figures.stands import Crop
from rojsat.geo import masks, survey
from rojsat.geo.masks import Masks
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.vectors import region_files
from rojsat.page import cells, contents

COMMAND = Command("rojsat.stages.page_data", __doc__, "data=simulated", command.OF_DATA)

MARGIN = 15
"""Pixels of surroundings shown around a stand."""


def run(experiment: Experiment) -> None:
    """Draw the figures of the data set.

    Raises:
        ValueError: if it has no chips of a role that the page shows.
    """
    name, raw = experiment.data.name, recipes.folder("raw", experiment)
    chips = Chips(recipes.folder("chips", experiment))
    missing = [f"{role} (for {use})" for role, use in contents.roles().items() if role not in chips.roles]
    if missing:
        raise ValueError(f"the page cannot be made of {name}: it has no chips of role {', '.join(missing)}")
    scenes, regions = catalog.read(raw), region_files.load_regions(raw / "regions.gpkg")
    data_masks = masks.read(recipes.folder("masks", experiment))
    view = _view(experiment, scenes, regions, chips, data_masks)
    folder = compose.ROOT / "reports" / "study" / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    for drawing in contents.drawings():
        _draw(folder / drawing.file, drawing.draw(view))
        if drawing.narrow is not None:
            _draw(cells.narrow_file(folder / drawing.file), drawing.narrow(view))
    facts = survey.facts(scenes, regions, chips, data_masks, view.scene_classes)
    report_files.write_json(folder / "facts.json", facts)


def _draw(file: Path, figure: Figure | None) -> None:
    if figure is not None:
        file.write_bytes(png.encode(figure))


def _view(
    experiment: Experiment, scenes: list[Scene], regions: gpd.GeoDataFrame, chips: Chips, data_masks: Masks
) -> DataSetView:
    """The data set, ready to be drawn."""
    grid = survey.largest_grid(scenes)
    objects = survey.masked_objects(recipes.folder("raw", experiment), scenes, regions, data_masks)
    return DataSetView(
        target=experiment.data.target,
        scene_classes=survey.scene_classes(scenes),
        stand_counts=survey.count_stands(regions, grid, list(stands.TITLES)),
        pixel=float(grid.resolution.x),
        stand_examples=[_crop(scenes, regions, chips, row) for row in stands.choose_examples(chips.index)],
        heat=HeatHistogram(**survey.mask_histogram(data_masks)),
        objects=[
            ObjectMap(
                f"region {clearing.region}",
                clearing.degree,
                clearing.reason,
                clearing.pixel,
                mask_marks.marks(data_masks.facts, clearing.degree, clearing.outlines),
            )
            for clearing in objects
        ],
    )


def _crop(scenes: list[Scene], regions: gpd.GeoDataFrame, chips: Chips, row: pd.Series) -> Crop:
    ground = survey.surroundings(scenes, regions, row, MARGIN)
    return stands.crop(chips, row, ground.colours, ground.outlines, MARGIN, ground.pixel)


if __name__ == "__main__":
    command.execute(run, COMMAND)
