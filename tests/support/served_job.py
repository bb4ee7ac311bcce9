"""`python -m tests.support.served_job words`: a job of a server, whose model is numbers alone, and slow."""

import time
from pathlib import Path

import numpy as np

from rojsat.geo.scenes import catalog
from rojsat.geo.vectors import region_files
from rojsat.maps import map_making, scene_faults
from rojsat.stages import _served_job, predict
from tests.support import map_scenes

CELL = 25


def run(words, dry=False, *, pause=0.15):
    """As `rojsat predict`, by a model that gives three times B08; `model=` is the folder of the scenes."""
    named = dict(word.split("=", 1) for word in words)
    out, card = Path(named["out"]), map_scenes.card()
    stands = region_files.read_regions(named["area"], role="control", crs="EPSG:4326")
    scenes = scene_faults.usable(catalog.read(Path(named["model"])), card)
    planned = map_making.plan(scenes, stands, card, "scene", CELL)
    folder = map_making.begin(out, map_making.state(card, "made", planned, Path(named["area"]), "scene"))

    def slowly(image, needed, cell):
        time.sleep(pause)
        return np.nan_to_num(3 * image[1])

    map_making.predict(planned, card, slowly, folder)
    map_making.rasters(planned, card, folder, out)


if __name__ == "__main__":
    predict.run = run
    _served_job.main()
