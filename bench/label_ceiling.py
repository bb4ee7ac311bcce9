"""How far labels of the beetle sites let any predictor come: `python -m bench.label_ceiling FOLDER`.

FOLDER holds masks/ and forest/, see bench.beetle. Two sources know a pixel: the mask of damage between 2019 and 2020,
and the forest map of 2022. Damage that is forest two years later is a contradiction: one of the two is wrong there.

The estimate is of a predictor that knows the truth, compared with labels that are wrong where the sources contradict
each other:
* `borders`: within a pixel of a border of labels, as often as the sources contradict each other there beyond what they
  do further in. A line that is drawn too far out here is too far in there, so as many border pixels outside of the
  damage are damage as pixels inside are none.
* `all`: besides, as often everywhere as the sources contradict each other further in.

Assumed: a contradiction is the fault of the mask, never of the forest map; if it is in half of the cases, the distance
to 1 is half as large. Pixels that are neither forest nor damage are unknown. What both sources get wrong nobody sees.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from rojsat.evaluation import bootstrap, region_moments

Pixels = NDArray[np.bool_]
"""(h, w)."""

NEIGHBOURS = np.ones((3, 3), bool)
"""A pixel and the eight around it."""

WAYS = ("borders", "all")
"""Which labels count as wrong."""


@dataclass(frozen=True)
class SiteLabels:
    """Labels of a site.

    Attributes:
        damage: of the mask.
        forest: of the later map.
    """

    damage: Pixels
    forest: Pixels

    @property
    def known(self) -> Pixels:
        """Damage or forest."""
        return self.damage | self.forest

    @property
    def contradicted(self) -> Pixels:
        """Damage that is forest later."""
        return self.damage & self.forest

    @property
    def border(self) -> Pixels:
        """Known pixels that have one of the other class among the eight around them."""
        sides = (self.damage, self.known & ~self.damage)
        return np.logical_or(*(own & binary_dilation(other, NEIGHBOURS) for own, other in (sides, sides[::-1])))


def read(folder: Path, site: str) -> SiteLabels:
    """Read the labels of a site.

    Raises:
        rasterio.errors.RasterioError: if a raster is missing.
    """
    planes = []
    for kind in ("masks", "forest"):
        with rasterio.open(folder / kind / f"{site}.tif") as raster:
            planes.append(raster.read(1) > 0)
    return SiteLabels(*planes)


def sites(folder: Path) -> dict[str, SiteLabels]:
    """The labels of all sites of a folder, by site.

    Raises:
        ValueError: if there is none.
    """
    names = sorted(path.stem for path in (folder / "masks").glob("*.tif"))
    if not names:
        raise ValueError(f"{folder} has no masks/*.tif; python -m bench.beetle FOLDER downloads the sites")
    return {name: read(folder, name) for name in names}


def shares(labels: Sequence[SiteLabels]) -> dict[str, float]:
    """Share of the damage that is contradicted: of all, within a pixel of a border, and further in."""
    parts = {"all": (True, True), "border": (True, False), "further in": (False, True)}
    counts = {
        name: [
            sum(int((plane & _of(site, *which)).sum()) for site in labels for plane in [getattr(site, attribute)])
            for attribute in ("contradicted", "damage")
        ]
        for name, which in parts.items()
    }
    return {name: wrong / max(total, 1) for name, (wrong, total) in counts.items()}


def _of(site: SiteLabels, at_border: bool, further_in: bool) -> Pixels:
    return (site.border & at_border) | (~site.border & further_in)


def ceiling(labels: Mapping[str, SiteLabels], way: str) -> pd.DataFrame:
    """Expected hits and errors of a predictor that knows the truth, one row a site, as `region_moments` has them.

    Args:
        labels: by site.
        way: one of `WAYS`.
    """
    share = shares(list(labels.values()))
    at_border = max(0.0, share["border"] - share["further in"])
    rows = {}
    for site, each in labels.items():
        inside, outside = (float((each.border & side).sum()) for side in (each.damage, ~each.damage))
        rest = 0.0 if way == "borders" else share["further in"] * float(each.damage.sum())
        misses, false_positives = at_border * inside + rest, at_border * outside
        damage, known = float(each.damage.sum()), float(each.known.sum())
        overlap = (damage - misses, false_positives, misses, known - damage - false_positives)
        if known:
            rows[site] = {"count": known, "target": damage} | dict(zip(region_moments.OVERLAP, overlap, strict=True))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("region")


def main(arguments: Sequence[str]) -> None:
    """Print the shares and the estimates."""
    if len(arguments) != 1:
        sys.exit(f"python -m bench.label_ceiling FOLDER\n\n{__doc__}")
    labels = sites(Path(arguments[0]))
    for name, share in shares(list(labels.values())).items():
        print(f"damage that is forest later, {name}: {share:.3f}")
    for way in WAYS:
        value = bootstrap.interval([ceiling(labels, way)], "iou")
        print(
            f"ceiling of IoU, {way}: {value.value:.3f} [{value.low:.3f}, {value.high:.3f}] over {value.regions} sites"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
