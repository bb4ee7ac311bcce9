"""Reads the harvests around some regions from a register's file of any size, a batch of its polygons at a time."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import compress
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from rojsat.config import lookup
from rojsat.geo.harvests import harvest_table
from rojsat.geo.harvests.registers import REGISTERS, Register
from rojsat.geo.vectors import read_errors, vector_formats

log = logging.getLogger(__name__)

AROUND = 2000.0
"""Metres around the box of a region in which harvests are kept: more than chips have of surroundings."""

BATCH = 8192
"""Polygons in memory at a time."""

_POLYGON, _MULTIPOLYGON = 3, 6  # shapely's numbers of types


@dataclass
class Counts:
    """What became of the polygons near the regions.

    Attributes:
        kept: harvests in the table.
        undated: left aside, for their date is missing or none.
        shapeless: left aside, for they have no area, even repaired.
        repaired: kept, with an outline that was not valid before.
        others: left aside, for a stand still stands after them, by their kind.
    """

    kept: int = 0
    undated: int = 0
    shapeless: int = 0
    repaired: int = 0
    others: Counter[str] = field(default_factory=Counter)

    def facts(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {**vars(self), "others": dict(sorted(self.others.items()))}


def read(path: Path, register: str, regions: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Counts]:
    """Read the harvests near regions, of one file.

    Args:
        path: any vector file that GDAL reads: GeoPackage, GeoJSON of a WFS.
        register: name of the register that it is of, see `registers`.
        regions: in any CRS.

    Returns:
        The harvests as `harvest_table` has them, in the CRS of the regions, and what became of all polygons near them.

    Raises:
        UnknownNameError: if there is no such register.
        ValueError: naming the file, if it does not exist, cannot be read, lacks the layer, a column or a CRS, or none
            of the dates near the regions is one.
    """
    if register not in REGISTERS:
        raise lookup.unknown("register of harvests", register, REGISTERS)
    if not path.exists():
        raise ValueError(f"{path} does not exist (it should hold harvests of the register {register})")
    form, counts = REGISTERS[register], Counts()
    with read_errors.named(path, "a file of harvests"):
        vector_formats.check(path)
        layer = _layer(path, form)
        info = pyogrio.read_info(path, layer=layer)
    columns = _columns(path, info, form)
    if info["crs"] is None:
        raise ValueError(f"{path} has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
    boxes = _boxes(regions, info["crs"])
    days: list[str] = []
    shapes: list[NDArray[Any]] = []
    for dates, kinds, outlines in _batches(path, layer, columns, tuple(shapely.total_bounds(boxes))):
        near = np.unique(shapely.STRtree(outlines).query(boxes)[1])
        batch_days, kept = _dated([dates[row] for row in near], [kinds[row] for row in near], form, counts)
        batch_shapes, has_area = _repaired(outlines[near[kept]], counts)
        days += compress(batch_days, has_area)
        shapes.append(batch_shapes)
    counts.kept = len(days)
    if not days and counts.undated:
        raise ValueError(f"{path}: no date in its column {columns[0]!r} near the regions; dates are as 2020-06-13")
    _report(path, counts)
    return harvest_table.assemble(days, np.concatenate([*shapes, []]), form, info["crs"]).to_crs(regions.crs), counts


def _layer(path: Path, form: Register) -> str:
    """The register's layer, else the only one there is.

    Raises:
        ValueError: if there are several others.
    """
    names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    named = [name for name in names if name.lower() == form.layer.lower()]
    if not named and len(names) != 1:
        raise ValueError(f"it has the layers {names}, and no {form.layer!r}")
    return (named or names)[0]


def _columns(path: Path, info: dict[str, Any], form: Register) -> tuple[str, str]:
    """What the file calls the date and the kind of a harvest."""
    written = {str(name).lower(): str(name) for name in info["fields"]}
    lacking = [name for name in (form.date, form.kind) if name not in written]
    if lacking:
        raise ValueError(f"{path} lacks the columns {lacking} of its register; it has {list(written.values())}")
    return written[form.date], written[form.kind]


def _boxes(regions: gpd.GeoDataFrame, crs: str) -> NDArray[Any]:
    """The boxes of the regions in a CRS, with what is around them."""
    metric = regions.to_crs(regions.estimate_utm_crs())
    bounds = metric.bounds.to_numpy() + np.array([-AROUND, -AROUND, AROUND, AROUND])
    own = gpd.GeoSeries(shapely.box(*bounds.T), crs=metric.crs).to_crs(crs)
    return np.asarray(shapely.box(*own.bounds.to_numpy().T))


def _batches(
    path: Path, layer: str, columns: tuple[str, str], box: tuple[float, ...]
) -> Iterator[tuple[list[Any], list[Any], NDArray[Any]]]:
    """Dates, kinds and outlines of the polygons in a box, `BATCH` of them at a time."""
    with (
        read_errors.named(path, "a file of harvests"),
        pyogrio.open_arrow(
            path,
            layer=layer,
            columns=list(columns),
            bbox=box,
            batch_size=BATCH,
            datetime_as_string=True,
            use_pyarrow=True,
        ) as (meta, reader),
    ):
        geometry = meta["geometry_name"] or "wkb_geometry"
        for batch in reader:
            outlines = shapely.from_wkb(batch.column(geometry).to_numpy(zero_copy_only=False), on_invalid="ignore")
            dates, kinds = (batch.column(name).to_pylist() for name in columns)
            yield dates, kinds, shapely.force_2d(np.asarray(outlines))


def _dated(dates: list[Any], kinds: list[Any], form: Register, counts: Counts) -> tuple[list[str], NDArray[np.intp]]:
    """ISO days of the harvests that a new stand grows after and that have one, and their rows."""
    days, rows = [], []
    for row, (moment, kind) in enumerate(zip(dates, kinds, strict=True)):
        if (name := _kind(kind)) not in form.regeneration:
            counts.others[name or "none"] += 1
        elif (day := _day(moment)) is None:
            counts.undated += 1
        else:
            days.append(day)
            rows.append(row)
    return days, np.array(rows, np.intp)


def _kind(value: Any) -> str:
    """A code or word as text: a column of whole numbers with gaps is one of floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "").strip()


def _day(value: Any) -> str | None:
    """The ISO day of a date, of a time behind it or of a text with either; None if it is none."""
    try:
        return date.fromisoformat(str(value)[:10].replace("/", "-")).isoformat()
    except ValueError:
        return None


def _repaired(outlines: NDArray[Any], counts: Counts) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The outlines with an area, made valid where they were not, and which of all these are."""
    wrong = ~shapely.is_valid(outlines) & ~shapely.is_missing(outlines)
    outlines[wrong] = shapely.make_valid(outlines[wrong], method="structure", keep_collapsed=False)
    has_area = np.isin(shapely.get_type_id(outlines), (_POLYGON, _MULTIPOLYGON)) & (shapely.area(outlines) > 0)
    counts.repaired += int((wrong & has_area).sum())
    counts.shapeless += int((~has_area).sum())
    return outlines[has_area], has_area


def _report(path: Path, counts: Counts) -> None:
    others = ", ".join(f"{number} of kind {kind}" for kind, number in sorted(counts.others.items())) or "none"
    log.info("%s: %d harvests near the regions; left aside: %s", path, counts.kept, others)
    for count, words in (
        (counts.undated, "have no date and are left aside"),
        (counts.repaired, "had an outline that was not valid; it was repaired"),
        (counts.shapeless, "have no area and are left aside"),
    ):
        if count:
            log.warning("%s: %d harvests near the regions %s", path, count, words)
