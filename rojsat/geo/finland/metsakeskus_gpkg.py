"""Stands in the GeoPackage that Metsäkeskus has of each municipality, `MV_*.gpkg`, or that `metsakeskus_wfs` wrote."""

import logging
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from rojsat.geo.finland import finnish_stands
from rojsat.geo.finland.finnish_stands import Operation, Stand, StandTable, TreeStand
from rojsat.geo.vectors import read_errors

log = logging.getLogger(__name__)

COLUMNS = {
    "stand": ["standid", "developmentclass", "maintreespecies", "fertilityclass", "soiltype"],
    "treestand": ["treestandid", "standid", "type", "date"],
    "treestratum": ["treestandid"],
    "operation": ["standid", "operationtype", "proposalyear"],
}
"""Columns that are read of each layer. Those of `operation` are named as in the XML, as all others are: no file that
has the layer was at hand."""

COMPLETED = "completiondate"
"""Column of `operation` that a file of proposals alone lacks, as what the WFS has is written."""


NEEDED = ("stand", "treestand", "treestratum")
"""Layers without which a file is refused; without `operation` no stand can have a label, and it is read."""

NO_COMPLETIONS = f"operation.{COMPLETED}"
"""Stands in `StandTable.absent` of a file that has proposals alone."""


def read(path: Path) -> StandTable:
    """Read the stands of a file; a layer that its contents name and that it lacks is named in a warning.

    Raises:
        ValueError: naming the file, if it does not exist, is no GeoPackage, lacks one of the layers `NEEDED` or
            columns of it, has another coordinate system than EPSG:3067, or holds no stand or two with one id; and
            the stand, if it has a number or a date that is none.
    """
    if not path.is_file():
        raise ValueError(f"{path} does not exist (it should be a GeoPackage of Metsäkeskus)")
    with _errors(path):
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        absent = sorted(set(_contents(path)) - set(layers))
    lacking = [layer for layer in NEEDED if layer not in layers]
    if lacking:
        raise ValueError(f"{path} lacks the layers {lacking}; it has {layers}: it is no GeoPackage of Metsäkeskus")
    if absent:
        log.warning("%s: its contents name the layers %s, which it lacks", path, ", ".join(absent))
    rows = _layer(path, "stand")
    if not isinstance(rows, gpd.GeoDataFrame) or rows.crs != finnish_stands.CRS:
        raise ValueError(f"{path}: its stands are not in {finnish_stands.CRS}, as those of Metsäkeskus are")
    names = [*COLUMNS["stand"], rows.geometry.name]
    stands = [
        Stand(str(stand), _code(phase), _code(species), _code(fertility), _code(soil), geometry)
        for stand, phase, species, fertility, soil, geometry in rows[names].itertuples(index=False, name=None)
    ]
    operations = _layer(path, "operation") if "operation" in layers else None
    if operations is not None and COMPLETED not in operations:
        log.warning("%s has proposals alone: no label is strong, and whether a weak one holds is less certain", path)
        absent.append(NO_COMPLETIONS)
    return finnish_stands.assemble(
        stands, _tree_stands(path), None if operations is None else _operations(operations, path), path, absent
    )


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Name the file in errors, and leave GDAL's warnings of absent layers to the one that `read` gives."""
    with read_errors.named(path, "a GeoPackage of Metsäkeskus"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*is referenced in gpkg_contents", RuntimeWarning)
        yield


def _contents(path: Path) -> list[str]:
    """Layers that the contents of the file name, whether it has them or not."""
    query = "SELECT table_name FROM gpkg_contents"
    return [str(name) for name in pyogrio.read_dataframe(path, sql=query, read_geometry=False)["table_name"]]


def _layer(path: Path, layer: str) -> pd.DataFrame:
    with _errors(path):
        table: pd.DataFrame = pyogrio.read_dataframe(path, layer=layer)
    table = table.rename(columns=str.lower)
    lacking = [column for column in COLUMNS[layer] if column not in table]
    if lacking:
        raise ValueError(f"{path}: the layer {layer!r} lacks the columns {lacking}; it has {list(table.columns)}")
    return table


def _tree_stands(path: Path) -> list[TreeStand]:
    strata = Counter(_layer(path, "treestratum")["treestandid"])
    rows = _layer(path, "treestand")[COLUMNS["treestand"]]
    return [
        TreeStand(
            str(stand),
            _code(kind),
            finnish_stands.day(_day(moment), f"{path}: stand {str(stand)!r}"),
            strata[tree_stand],
        )
        for tree_stand, stand, kind, moment in rows.itertuples(index=False, name=None)
    ]


def _operations(table: pd.DataFrame, path: Path) -> list[Operation]:
    completed = table[COMPLETED] if COMPLETED in table else pd.Series(None, table.index, dtype=object)
    rows = table[COLUMNS["operation"]].assign(completed=completed)
    return [
        Operation(
            str(stand),
            _code(code),
            finnish_stands.year(_code(proposed), f"{path}: stand {str(stand)!r}"),
            finnish_stands.day(_day(completed), f"{path}: stand {str(stand)!r}"),
        )
        for stand, code, proposed, completed in rows.itertuples(index=False, name=None)
    ]


def _code(value: Any) -> str | None:
    """A code as text: a column of whole numbers with gaps is one of floats in pandas."""
    if pd.isna(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def _day(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
