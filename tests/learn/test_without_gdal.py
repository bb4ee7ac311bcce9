import os
import subprocess
import sys

import pytest

BLOCKED = ("rasterio", "geopandas", "shapely", "pyproj", "odc", "pystac", "fiona", "osgeo")

SCRIPT = """
import sys
from pathlib import Path


class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(f"{{name}} is blocked")


sys.meta_path.insert(0, Block())

from tests.support import stores
from tests.learn import test_assembly
from rojsat.chips.reader import Chips

root = Path(sys.argv[1])
chips = Chips(stores.write_small(root / "chips"))
pixels = {{"exp": "deeplab_dates", "small": False}}
for extra, options in (([], {{}}), (["variant=boosting"], pixels)):
    assembled = test_assembly.assembled(chips, *extra, **options)
    epochs = list(assembled.train(root / "run"))
    print(len(epochs), assembled.evaluate("test").metrics["mse"] >= 0)
assert not set(sys.modules) & set({blocked!r}), "something got through"
assert "torchmetrics" not in sys.modules, "Fabric imported it, with all that comes with it"
"""


@pytest.mark.slow
def test_training_needs_no_geography(tmp_path):
    """From the chip store to test metrics with every library of geography blocked: the proof of the hourglass."""
    script = SCRIPT.format(blocked=BLOCKED)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2", "True", "1", "True"]
