"""Mistakes in archives that answer as a STAC API: files that are gone, offsets that are declared wrongly."""

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import rasterio

from bench.silent_errors import by_hand, ground
from bench.silent_errors.ground import STAND_FILE
from bench.silent_errors.sandbox import Sandbox
from bench.silent_errors.trials import Trial, case
from tests.support import archive as archives

BANDS = ("B02", "B04", "B05", "SCL")
"""Of every date."""

CORNER, SIDE = 300, 200
"""Of the stand, metres from the corner of the archive's tile."""

PIXELS = slice(CORNER // 10, (CORNER + SIDE) // 10)
"""Rows and columns of the stand."""


@contextlib.contextmanager
def _served(sandbox: Sandbox, days: dict[int, bool], dead: str = "") -> Iterator[archives.Archive]:
    """An archive of days, whether 1000 is in the numbers of each; every item declares the offset that removes it.

    Args:
        sandbox: for the files.
        days: days of July 2023.
        dead: end of the paths that the server does not find.
    """
    folder = sandbox.archive / "server"
    folder.mkdir(exist_ok=True)
    archive = archives.Archive(folder)
    archive.faults = lambda path, _: "410" if dead and path.endswith(dead) else None
    try:
        dated_items = []
        for day, raised in days.items():
            archives.write_tile(folder / f"d{day}", day, raised=raised, bands=BANDS)
            declared = {"earthsearch:boa_offset_applied": False}
            dated_items.append(archives.item(archive, day, folder=f"d{day}", bands=BANDS, **declared))
        archive.serve(dated_items)
        yield archive
    finally:
        archive.close()


def _words(sandbox: Sandbox, archive: archives.Archive) -> list[str]:
    more = (f"data.options.api={archive.url}", "data.options.start=2023-07-01", "data.options.end=2023-07-31")
    bands = f"data.options.bands=[{', '.join(BANDS)}]"
    return ground.words("stac", sandbox.archive, [STAND_FILE], "dask.scheduler=synchronous", *more, bands)


def _stand(sandbox: Sandbox) -> None:
    table = archives.regions((CORNER, CORNER), side=SIDE).rename(columns={"region": "stand"})
    table.assign(stand="n1")[["stand", "label", "geometry"]].to_file(sandbox.archive / "stands.gpkg")


def _right(day: int, raised: bool) -> float:
    stored = archives.plane("B04", day, raised)[0, PIXELS, PIXELS].astype(float)
    return float((stored * 1e-4 - (0.1 if raised else 0)).mean())


def _by_hand(sandbox: Sandbox, archive: archives.Archive) -> list[float]:
    """The mean red reflectance of every item, with the scale and offset that it declares."""
    with urllib.request.urlopen(f"{archive.url}/collections/sentinel-2-l2a/items") as answer:
        items: list[dict[str, Any]] = json.load(answer)["features"]
    means = []
    for item in items:
        asset = item["assets"]["red"]
        declared = {name: asset["raster:bands"][0][name] for name in ("scale", "offset")}
        path = f"/vsicurl/{asset['href']}"
        with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_USE_HEAD="NO"):
            means.append(by_hand.stand_mean(path, sandbox.archive / "stands.gpkg", "n1", **declared))  # type: ignore[arg-type]
    return means


@case(names="40[34]|410")
def file_of_an_archive_is_gone(sandbox: Sandbox) -> Trial:
    """The archive lists two dates; the red band of one is no longer there."""
    _stand(sandbox)
    days = {1: True, 2: True}

    def by_rojsat() -> int:
        with _served(sandbox, days, dead="d2/B04.tif") as archive:
            sandbox.make(_words(sandbox, archive))
        return int(sandbox.chips.index["date"].nunique())

    def by_script() -> int:
        with _served(sandbox, days, dead="d2/B04.tif") as archive:
            return len(_by_hand(sandbox, archive))

    return Trial(2, by_rojsat, by_script)


@case(names="offset 0 is used")
def offset_removed_by_the_archive(sandbox: Sandbox) -> Trial:
    """The archive has removed the offset of baseline 05.09 from its files, and its items declare it all the same."""
    _stand(sandbox)
    days = {1: False}

    def by_rojsat() -> float:
        with _served(sandbox, days) as archive:
            sandbox.make(_words(sandbox, archive))
        return sandbox.mean("n1")

    def by_script() -> float:
        with _served(sandbox, days) as archive:
            return float(np.mean(_by_hand(sandbox, archive)))

    return Trial(_right(1, raised=False), by_rojsat, by_script)
