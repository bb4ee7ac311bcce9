"""Cloud masks computed from the bands of a scene by the published network of ukis-csmask (extra `clouds`).

The network: U-Net on EfficientNet-B4, six bands, one set of weights for L1C and one for L2A (Wieland et al. 2019,
Remote Sensing of Environment 230; DLR, Apache-2.0). It knows clouds, their shadows and all else; snow and water are
clear.
"""

import importlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.chips.bands import GRID
from rojsat.geo.scenes import cog
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.geo.scenes.planes import Reader

NAME = "CSMASK"
"""The asset of a scene, and the file in its folder."""

BANDS = ("B02", "B03", "B04", "B08", "B11", "B12")
"""Input of the network, in its sequence."""

PIXEL = 20
"""Pixel size of a mask, metres: that of an SCL. The package is meant for about 30 m; `bench/cloud_mask.py` compares."""

TILE = 256
"""Height and width of the network's input, pixels."""

EDGE = 32
"""Pixels of a tile at each side that are not used: the network knows too little of their surroundings."""

AROUND = 2000.0
"""Metres around a region's box that get a mask too: more than chips have of surroundings."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in the scene's CRS."""


class CloudNetwork:
    """The network of one level: on one thread of the CPU, so that the same pixels give the same mask.

    Args:
        level: `l1c` or `l2a`.

    Raises:
        ValueError: if the packages are not installed.
    """

    def __init__(self, level: str) -> None:
        runtime, folder = _packages()
        weights = folder / f"model_6b_{level}.onnx"
        facts = json.loads(weights.with_suffix(".json").read_text())["data"]["dataset_statistics"]["img"]
        self._mean, self._deviation = (np.array(values, np.float32)[:, None, None] for values in facts)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = runtime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def classify(self, reflectance: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Classes (256, 256) of a tile, values of `rojsat.chips.bands.CSMASK`, from its reflectance (6, 256, 256)."""
        scaled = (reflectance - self._mean) / self._deviation
        (scores,) = self._session.run(None, {self._input: scaled[None]})
        return np.asarray(scores[0].argmax(axis=0) + 1, np.uint8)


def _packages() -> tuple[Any, Path]:
    """Module onnxruntime, and the folder of the weights."""
    try:
        weights = Path(str(importlib.import_module("ukis_csmask").__file__)).parent
        return importlib.import_module("onnxruntime"), weights
    except ModuleNotFoundError as error:
        raise ValueError(
            f'data.clouds=csmask needs packages that are missing ({error.name}): pip install "rojsat[clouds]"'
        ) from error


def check_packages() -> None:
    """Check, before anything long starts, that the packages are there.

    Raises:
        ValueError: if they are not.
    """
    _packages()


def level(scene: Scene) -> str:
    """The level whose bands a mask is computed from: `l2a` where they are all there, else `l1c`.

    Raises:
        ValueError: if neither has them all.
    """
    for name, bands in (("l2a", scene.boa), ("l1c", scene.toa)):
        if {*BANDS} <= {*bands}:
            return name
    lacking = sorted({*BANDS} - {*(scene.boa or scene.toa)})
    raise ValueError(
        f"scene {scene.id} lacks {', '.join(lacking)}: data.clouds=csmask needs {', '.join(BANDS)}; "
        "let the source take these bands, or leave data.clouds out"
    )


def write(scene: Scene, path: Path, boxes: Sequence[Box]) -> Asset:
    """Compute the mask of a scene around some boxes and write it, unless the file is there already.

    Args:
        scene: with the six bands of L2A or of L1C.
        path: the GeoTIFF to make.
        boxes: of regions.

    Returns:
        The asset of the file.
    """
    grid = mask_grid(scene, PIXEL)
    if not path.exists():
        classes = compute(scene, CloudNetwork(level(scene)), boxes)
        names = [f"{NAME}: 1 clear, 2 cloud, 3 shadow of a cloud"]
        cog.write_cog(path, classes, transform=grid.affine, crs=scene.crs, nodata=0, descriptions=names)
    return Asset(str(path), (grid.shape[0], grid.shape[1]), grid.affine, "uint8", 0)


def compute(scene: Scene, network: CloudNetwork, boxes: Sequence[Box], pixel: int = PIXEL) -> NDArray[np.uint8]:
    """The mask of a scene: values of `rojsat.chips.bands.CSMASK`, 0 without data and away from the boxes.

    Tiles overlap, so that a pixel's class does not come from the edge of one, and lie on the scene, whatever the boxes.
    One tile is in memory at a time.

    Args:
        scene: with the six bands.
        network: of the scene's `level`.
        boxes: in the scene's CRS.
        pixel: size of the mask's pixels, metres, a multiple of 10.

    Returns:
        (h, w) on `mask_grid(scene, pixel)`.
    """
    grid, prefix = mask_grid(scene, pixel), "" if level(scene) == "l2a" else "TOA-"
    bands = {prefix + band: scene.assets[prefix + band] for band in BANDS}
    classes = np.zeros(tuple(grid.shape), np.uint8)
    with Reader(replace(scene, assets=bands), "nearest") as reader:
        for rows, cols, top, left in _tiles(grid.shape[0], grid.shape[1]):
            if not any(_touches(grid[rows, cols], box) for box in boxes):
                continue
            tile = grid[top : min(top + TILE, grid.shape[0]), left : min(left + TILE, grid.shape[1])]
            reflectance, has_data = _reflectance(reader, tile, pixel // GRID)
            tile_classes = np.where(
                has_data, network.classify(_padded(reflectance))[: tile.shape[0], : tile.shape[1]], 0
            )
            classes[rows, cols] = tile_classes[rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]
    return classes


def mask_grid(scene: Scene, pixel: int) -> GeoBox:
    """The grid of a mask: the scene's own with larger pixels; the last ones may reach beyond the scene."""
    fine, step = scene.grid, pixel // GRID
    shape = (-(-fine.shape[0] // step), -(-fine.shape[1] // step))
    return GeoBox(shape, fine.affine @ Affine.scale(step), fine.crs)


def _tiles(height: int, width: int) -> Iterator[tuple[slice, slice, int, int]]:
    """Rows and columns that tiles give, together all of the mask, and the upper left pixel of each tile."""
    shape, step = (height, width), TILE - 2 * EDGE
    for first_row in range(0, shape[0], step):
        for first_col in range(0, shape[1], step):
            starts = [
                min(max(first - EDGE, 0), max(size - TILE, 0))
                for first, size in zip((first_row, first_col), shape, strict=True)
            ]
            rows = slice(first_row, min(first_row + step, shape[0]))
            yield rows, slice(first_col, min(first_col + step, shape[1])), starts[0], starts[1]


def _touches(grid: GeoBox, box: Box) -> bool:
    ground, (left, bottom, right, top) = grid.boundingbox, box
    across = left - AROUND < ground.right and right + AROUND > ground.left
    return bool(across and bottom - AROUND < ground.top and top + AROUND > ground.bottom)


def _reflectance(reader: Reader, tile: GeoBox, step: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Reflectance (6, h, w) of a tile, the mean of what has data in each pixel, 0 without; and where there is some."""
    fine = GeoBox((tile.shape[0] * step, tile.shape[1] * step), tile.affine @ Affine.scale(1 / step), tile.crs)
    (stored,) = reader.read(fine).values()  # (6, h * step, w * step)
    blocks = stored.reshape(len(stored), tile.shape[0], step, tile.shape[1], step)
    valid = (blocks > 0).all(axis=0)  # (h, step, w, step)
    count = valid.sum(axis=(1, 3))
    mean = np.where(valid, blocks, 0).sum(axis=(2, 4)) / np.maximum(count, 1)
    prefix = "" if "scale" in reader.units else "toa_"
    value = mean * reader.units[f"{prefix}scale"] + reader.units[f"{prefix}offset"]
    return np.where(count > 0, value, 0).astype(np.float32), count > 0


def _padded(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """(6, h, w) to (6, 256, 256): a scene smaller than a tile is mirrored at its end, as the package does."""
    beyond = [(0, 0), *((0, TILE - size) for size in image.shape[1:])]
    return np.pad(image, beyond, mode="symmetric")
