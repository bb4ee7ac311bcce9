"""What sen2r wrote: `S2A2A_20190723_022_<site>_BOA_10.tif`, in one folder or in one a product.

Names, products and bands: "Output file structure" of sen2r (Ranghetti et al. 2020, Computers & Geosciences 139).
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.chips.bands import BOA, TOA
from rojsat.config import lookup
from rojsat.geo.scenes import catalog as scenes
from rojsat.geo.sources import _coverage, _sites
from rojsat.geo.sources._choice import ORBITS, choose, describe, read_day
from rojsat.geo.sources._rasters import Raster, look
from rojsat.geo.vectors import region_files

log = logging.getLogger(__name__)

REFLECTANCE: Mapping[str, tuple[str, ...]] = {
    "BOA": tuple(band for band in BOA if band != "B8A"),
    "TOA": tuple(f"TOA-{band}" for band in TOA if band != "B8A"),
}
"""Assets of the bands of a product with 10 m pixels, in order; sen2r leaves out B8A there, B08 in coarser ones."""

PLAIN: Mapping[str, tuple[str, int]] = {"SCL": ("SCL", 1), "TCI": ("TCI", 3), "CLD": ("CLDPRB", 1)}
"""Asset and number of bands of the products that hold classes, colours or percent."""

INDEX_SCALE = 1e-4
"""Index = stored * scale: sen2r's default for whole numbers."""

_NAME = re.compile(
    r"(?P<mission>S2[A-D])(?P<level>1C|2A)_(?P<day>[0-9]{8})_(?P<orbit>[0-9]{3})_(?P<site>[^_./]*)"
    r"_(?P<product>[A-Za-z0-9-]+)_(?P<resolution>10|20|60)"
)
_ENDINGS = (".tif", ".tiff", ".vrt", ".dat")
_ASIDE = re.compile("RGB[0-9a-f]{3}[BT]|SNW|WVP|AOT")


@dataclass(frozen=True, order=True)
class Name:
    """What the name of a file says, without its ending.

    Attributes:
        day: sensing date.
        orbit: relative orbit.
        site: name of the extent; empty where sen2r had none.
        mission: `S2A`.
        level: `1C` or `2A`.
        product: `BOA`, `SCL`, `NDVI`.
        resolution: 10, 20 or 60: sen2r's choice for the whole archive, SCL has 20 m pixels nevertheless.
    """

    day: pd.Timestamp
    orbit: int
    site: str
    mission: str
    level: str
    product: str
    resolution: int

    def __str__(self) -> str:
        taken = f"{self.mission}{self.level}_{self.day:%Y%m%d}_{self.orbit:03d}"
        return f"{taken}_{self.site}_{self.product}_{self.resolution}"


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None,
    *,
    root: Path | str,
    sites: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    orbits: Sequence[int] | None = None,
    scale: float = 1e-4,
    offset: float = 0.0,
    role: str = "clearing",
) -> None:
    """Describe the files below `root` as a raw data set; they stay where they are.

    All files of one satellite, date, relative orbit and site are one scene: BOA, TOA, SCL, TCI, and beside them, not
    read by rojsat, cloud probability and spectral indices under their own names (`TOA-NDVI` if made from L1C).
    The images `RGB432B` and the like are left aside: they are stretched by sen2r, `TCI` is ESA's own.

    Args:
        destination: folder of the raw data set.
        regions: what the scenes are for; without them every site is a region, as large as its rasters.
        root: folder of sen2r's output, at any depth.
        sites: extents or tiles to take, as in the names; null for all.
        start: first day to take, `2019-07-01`; null for no bound.
        end: last day to take, inclusive; null for no bound.
        orbits: relative orbits to take; null for all.
        scale: reflectance = stored * scale + offset.
        offset: see `scale`. sen2r takes the offset of processing baseline 04.00 out since version 1.5.2; what an older
            one made of such products needs -0.1 here.
        role: role of the regions that are made.

    Raises:
        ValueError: if there is nothing usable or nothing that is wanted, a file is broken or holds something else than
            its name says, the files of one site lie on two grids, or no scene touches a region.
    """
    folder, choice = Path(root), choose(start, end, orbits)
    _sites.check_role(role)
    files = _find(folder)
    there = sorted({name.site for name in files})
    for site in sites or ():
        if site not in there:
            raise lookup.unknown("site", site, there)
    wanted = {
        name: path
        for name, path in files.items()
        if choice.admits(name.day, name.orbit) and (sites is None or name.site in sites)
    }
    if not wanted:
        days = describe((name.day, name.orbit) for name in files)
        raise ValueError(f"no file of {folder} is wanted (sites, start, end, orbits); there are sites {there}, {days}")
    found = [(name.site or _sites.WHOLE, scene) for name, scene in _scenes(wanted, scale, offset)]
    grids = _sites.grids(found)
    listed = [scene for _, scene in found]
    if regions is None:
        region_files.write_regions(_sites.footprints(grids, role), destination / "regions.gpkg")
    else:
        _coverage.check(listed, regions)
    scenes.write(destination, listed, description=f"Output of sen2r in {folder.resolve()}")


def parse_name(text: str) -> Name:
    """Read the name of a file, without its ending.

    Raises:
        ValueError: if it is none of sen2r's, or its date or orbit does not exist.
    """
    match = _NAME.fullmatch(text)
    if match is None or int(match["orbit"]) not in ORBITS:
        raise ValueError(f"{text!r} is no name of sen2r's, as S2A2A_20190723_022_Barbellino_BOA_10")
    return Name(
        day=read_day(match["day"]),
        orbit=int(match["orbit"]),
        site=match["site"],
        mission=match["mission"],
        level=match["level"],
        product=match["product"],
        resolution=int(match["resolution"]),
    )


def _find(root: Path) -> dict[Name, Path]:
    """Files by their names, sorted; what is no use is named in the log."""
    if not root.is_dir():
        raise ValueError(f"{root} is no folder: data.root must name the folder of sen2r's output")
    found: dict[Name, Path] = {}
    aside: list[str] = []
    for path in sorted(path for path in root.rglob("*") if path.suffix in _ENDINGS and path.is_file()):
        try:
            name = parse_name(path.stem)
        except ValueError:
            aside.append(path.name)
            continue
        if name in found:
            raise ValueError(f"{found[name]} and {path} have one name; name one of their folders in data.root")
        if name.resolution != 10 or _ASIDE.fullmatch(name.product):
            aside.append(path.name)
        else:
            found[name] = path
    if aside:
        log.info("%d files are left aside, their names or products are of no use: %s", len(aside), ", ".join(aside))
    if not {name.product for name in found} & REFLECTANCE.keys():
        some = ", ".join(aside[:5]) or "none at all"
        raise ValueError(f"{root} holds no BOA or TOA of sen2r's with 10 m pixels; the other rasters there are: {some}")
    return dict(sorted(found.items()))


def _scenes(files: Mapping[Name, Path], scale: float, offset: float) -> list[tuple[Name, scenes.Scene]]:
    """First name and scene of each date, orbit, site and satellite.

    sen2r writes SCL also where it held back BOA as too cloudy: such dates are left out, and named in the log.
    """
    groups: dict[tuple[pd.Timestamp, int, str, str], dict[Name, Path]] = {}
    for name, path in files.items():
        groups.setdefault((name.day, name.orbit, name.site, name.mission), {})[name] = path
    found = []
    for group in groups.values():
        first = next(iter(group))
        if {name.product for name in group} & REFLECTANCE.keys():
            found.append((first, _scene({name: look(path.resolve()) for name, path in group.items()}, scale, offset)))
        else:
            log.warning("%s is left out: it has neither BOA nor TOA", first)
    if not found:
        raise ValueError(f"none of the wanted dates has BOA or TOA: {', '.join(str(name) for name in list(files)[:5])}")
    return found


def _scene(files: Mapping[Name, Raster], scale: float, offset: float) -> scenes.Scene:
    """The scene of the files of one date, orbit, site and satellite."""
    assets: dict[str, scenes.Asset] = {}
    first, crs = next(iter(files)), next(iter(files.values())).crs
    name = f"{_sites.scene_id(first.site or _sites.WHOLE, f'{first.day:%Y-%m-%d}', first.orbit)}_{first.mission}"
    for file, raster in files.items():
        if raster.crs != crs:
            raise ValueError(f"{raster.href} is in {raster.crs}, other files of that scene in {crs}")
        assets |= _assets(file, raster, scale, offset)
    return scenes.Scene(name, pd.Timestamp(f"{first.day:%Y-%m-%d}T12:00", tz="UTC"), first.orbit, crs, assets)


def _assets(name: Name, raster: Raster, scale: float, offset: float) -> dict[str, scenes.Asset]:
    """What a file holds.

    Raises:
        ValueError: if it has another number of bands than its product, or reflectance is no whole number.
    """
    keys = REFLECTANCE.get(name.product)
    if keys is not None:
        _expect(raster, len(keys), "ui")
        return {key: _asset(raster, number, scale, offset) for number, key in enumerate(keys, start=1)}
    if name.product in PLAIN:
        key, count = PLAIN[name.product]
        _expect(raster, count, "u")
        return {key: _asset(raster, 1, 1.0, 0.0)}
    _expect(raster, 1, "uif")
    whole = np.dtype(raster.dtypes[0]).kind != "f"
    key = name.product if name.level == "2A" else f"TOA-{name.product}"
    return {key: _asset(raster, 1, INDEX_SCALE if whole else 1.0, 0.0)}


def _expect(raster: Raster, count: int, kinds: str) -> None:
    if len(raster.dtypes) != count or any(np.dtype(dtype).kind not in kinds for dtype in raster.dtypes):
        raise ValueError(
            f"{raster.href} holds {len(raster.dtypes)} bands of {set(raster.dtypes)}, not {count} as sen2r's"
        )


def _asset(raster: Raster, band: int, scale: float, offset: float) -> scenes.Asset:
    return scenes.Asset(
        raster.href, raster.shape, raster.transform, raster.dtypes[band - 1], raster.nodata, scale, offset, band
    )
