"""How well computed cloud masks and the SCL find simulated clouds: `python -m bench.cloud_mask [JSON]`.

On the scenes of the data set `simulated`, whose raw data are made first where they are missing. They hold the true
class of every pixel beside an SCL that rules draw from the bands, as Sen2Cor's. Cloud is 8, 9 or 10, thin cirrus too;
pixels of class 0 and 1 do not count. Beside the masks stands "always clear", which finds nothing.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from bench import tables
from rojsat.chips.bands import CLOUD, GRID, INVALID
from rojsat.chips.seen import scene_classes
from rojsat.config import compose, recipes
from rojsat.geo.scenes import catalog, csmask
from rojsat.geo.scenes.catalog import Scene
from rojsat.stages import raw

PIXELS = (10, 20, 30)
"""Pixel sizes of computed masks, metres."""

SHADOW = 3
"""Class of shadows of clouds."""

Classes = NDArray[np.uint8]


def scl(scene: Scene) -> Classes:
    """The scene's SCL on its 10 m grid."""
    return _fine(_read(Path(scene.assets["SCL"].href)), 20, scene)


def always_clear(scene: Scene) -> Classes:
    """Vegetation everywhere."""
    return np.full(tuple(scene.grid.shape), 4, np.uint8)


def computed(level: str, pixel: int) -> Callable[[Scene], Classes]:
    """How a mask is computed from the bands of `l2a` or `l1c`: from a scene to SCL values on its 10 m grid."""
    network = csmask.CloudNetwork(level)

    def classes(scene: Scene) -> Classes:
        assets = {name: asset for name, asset in scene.assets.items() if (level == "l1c") == name.startswith("TOA-")}
        mask = csmask.compute(replace(scene, assets=assets), network, [tuple(scene.grid.boundingbox.bbox)], pixel)
        return _fine(scene_classes(mask, "csmask"), pixel, scene)

    return classes


def against_truth(name: str, classes: Callable[[Scene], Classes], scenes: Sequence[Scene], folder: Path) -> dict:
    """A row: shares of pixels over all scenes.

    Args:
        name: of the mask.
        classes: from a scene to its classes.
        scenes: with the bands of both levels and an SCL.
        folder: of the true classes.
    """
    masks, truths = zip(
        *((classes(scene).ravel(), _fine(_read(folder / f"{scene.id}.tif"), 20, scene).ravel()) for scene in scenes),
        strict=True,
    )
    mask, truth = np.concatenate(masks), np.concatenate(truths)
    counts = ~np.isin(truth, INVALID) & ~np.isin(mask, INVALID)
    found, cloud, shadow = np.isin(mask, CLOUD)[counts], np.isin(truth, CLOUD)[counts], (truth == SHADOW)[counts]
    return {
        "mask": name,
        "scenes": len(scenes),
        "agreement": float((found == cloud).mean()),
        "clouds found": float(found[cloud].mean()),
        "clear taken for cloud": float(found[~cloud].mean()),
        "shadows found": float((mask == SHADOW)[counts][shadow].mean()),
        "shadows taken for cloud": float(found[shadow].mean()),
    }


def _read(path: Path) -> Classes:
    with rasterio.open(path) as raster:
        return raster.read(1)


def _fine(classes: Classes, pixel: int, scene: Scene) -> Classes:
    """Classes on the scene's 10 m grid."""
    height, width = scene.grid.shape
    step = pixel // GRID
    return np.repeat(np.repeat(classes, step, axis=0), step, axis=1)[:height, :width]


def measure(folder: Path) -> list[dict[str, Any]]:
    """A row for each mask of the scenes of a raw data set."""
    scenes, truth = [scene for scene in catalog.read(folder) if scene.toa], folder / "truth" / "scl"
    rows = [against_truth("always clear", always_clear, scenes, truth), against_truth("SCL", scl, scenes, truth)]
    for level in ("l2a", "l1c"):
        for pixel in PIXELS:
            name = f"csmask, {level.upper()}, {pixel} m"
            rows.append(against_truth(name, computed(level, pixel), scenes, truth))
    return rows


def main(path: Path) -> None:
    """Measure, print the table, write the JSON."""
    experiment = compose.load("unet_roi6")
    raw.run(experiment)
    rows = measure(recipes.folder("raw", experiment))
    tables.show("Cloud masks against the true classes of simulated scenes", rows)
    tables.write(path, {"masks": rows})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/cloud_mask.json"))
