"""The two halves meet in the chip store alone: each works on a machine that lacks the other's libraries."""

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.slow

GEOGRAPHY = ("rasterio", "geopandas", "shapely", "pyproj", "odc", "pystac")
LEARNING = ("torch", "torchvision", "lightning_fabric", "segmentation_models_pytorch", "albumentations", "mlflow")

BLOCK = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ImportError(f"{{name}} is blocked")

sys.meta_path.insert(0, Block())
"""


def run(script, blocked, *arguments):
    """Run a script in a fresh interpreter in which importing any of `blocked` raises."""
    program = BLOCK.format(blocked=set(blocked)) + textwrap.dedent(script)
    command = [sys.executable, "-c", program, *map(str, arguments)]
    process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


CUT = """
from pathlib import Path

import numpy as np
from affine import Affine

from rojsat.chips.reader import Chips
from rojsat.geo import masks
from rojsat.geo.cutting import data_set
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources import geotiff

root = Path(sys.argv[1])
for site in ("a", "b"):
    grid = {"transform": Affine(10, 0, 500000, 0, -10, 6400000), "crs": "EPSG:32633", "nodata": 0}
    scene = np.arange(1, 3 * 20 * 30 + 1, dtype=np.uint16).reshape(3, 20, 30)
    write_cog(root / f"in/{site}_2019-08-01.tif", scene, **grid)
    write_cog(root / f"in/{site}_label.tif", np.eye(20, 30, dtype=np.uint8), **(grid | {"nodata": None}))
for stage in ("raw", "masks", "chips"):
    (root / stage).mkdir()
bands = ["B02", "B04", "B08"]
files = [{"pattern": "{site}_{date}.tif", "bands": bands}]
geotiff.write(root / "raw", None, root=root / "in", files=files, label_rasters="{site}_label.tif")
masks.write(root / "raw", root / "masks", source="rasters")
data_set.write(root / "raw", root / "masks", root / "chips", recipe={})
print(Chips(root / "chips").digest)
"""

READ = """
from rojsat.chips.reader import Chips

chips = Chips(sys.argv[1])
assert chips.channels(0, ["boa", "ndvi"]).shape == (4, 20, 30)
assert (chips.mask(0) == 1).sum() == 20
print(chips.digest)
"""


def test_chips_are_cut_without_torch_and_read_without_gdal(tmp_path):
    cut = run(CUT, LEARNING, tmp_path)
    assert len(cut) == 64
    assert run(READ, GEOGRAPHY + LEARNING, tmp_path / "chips") == cut


@pytest.mark.parametrize("blocked", [GEOGRAPHY, LEARNING])
def test_the_block_works(blocked):
    with pytest.raises(AssertionError, match="is blocked"):
        run(f"import {blocked[0]}", blocked)
