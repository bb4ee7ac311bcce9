"""Masks: the degree of need of every pixel of a region, kept as one COG a region."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError

from rojsat.chips.degree_scale import StoredHeat, degrees, stored_heat
from rojsat.config import file_names, lookup
from rojsat.geo import labels
from rojsat.geo.degrees import UNKNOWN, DatedLabel, Labels
from rojsat.geo.labels.made_values import MadeValues
from rojsat.geo.scenes import catalog, cog, raster_files
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.vectors import region_files

DATED = "labels.parquet"
"""Labels by day, where they depend on it."""


@dataclass(frozen=True)
class Masks:
    """Masks on disk, each read when it is asked for.

    Attributes:
        degree: degree of each labelled region on its grid, (h, w) float32 in [0, 1], -1 where unknown; of masks that
            hold heat, scaled over all regions.
        stored: what the masks hold: these degrees, or heat.
        grids: its grid.
        dropped: regions that cannot be used, and why.
        facts: all of `masks.json`.
        dated: of each region whose label depends on the day of the image, its labels by ISO date.
    """

    degree: Mapping[str, NDArray[np.float32]]
    stored: Mapping[str, NDArray[np.float32]]
    grids: Mapping[str, GeoBox]
    dropped: Mapping[str, str]
    facts: Mapping[str, Any]
    dated: Mapping[str, Mapping[str, DatedLabel]] = field(default_factory=dict)

    @property
    def heat(self) -> StoredHeat | None:
        """What the masks hold where they hold heat; None: degrees."""
        return stored_heat(self.facts)


def write(raw: Path, destination: Path, *, source: str, **options: Any) -> None:
    """Write the masks of a raw data set: `<region>.tif` for every labelled region, and `masks.json`.

    Args:
        raw: the raw data set.
        destination: an empty folder.
        source: a module of `rojsat.geo.labels`.
        options: its options.

    Raises:
        UnknownNameError: if there is no such source or option.
        ValueError: if the labels cannot be used; the message says why.
    """
    module = lookup.module(labels, source, "source of labels")
    find_labels = lookup.bind(module.masks, options, f"labels {source} (data.labels.options)")
    regions = region_files.load_regions(raw / "regions.gpkg")
    grids = region_grids(catalog.read(raw), regions)
    labelled: Labels = find_labels(raw, regions, grids)
    heat = stored_heat(labelled.facts)
    for region in sorted(labelled.masks):
        mask, grid = labelled.masks[region], grids[region]
        _check(region, mask, grid, heat)
        cog.write_cog(
            destination / f"{region}.tif",
            mask.astype(np.float32),
            transform=grid.affine,
            crs=str(grid.crs),
            nodata=UNKNOWN,
            descriptions=["degree" if heat is None else f"heat / ({heat.threshold:g} {heat.unit})"],
        )
    if labelled.dated is not None:
        labelled.dated.to_parquet(destination / DATED, index=False)
    regions_of = {"masks": sorted(labelled.masks), "dropped": dict(sorted(labelled.dropped.items()))}
    facts = {"source": source, "options": options, **labelled.facts, **regions_of}
    (destination / "masks.json").write_text(json.dumps(facts, indent=1) + "\n")


def read(path: Path) -> Masks:
    """Check what `write` wrote, every mask of it.

    Raises:
        ValueError: if it does not exist, or a file is missing, corrupt or no mask; the message names the command.
    """
    command = f"`python -m rojsat.stages.masks data={path.name}`"
    if not (path / "masks.json").exists():
        raise ValueError(f"{path} holds no masks; run {command}")
    grids: dict[str, GeoBox] = {}
    try:
        facts = json.loads((path / "masks.json").read_text())
        heat = stored_heat(facts)
        for region in facts["masks"]:
            mask, grids[region] = _read(path / f"{file_names.check(region, 'region')}.tif")
            _check(region, mask, grids[region], heat)
        stored = MadeValues(grids, lambda region: _read(path / f"{region}.tif")[0])
        degree = stored if heat is None else MadeValues(grids, lambda region: degrees(stored[region], 1))
        return Masks(degree, stored, grids, facts["dropped"], facts, _by_region(dated(path)))
    except (RasterioError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error}; delete that folder, then run {command}") from error


def dated(path: Path) -> pd.DataFrame | None:
    """Labels by day, as `Labels.dated` has them; None of labels that no day changes.

    Args:
        path: what `write` wrote.
    """
    if not (path / DATED).exists():
        return None
    table = pd.read_parquet(path / DATED)
    texts = table[["label", "strength"]].astype(object)
    return table.assign(**texts.where(texts.notna(), None))


def _by_region(table: pd.DataFrame | None) -> dict[str, dict[str, DatedLabel]]:
    by_region: dict[str, dict[str, DatedLabel]] = {}
    rows = () if table is None else table[["region", "date", *DatedLabel._fields]].to_numpy(object)
    for region, day, *label in rows:
        by_region.setdefault(region, {})[day] = DatedLabel(*label)
    return by_region


def counts(path: Path) -> dict[str, str]:
    """What is counted of marks on the page of a map, in words; nothing of other labels, or where there are no masks.

    Args:
        path: what `write` wrote.
    """
    file = path / "masks.json"
    facts = json.loads(file.read_text()) if file.exists() else {}
    if facts.get("source") != "corrections":
        return {}
    marks = ", ".join(f"{count} {need}" for need, count in sorted(facts["marks"].items()))
    pixels = ", ".join(f"{count} {kind}" for kind, count in facts["pixels"].items())
    missed = f"; without a pixel in a region: {len(facts['missed'])} marks" * bool(facts["missed"])
    contrary = f"; {facts['contradicting']} pixels contradict each other" * bool(facts["contradicting"])
    return {"marks": f"{marks}; pixels: {pixels}{contrary}{missed}"}


def warnings(path: Path) -> list[str]:
    """What is reported of masks beside their numbers, in sentences: need that a second source of labels denies.

    Args:
        path: what `write` wrote; nothing where there are none.
    """
    file = path / "masks.json"
    facts = json.loads(file.read_text()) if file.exists() else {}
    facts = facts.get("over") or facts  # marks over other labels deny nothing that these say
    count = facts.get("contradicting", 0)
    if facts.get("source") != "rasters" or not count:
        return []
    is_unknown = (facts.get("options") or {}).get("contradiction") == "unknown"
    need = facts["pixels"]["above_zero"] + count * is_unknown
    taken = "are unknown" if is_unknown else "count as need (data.labels.options.contradiction=unknown leaves them out)"
    return [
        f"{count} of the {need} labelled pixels of need ({count / need:.1%}) are denied by the second source "
        f"of labels, which has them as valid ground: they {taken}"
    ]


def _read(file: Path) -> tuple[NDArray[np.float32], GeoBox]:
    """Degree and grid of a file.

    Raises:
        ValueError: if it is no mask.
    """
    with raster_files.open_raster(file, complete=True) as raster:
        layout = {"bands": raster.count, "type": raster.dtypes[0], "nodata": raster.nodata}
        expected = {"bands": 1, "type": "float32", "nodata": UNKNOWN}
        if layout != expected:
            raise ValueError(f"{file.name} is no mask: it has {layout}, a mask {expected}")
        if raster.crs is None:
            raise ValueError(f"{file.name} is no mask: it has no coordinate system")
        return raster.read(1), GeoBox(raster.shape, raster.transform, raster.crs.to_string())


def _check(region: str, mask: NDArray[np.float32], grid: GeoBox, heat: StoredHeat | None) -> None:
    if mask.shape != tuple(grid.shape):
        raise ValueError(f"mask of region {region!r} is {mask.shape}; its grid is {tuple(grid.shape)}")
    known = mask[mask != UNKNOWN]
    most, limits = (1, "0 to 1") if heat is None else (np.finfo(np.float32).max, "0 up")
    if not ((known >= 0) & (known <= most)).all():
        raise ValueError(f"mask of region {region!r} goes from {known.min()} to {known.max()}, not {limits}")
