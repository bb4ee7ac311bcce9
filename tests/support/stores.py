"""A real chip store, small and made of numbers alone: no geography is needed to write one."""

import numpy as np
import pandas as pd

from rojsat.chips.cut import Cut
from rojsat.chips.writer import Layout, write

BANDS = ("B02", "B03", "B04", "B05", "B07", "B08", "B11", "B12")
SIZE = 16


def cut(region, role, label, day, need):
    """A chip in which need shows in the near infrared; half a row is cloud, one corner has no data."""
    rng = np.random.default_rng([int(region), day])
    boa = rng.integers(300, 3000, (len(BANDS), SIZE, SIZE)).astype(np.uint16)
    boa[5] = (1500 + 2000 * need + rng.normal(0, 100, need.shape)).astype(np.uint16)
    boa[:, 0, 0] = 0
    scl = np.full((SIZE, SIZE), 4, np.uint8)
    scl[3, : SIZE // 2] = 9
    arrays = {"boa": boa, "tci": (boa[[2, 1, 0]] // 20).astype(np.uint8), "scl": scl}
    time, place = pd.Timestamp(f"2019-08-{day:02d}T10:00", tz="UTC"), (10.0, 0.0, 1000.0 * int(region), 0.0, -10.0, 0.0)
    return Cut(region, role, label, time, 65, "EPSG:32633", place, arrays)


def make(path, regions=6, dates=4):
    """Write clearing objects with masks, stands with labels and one control."""
    rng = np.random.default_rng(0)
    needs = {str(number): (rng.random((SIZE, SIZE)) * (rng.random((SIZE, SIZE)) < 0.5)) for number in range(regions)}
    cuts = []
    for region, need in needs.items():
        for day in range(1, dates + 1):
            cuts.append(cut(region, "clearing", None, day, need))
            stand = str(int(region) + 100)
            cuts.append(cut(stand, "stand", "need" if int(region) % 2 else "clear", day, need * (int(region) % 2)))
    cuts.append(cut("900", "control", "housing", 1, needs["0"]))
    layout = Layout((SIZE, SIZE), len(cuts), BANDS, tci=True, scl=True)
    masks = {region: need.astype(np.float32) for region, need in needs.items()}
    roles = dict.fromkeys(("clearing", "stand", "control"), layout)
    write(path, cuts, layouts=roles, masks=masks, regions={}, recipe={})
    return path
