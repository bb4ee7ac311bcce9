"""Chip stores for tests, made of numbers alone: one in memory, and one written as files."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rojsat.chips import bands, writer
from rojsat.chips.cut import Cut
from rojsat.chips.degree_scale import StoredHeat
from rojsat.chips.writer import Layout
from rojsat.config import recipes

EXTRAS = ("tci", "scl", "toa")
"""What a chip has beside its BOA bands."""


HEAT = StoredHeat(percentile=97, zeros=True, threshold=45.0, unit="points a pixel")
"""What masks of heat hold."""


@dataclass
class InMemory:
    """Has the methods of `rojsat.chips.reader.Chips` that reading samples needs, over arrays."""

    index: pd.DataFrame
    images: np.ndarray  # (N, C, H, W)
    visible: np.ndarray  # (N, H, W)
    degrees: np.ndarray  # (N, H, W)

    def channels(self, chip, names):
        assert len(names) == self.images.shape[1]
        return self.images[self._number(chip)]

    def seen(self, chip):
        return self.visible[self._number(chip)]

    def mask(self, chip):
        return self.degrees[self._number(chip)]

    def stored(self, chip):
        return self.mask(chip)

    def _number(self, chip):
        return int(np.flatnonzero(self.index["chip"] == chip)[0])


def in_memory(regions=6, dates=2, channels=3, height=9, width=8, seed=0, margin=0):
    """A store in which the degree follows from the first channel; some pixels unseen, some unlabelled.

    Height and width are those of a region's box; `margin` pixels of surroundings come on every side.
    """
    rng = np.random.default_rng(seed)
    keys = [(f"r{r}", f"2019-0{d + 7}-01") for r in range(regions) for d in range(dates)]
    index = pd.DataFrame(keys, columns=["region", "date"])
    index = index.assign(
        chip=index["region"] + "_" + index["date"], role="clearing", row=0, col=0, nodata=0.0, cloud=0.0, height=height
    ).assign(
        width=width,
        label=["need" if int(region[1:]) % 2 else "clear" for region in index["region"]],
        position=range(len(keys)),
        hash=[f"h{number}" for number in range(len(keys))],
        crs="EPSG:32633",
        transform=[[10.0, 0, 0, 0, -10.0, 0]] * len(keys),
        easting=[1000.0 * int(region[1:]) for region in index["region"]],
        northing=0.0,
    )
    if margin:
        box = {"box_row": margin, "box_col": margin, "box_height": height, "box_width": width}
        height, width = height + 2 * margin, width + 2 * margin
        index = index.assign(**box, height=height, width=width)
    images = rng.normal(size=(len(keys), channels, height, width)).astype(np.float32)
    visible = rng.random((len(keys), height, width)) < 0.8
    labelled = rng.random((len(keys), height, width)) < 0.8
    around = np.ones((height, width), bool)
    around[margin : height - margin, margin : width - margin] = False
    labelled &= ~around
    degrees = np.where(visible & labelled, np.clip(images[:, 0], 0, 1), -1).astype(np.float32)
    return InMemory(index, images, visible, degrees)


def write(
    folder,
    regions,
    dates,
    *,
    experiment=None,
    size=36,
    boa=bands.BOA,
    extras=EXTRAS,
    hidden=False,
    margin=0,
    heat=None,
    outlines=None,
    harvest=None,
):
    """Write a chip store; the regions of role clearing get masks.

    Args:
        folder: of the store.
        regions: (role, region, label) of each.
        dates: of the chips of every region.
        experiment: whose data set the store is to be; None: of none.
        size: height and width of a region's box, pixels.
        boa: its bands.
        extras: of `EXTRAS`.
        hidden: whether half a row is cloud and one corner has no data.
        margin: pixels of surroundings on every side; with them chips have outlines.
        heat: what the mask of each region is multiplied by; masks then hold heat. None: degrees.
        outlines: rings of the regions; None: the store has none.
        harvest: days since harvest of each region, 0 where none is known; None: the store knows no harvests.
    """
    rng = np.random.default_rng(0)
    degrees = {region: rng.random((size, size)).round().astype(np.float32) for _, region, _ in regions}
    cuts = [
        _cut(rng, region, role, label, date, degrees[region], boa, extras, hidden, margin, harvest)
        for role, region, label in regions
        for date in dates
    ]
    toa = bands.TOA if "toa" in extras else ()
    side, kinds = size + 2 * margin, {"tci": "tci" in extras, "scl": "scl" in extras, "outline": margin > 0}
    kinds["harvest"] = harvest is not None
    layout = Layout((side, side), len(cuts), boa, toa, **kinds)
    writer.write(
        folder,
        cuts,
        layouts={role: layout for role, _, _ in regions},
        masks={
            region: degrees[region] * (heat or {}).get(region, 1) for role, region, _ in regions if role == "clearing"
        },
        regions={},
        recipe={} if heat is None else {"labels": {"source": "gps"}},
        heat=None if heat is None else HEAT,
        outlines=outlines,
    )
    if experiment is not None:
        (folder / recipes.RECIPE).write_text(json.dumps(recipes.recipe("chips", experiment)))


def _cut(rng, region, role, label, date, degree, boa, extras, hidden, margin, harvest):
    """A chip in which near infrared follows the degree."""
    size = len(degree) + 2 * margin
    degree = np.pad(degree, margin)
    arrays = {"boa": rng.integers(500, 2500, (len(boa), size, size)).astype(np.uint16)}
    arrays["boa"][boa.index("B08")] += (3000 * np.clip(degree, 0, 1)).astype(np.uint16)
    if "tci" in extras:
        arrays["tci"] = rng.integers(1, 255, (3, size, size), np.uint8)
    if "scl" in extras:
        arrays["scl"] = np.full((size, size), 4, np.uint8)
    if "toa" in extras:
        arrays["toa"] = rng.integers(500, 2500, (len(bands.TOA), size, size)).astype(np.uint16)
    if hidden:
        arrays["boa"][:, margin, margin] = 0
        arrays["scl"][margin + 3, : size // 2] = 9
    transform = (10.0, 0.0, 5e5, 0.0, -10.0, 6e6 + 1e3 * (int.from_bytes(region.encode()) % 4093))
    options = {}
    if margin:
        arrays["outline"] = np.pad(np.ones((size - 2 * margin,) * 2, np.uint8), margin)
        options["box"] = (margin, margin, size - 2 * margin, size - 2 * margin)
    if harvest is not None:
        days = harvest.get(region, 0)
        arrays["harvest"] = np.full((size, size), days, np.uint16)
        options["years"] = days / 365.25 if days else float("nan")
    return Cut(region, role, label, pd.Timestamp(date, tz="UTC"), 65, "EPSG:32633", transform, arrays, **options)


SIZE = 16
"""Height and width of the chips of `write_small`, pixels."""

BANDS = ("B02", "B03", "B04", "B05", "B07", "B08", "B11", "B12")
"""Their bands."""


def write_small(folder, regions=6, dates=4, margin=0, heat=None, outlines=None, harvest=None):
    """Write clearing objects 0, 1 …, stands 100, 101 …, need where odd, and one control area; on 1, 2 … August 2019."""
    roles = [("clearing", str(number), None) for number in range(regions)]
    roles += [("stand", str(100 + number), "need" if number % 2 else "clear") for number in range(regions)]
    days = [f"2019-08-{day:02d}" for day in range(1, dates + 1)]
    roles.append(("control", "900", "housing"))
    settings = {"margin": margin, "heat": heat, "outlines": outlines, "harvest": harvest}
    write(folder, roles, days, size=SIZE, boa=BANDS, extras=("tci", "scl"), hidden=True, **settings)
    return folder
