"""What sen2r wrote: `S2A2A_20190723_022_<site>_BOA_10.tif`, in one folder or in one a product.

Names, products and bands: "Output file structure" of sen2r (Ranghetti et al. 2020, Computers & Geosciences 139).
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.chips import roles
from rojsat.chips.bands import BOA, TOA
from rojsat.config import lookup
from rojsat.geo.scenes import catalog
from rojsat.geo.sources import _coverage, _folder, _sites, _true_colour, _units
from rojsat.geo.sources._choice import Choice, choose, describe
from rojsat.geo.sources._rasters import Raster, look
from rojsat.geo.sources._sen2r_names import ENDINGS, FileName, usable_name
from rojsat.geo.sources._units import StatedUnits
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
"""Index = stored * scale: sen2r's default for integers."""


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None,
    *,
    root: Path | str,
    sites: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    orbits: Sequence[int] | None = None,
    scale: float | str | None = None,
    offset: float | str | None = None,
    role: str = roles.CLEARING,
    true_colour: str | None = None,
) -> None:
    """Describe the files below `root` as a raw data set; they stay where they are.

    All files of one satellite, date, relative orbit and site are one scene: BOA, TOA, SCL, TCI, and beside them, not
    read by rojsat, cloud probability and spectral indices under their own names (`TOA-NDVI` if made from L1C).
    The images `RGB432B` and the like are left out: they are stretched by sen2r, `TCI` is ESA's own.

    Args:
        destination: folder of the raw data set.
        regions: what the scenes are for; without them every site is a region, as large as its rasters.
        root: folder of sen2r's output, at any depth.
        sites: extents or tiles to take, as in the names; null for all.
        start: first day to take, `2019-07-01`; null for no bound.
        end: last day to take, inclusive; null for no bound.
        orbits: relative orbits to take; null for all.
        scale: reflectance = stored * scale + offset; null: what the file's tags state, else 0.0001.
        offset: see `scale`; null: what the tags state, else 0. sen2r takes the offset of processing baseline 04.00 out
            since version 1.5.2; what an older one made of such products needs -0.1 here.
        role: role of the regions that are made.
        true_colour: level of the true colour images, `L1C` or `L2A`; null: L2A where there is any, else L1C.

    Raises:
        ValueError: if there is nothing usable or nothing that is selected, a file is broken or holds something else
            than its name says, the files of one site lie on two grids, or no scene touches a region.
    """
    folder, choice = Path(root), choose(start, end, orbits)
    _sites.check_role(role)
    _true_colour.check(true_colour)
    files = _find(folder)
    site_scenes = _scenes(_select(files, sites, choice, folder), _units.options(scale, offset, None))
    grids = _sites.grids([(site, scene) for site, scene, _ in site_scenes])
    without_colour, images = zip(*((scene, by_level) for _, scene, by_level in site_scenes), strict=True)
    scenes = _true_colour.add(without_colour, images, true_colour)
    if regions is None:
        region_files.write_regions(_sites.footprints(grids, role), destination / "regions.gpkg")
    else:
        _coverage.check(scenes, regions)
    catalog.write(destination, scenes, description=f"Output of sen2r in {folder.resolve()}")


def _find(root: Path) -> dict[FileName, Path]:
    """Files by their names, sorted; the log names those of no use."""
    if not root.is_dir():
        raise ValueError(f"{root} is no folder: data.root must name the folder of sen2r's output")
    files: dict[FileName, Path] = {}
    skipped: list[str] = []
    for path in [root / name for name in _folder.files(root)]:
        if path.suffix.lower() not in ENDINGS:
            continue
        name = usable_name(path)
        if name is None:
            skipped.append(path.name)
        elif name in files:
            raise ValueError(f"{files[name]} and {path} have one name; name one of their folders in data.root")
        else:
            files[name] = path
    if skipped:
        log.info("%d files are left out, their names or products are of no use: %s", len(skipped), ", ".join(skipped))
    if not {name.product for name in files} & REFLECTANCE.keys():
        some = ", ".join(skipped[:5]) or "none at all"
        raise ValueError(f"{root} holds no BOA or TOA of sen2r's with 10 m pixels; the other rasters there are: {some}")
    return dict(sorted(files.items()))


def _select(
    files: Mapping[FileName, Path], sites: Sequence[str] | None, choice: Choice, folder: Path
) -> dict[FileName, Path]:
    available = sorted({name.site for name in files})
    if unknown := [site for site in sites or () if site not in available]:
        raise lookup.unknown("site", unknown[0], available)
    selected = {
        name: path
        for name, path in files.items()
        if choice.admits(name.day, name.orbit) and (sites is None or name.site in sites)
    }
    if not selected:
        days = describe((name.day, name.orbit) for name in files)
        raise ValueError(
            f"no file of {folder} is selected (sites, start, end, orbits); there are sites {available}, {days}"
        )
    return selected


def _scenes(
    files: Mapping[FileName, Path], chosen: StatedUnits
) -> list[tuple[str, catalog.Scene, dict[str, catalog.Asset]]]:
    """Site and scene of each date, orbit, site and satellite, and its true colour images by level.

    sen2r writes SCL also where it held back BOA as too cloudy: such dates are left out, and named in the log.
    """
    groups: dict[tuple[pd.Timestamp, int, str, str], dict[FileName, Path]] = {}
    for name, path in files.items():
        groups.setdefault((name.day, name.orbit, name.site, name.mission), {})[name] = path
    site_scenes = []
    for (_, _, site, _), group in groups.items():
        if {name.product for name in group} & REFLECTANCE.keys():
            rasters = {name: look(path.resolve()) for name, path in group.items()}
            site_scenes.append((site or _sites.NO_SITE, *_scene(rasters, chosen)))
        else:
            log.warning("%s is left out: it has neither BOA nor TOA", next(iter(group)))
    if not site_scenes:
        some = ", ".join(str(name) for name in list(files)[:5])
        raise ValueError(f"none of the selected dates has BOA or TOA: {some}")
    return site_scenes


def _scene(files: Mapping[FileName, Raster], chosen: StatedUnits) -> tuple[catalog.Scene, dict[str, catalog.Asset]]:
    """The scene of the files of one date, orbit, site and satellite, and its true colour images by level."""
    assets: dict[str, catalog.Asset] = {}
    images: dict[str, catalog.Asset] = {}
    first, crs = next(iter(files)), next(iter(files.values())).crs
    name = f"{_sites.scene_id(first.site or _sites.NO_SITE, f'{first.day:%Y-%m-%d}', first.orbit)}_{first.mission}"
    for file, raster in files.items():
        if raster.crs != crs:
            raise ValueError(f"{raster.href} is in {raster.crs}, other files of that scene in {crs}")
        of_file = _assets(file, raster, chosen)
        images |= {f"L{file.level}": of_file.pop("TCI")} if "TCI" in of_file else {}
        assets |= of_file
    noon = pd.Timestamp(f"{first.day:%Y-%m-%d}T12:00", tz="UTC")
    return catalog.Scene(name, noon, first.orbit, crs, assets), images


def _assets(name: FileName, raster: Raster, chosen: StatedUnits) -> dict[str, catalog.Asset]:
    """What a file holds.

    Raises:
        ValueError: if it has another number of bands than its product, or its reflectance is no integer.
    """
    keys = REFLECTANCE.get(name.product)
    if keys is not None:
        _expect(raster, len(keys), "ui")
        bands = enumerate(keys, start=1)
        return {key: _asset(raster, number, *_units.of_band(raster, number, chosen)) for number, key in bands}
    if name.product in PLAIN:
        key, count = PLAIN[name.product]
        _expect(raster, count, "u")
        return {key: _asset(raster, 1, 1.0, 0.0)}
    _expect(raster, 1, "uif")
    is_integer = np.dtype(raster.dtypes[0]).kind != "f"
    key = name.product if name.level == "2A" else f"TOA-{name.product}"
    return {key: _asset(raster, 1, INDEX_SCALE if is_integer else 1.0, 0.0)}


def _expect(raster: Raster, count: int, kinds: str) -> None:
    if len(raster.dtypes) != count or any(np.dtype(dtype).kind not in kinds for dtype in raster.dtypes):
        raise ValueError(
            f"{raster.href} holds {len(raster.dtypes)} bands of {set(raster.dtypes)}, not {count} as sen2r's"
        )


def _asset(raster: Raster, band: int, scale: float, offset: float) -> catalog.Asset:
    return catalog.Asset(
        raster.href, raster.shape, raster.transform, raster.dtypes[band - 1], raster.nodata, scale, offset, band
    )
