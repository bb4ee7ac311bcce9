"""Which files of a folder hold outlines of regions, what for, under which ids, with which labels."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from rojsat.chips import roles
from rojsat.geo.vectors import read_errors, region_areas, region_files, shapefiles, vector_formats

WGS84 = "EPSG:4326"

LABEL_WORDS = {
    roles.NEED: frozenset(["need", "needs", "behov", "rojning", "rojningsbehov", "rojs", "orojt"]),
    roles.CLEAR: frozenset(["clear", "clears", "cleared", "klar", "klara", "klart", "rojd", "rojda", "rojt"]),
}
"""Words in the name of a file, without accents, that say the label of all its stands: English and Swedish."""

ROLE_WORDS = {
    roles.STAND: frozenset(["stand", "stands", "bestand", "avdelning", "avdelningar"]),
    roles.CLEARING: frozenset(["clearing", "clearings", "object", "objects", "objekt", "rojningsobjekt", "roi"]),
    roles.CONTROL: frozenset(["control", "controls", "kontroll", "kontroller"]),
}
"""Likewise the role."""

ID_WORDS = ("region", "id", "stand", "object", "objekt", "bestand", "avdelning", "name", "namn", "nr", "number")
"""Names of columns that hold ids, the likeliest first."""


@dataclass(frozen=True)
class Outlines:
    """A layer of polygons.

    Attributes:
        path: of its file, relative to the folder.
        layer: its name; None where the file has one alone.
        regions: how many.
        hectares: area of each, sorted.
        columns: of its table, without the geometry.
        role: of `rojsat.chips.roles.ROLES`; None where neither columns nor the name say it.
        label: of all regions; None where the column `label` has it, or nothing says it.
        labels: regions by value of the column `label`; none where there is no such column.
        id_field: the column of ids; None where the readers find them by themselves: column `region`, or row numbers.
        id_choices: columns of which any may hold the ids; empty where that is clear.
        ids: by the column that holds them.
    """

    path: str
    layer: str | None
    regions: int
    hectares: Sequence[float]
    columns: Sequence[str]
    role: str | None
    label: str | None
    labels: Mapping[str, int]
    id_field: str | None
    id_choices: Sequence[str]
    ids: frozenset[str]

    @property
    def is_numbered(self) -> bool:
        """Whether ids are row numbers, because no column holds any."""
        return self.id_field is None and "region" not in self.columns and not self.id_choices

    def counted(self, label: str) -> int:
        """How many stands have a label."""
        if self.role != roles.STAND:
            return 0
        return self.regions if self.label == label else self.labels.get(label, 0)

    @property
    def lacks_label(self) -> bool:
        """Whether these are stands, or may be, and nothing says their label."""
        return self.role in (None, roles.STAND) and self.label is None and not self.labels


def layers(folder: Path, path: Path) -> list[tuple[str | None, str]]:
    """Layers of a vector file and the type of their geometry, `Polygon`, `Point`, …; one that is alone has no name.

    Raises:
        ValueError: if the file cannot be read.
    """
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        with read_errors.named(path, "a vector file"):
            types = gpd.read_parquet(folder / path).geom_type.dropna()
        return [(None, str(types.iloc[0]) if len(types) else "")]
    with read_errors.named(path, "a vector file"):
        vector_formats.check(folder / path)
        shapefiles.check(folder / path)
        listed = [(str(name), str(kind or "")) for name, kind in pyogrio.list_layers(folder / path)]
    listed = [(name, _first_type(folder / path, name) if kind in ("", "Unknown") else kind) for name, kind in listed]
    return [(None, listed[0][1])] if len(listed) == 1 else [*listed]


def _first_type(path: Path, layer: str) -> str:
    """Type of the first geometry of a layer whose head names none."""
    types = pyogrio.read_dataframe(path, layer=layer, max_features=1)
    return str(types.geom_type.iloc[0]) if isinstance(types, gpd.GeoDataFrame) and len(types) else ""


def read(folder: Path, path: Path, layer: str | None) -> Outlines:
    """Look into a layer of polygons.

    Args:
        folder: that `path` is relative to.
        path: of the file.
        layer: its name; None for the only one.

    Raises:
        ValueError: if the regions cannot be used, as `rojsat.geo.vectors.region_files.read_regions` says.
    """
    table = _table(folder / path, layer)
    columns = [str(name) for name in table.columns if name != table.geometry.name]
    id_field, choices = _ids(table, columns)
    ids = id_field or (choices[0] if choices else None)
    regions = region_files.read_regions(folder / path, role=roles.STAND, crs=WGS84, id_field=ids, layer=layer)
    labels = {str(label): int(count) for label, count in regions["label"].value_counts(sort=False).items()}
    role, label = meaning(f"{path.stem} {layer or ''}", list(labels))
    return Outlines(
        path.as_posix(),
        layer,
        len(regions),
        sorted(region_areas.hectares(regions)),
        columns,
        role,
        label,
        labels,
        id_field,
        choices,
        frozenset(regions["region"]),
    )


def meaning(name: str, labels: Sequence[str]) -> tuple[str | None, str | None]:
    """Role of the regions of a layer and label of all of them, from its name and its column `label`.

    Args:
        name: of the file and the layer.
        labels: values of the column; none where there is no such column.

    Returns:
        None for what they do not say, or say in two ways.
    """
    words = set(re.findall("[a-z]+", _without_accents(name)))
    roles_named = [role for role, known in ROLE_WORDS.items() if words & known]
    labels_named = [label for label, known in LABEL_WORDS.items() if words & known]
    if labels:
        roles_named = roles_named or ([roles.STAND] if set(labels) <= set(roles.CLASSES) else [])
        return (roles_named[0] if len(roles_named) == 1 else None), None
    if len(labels_named) == 1 and roles_named in ([], [roles.STAND]):
        return roles.STAND, labels_named[0]
    return (roles_named[0] if len(roles_named) == 1 and not labels_named else None), None


def _without_accents(text: str) -> str:
    """The text in lower case, `röjning` as `rojning`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _table(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    with read_errors.named(path, "a vector file"):
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            return gpd.read_parquet(path)
        return gpd.read_file(path, **({} if layer is None else {"layer": layer}))


def _ids(table: gpd.GeoDataFrame, columns: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The column of ids, and those of which any may be it; None and none where the readers find ids by themselves."""
    if "region" in columns:
        return None, ()
    unique = [column for column in columns if column not in ("label", "cleared") and _may_be_ids(table[column])]
    by_name = {_without_accents(column): column for column in unique}
    named = [by_name[word] for word in ID_WORDS if word in by_name]
    if named or len(unique) == 1:
        return (named or unique)[0], ()
    return None, unique


def _may_be_ids(values: pd.Series) -> bool:
    """Whether a column holds a text or an integer a row, no two alike."""
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    is_integer = is_number and bool((values.dropna() % 1 == 0).all())
    is_text = pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)
    return (is_integer or is_text) and bool(values.notna().all()) and not values.astype(str).duplicated().any()
