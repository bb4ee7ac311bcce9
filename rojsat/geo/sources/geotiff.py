"""A folder of multi-band GeoTIFFs whose names say site and date, on whatever grids they are."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import rasterio
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from rojsat import catalog
from rojsat.geo import scenes, vectors
from rojsat.geo.grid import same_pixels

FIELDS = {
    "site": r"(?P<site>.+?)",
    "date": r"(?P<date>\d{4}-?\d{2}-?\d{2})",
    "year": r"(?P<year>\d{4})",
    "month": r"(?P<month>\d{2})",
    "day": r"(?P<day>\d{2})",
    "orbit": r"(?P<orbit>\d{1,3})",
    "any": r".*",
}
"""What a pattern may hold between braces."""

DAY = 15
"""Day of a composite whose name tells only year and month."""


def write(
    destination: Path,
    *,
    root: Path | str,
    pattern: str,
    bands: Sequence[str],
    scale: float = 1e-4,
    offset: float = 0.0,
    nodata: float | None = 0,
    relative_orbit: int = 0,
    regions: Path | str | None = None,
    region_role: str = "clearing",
    region_label: str | None = None,
    id_field: str | None = None,
    label_rasters: str | None = None,
    valid_rasters: str | None = None,
) -> None:
    """Describe the files of `root` as a raw data set; the rasters themselves stay where they are.

    Args:
        destination: an empty folder.
        root: folder of the files.
        pattern: their names under `root`, as in `scenes/{site}_{year}-{month}.tif`; one of `{date}` (2019-08-31 or
            20190831) or `{year}`, `{month}` and perhaps `{day}` (default 15) must be there, `{site}`, `{orbit}` and
            `{any}` may be. Every site and date is one file.
        bands: what each band of a file holds, in order: `B02`, `SCL`, `TOA-B02`; null for a band to leave out.
        scale: reflectance = stored * scale + offset.
        offset: see `scale`.
        nodata: stored number that means "no observation".
        relative_orbit: orbit of all files, where the pattern has no `{orbit}`; 0 = unknown.
        regions: vector file of the regions; without it every site is one, as large as its rasters.
        region_role: role of the regions.
        region_label: label of the regions; without it the file's column `label`.
        id_field: column with the ids of the regions.
        label_rasters: like `pattern` with `{site}` only: rasters with the degree in [0, 1] of each pixel.
        valid_rasters: likewise: rasters that are not 0 where a 0 of the label is to be trusted.

    Raises:
        ValueError: if `root` does not exist, no name matches, a file has another number of bands, no CRS, or the
            files of one site lie on two grids.
    """
    folder = Path(root)
    for name in bands:
        if name is not None and name not in scenes.NAMES:
            raise catalog.unknown("band", name, scenes.NAMES)
    found = [
        _scene(path, fields, bands, relative_orbit, scale=scale, offset=offset, nodata=nodata)
        for path, fields in _match(folder, pattern)
    ]
    sites = _sites(found)
    scenes.write(destination, [scene for _, scene in found], description=f"GeoTIFFs of {folder.resolve()}")
    vectors.write_regions(
        _footprints(sites, region_role, region_label)
        if regions is None
        else vectors.read_regions(
            regions, role=region_role, label=region_label, crs=found[0][1].crs, id_field=id_field
        ),
        destination / "regions.gpkg",
    )
    if label_rasters is not None:
        rasters = [_labels(folder, label_rasters, valid_rasters, site) for site in sites]
        (destination / "labels.json").write_text(json.dumps(rasters, indent=1) + "\n")


def _match(root: Path, pattern: str) -> list[tuple[Path, dict[str, str]]]:
    """Files under `root` that match the pattern, sorted, with what their names say."""
    if not root.is_dir():
        raise ValueError(f"{root} is no folder: data.root must name the folder of the GeoTIFFs")
    expression = _expression(pattern)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    names = {path: path.relative_to(root).as_posix() for path in files}
    found = [(path, match.groupdict()) for path, name in names.items() if (match := expression.fullmatch(name))]
    if not found:
        some = ", ".join(list(names.values())[:5]) or "none at all"
        raise ValueError(f"no file of {root} matches {pattern!r}; the files there are: {some}")
    return found


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w*)\}", pattern)  # text, field, text, field, …, text
    for field in parts[1::2]:
        if field not in FIELDS:
            raise catalog.unknown(f"pattern {pattern!r}: field", field, FIELDS)
    if "date" not in parts[1::2] and not {"year", "month"} <= set(parts[1::2]):
        raise ValueError(f"pattern {pattern!r} tells no date; it needs {{date}}, or {{year}} and {{month}}")
    return re.compile("".join(FIELDS[p] if n % 2 else re.escape(p) for n, p in enumerate(parts)))


def _scene(
    path: Path,
    fields: dict[str, str],
    bands: Sequence[str | None],
    relative_orbit: int,
    *,
    scale: float,
    offset: float,
    nodata: float | None,
) -> tuple[str, scenes.Scene]:
    with rasterio.open(path) as raster:
        if raster.count != len(bands):
            raise ValueError(f"{path} has {raster.count} bands, but {len(bands)} are named: {list(bands)}")
        if raster.crs is None:
            raise ValueError(f"{path} has no coordinate system; set it (gdal_edit.py -a_srs EPSG:…)")
        if raster.transform.b or raster.transform.d or raster.transform.e > 0:
            raise ValueError(f"{path} is rotated or upside down; bring it north up (gdalwarp)")
        shape, transform, crs, dtype = raster.shape, raster.transform, raster.crs.to_string(), raster.dtypes[0]
    href, assets = str(path.resolve()), {}
    for number, name in enumerate(bands, start=1):
        plain = name in ("SCL", "TCI")
        factor, shift = (1.0, 0.0) if plain else (scale, offset)
        if name is not None:
            assets[name] = scenes.Asset(href, shape, transform, dtype, nodata, factor, shift, number)
    site, orbit = fields.get("site", "all"), int(fields.get("orbit", relative_orbit))
    day = fields.get("date") or f"{fields['year']}-{fields['month']}-{fields.get('day', DAY)}"
    noon = pd.Timestamp(f"{day}T12:00", tz="UTC")
    return site, scenes.Scene(f"{site}_{noon:%Y-%m-%d}_{orbit:03d}", noon, orbit, crs, assets)


def _sites(found: Sequence[tuple[str, scenes.Scene]]) -> dict[str, GeoBox]:
    """Grid of each site, sorted."""
    sites: dict[str, scenes.Scene] = {}
    ids: set[str] = set()
    for site, scene in found:
        first = sites.setdefault(site, scene)
        if not same_pixels(first.grid, scene.grid):
            raise ValueError(f"site {site!r} lies on two grids: that of {first.id} and that of {scene.id}")
        if scene.id in ids:
            raise ValueError(f"two files are {scene.id}; let the pattern tell them apart by {{site}} or {{orbit}}")
        ids.add(scene.id)
    return {site: sites[site].grid for site in sorted(sites)}


def _footprints(sites: dict[str, GeoBox], role: str, label: str | None) -> gpd.GeoDataFrame:
    crs = str(next(iter(sites.values())).crs)
    columns = {"region": list(sites), "role": role, "label": label, "cleared": None}
    boxes = gpd.GeoSeries(
        [gpd.GeoSeries([box(*grid.boundingbox.bbox)], crs=str(grid.crs)).to_crs(crs)[0] for grid in sites.values()]
    )
    return gpd.GeoDataFrame(columns, geometry=boxes.to_numpy(), crs=crs)


def _labels(root: Path, label: str, valid: str | None, site: str) -> dict[str, str | None]:
    paths = {"label": root / label.format(site=site), "valid": root / valid.format(site=site) if valid else None}
    for kind, path in paths.items():
        if path is not None and not path.exists():
            raise ValueError(f"site {site!r} has no {kind} raster: {path} does not exist")
    return {kind: None if path is None else str(path.resolve()) for kind, path in paths.items()}
