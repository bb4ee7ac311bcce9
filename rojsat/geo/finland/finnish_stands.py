"""One typed table of Finnish stands, whatever format their file has."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
from shapely import Geometry

from rojsat.geo.finland import codes

CRS = "EPSG:3067"
"""ETRS-TM35FIN, metres: the coordinate system of Finnish stand data."""

OBSERVED = "1"
"""Type of a tree stand that was observed; all other types are projections."""


class Stand(NamedTuple):
    """One stand.

    Attributes:
        stand: its id.
        development_class, species, fertility_class, soil_type: codes of `codes.yaml`; None where the file has none.
        geometry: its outline in `CRS`; None where the file has none.
    """

    stand: str
    development_class: str | None
    species: str | None
    fertility_class: str | None
    soil_type: str | None
    geometry: Geometry | None


class TreeStand(NamedTuple):
    """The trees of a stand on a day: observed (type 1), or projected (all other types).

    Attributes:
        stand: id of its stand.
        type: code of `codes.yaml`.
        date: day of the observation, or that projected to.
        strata: groups of trees that it has, 0 or more; with none, a date was entered and no tree described.
    """

    stand: str
    type: str | None
    date: date | None
    strata: int


class Operation(NamedTuple):
    """An operation that is proposed for a stand, or was completed in it.

    Attributes:
        stand: id of its stand.
        code: what it is, a code of `codes.yaml`.
        proposed: year that it is proposed for; None where it is no proposal.
        completed: day that it was completed; None where it was not.
    """

    stand: str
    code: str | None
    proposed: int | None
    completed: date | None


@dataclass(frozen=True)
class StandTable:
    """The stands of one file.

    Attributes:
        stands: one row a stand with the fields of `Stand`, in `CRS`, in the order of the file.
        tree_stands: observed and projected ones.
        operations: None where the file has no operations at all, so that nothing follows from a stand without any.
        absent: layers that the contents of the file name and the file lacks.
    """

    stands: gpd.GeoDataFrame
    tree_stands: Sequence[TreeStand]
    operations: Sequence[Operation] | None
    absent: Sequence[str] = field(default=())

    def prefixed(self, prefix: str) -> "StandTable":
        """The same table with a text before the id of every stand."""
        if not prefix:
            return self
        operations = self.operations and [row._replace(stand=prefix + row.stand) for row in self.operations]
        return replace(
            self,
            stands=self.stands.assign(stand=prefix + self.stands["stand"]),
            tree_stands=[row._replace(stand=prefix + row.stand) for row in self.tree_stands],
            operations=operations,
        )

    def unknown_codes(self) -> pd.DataFrame:
        """Codes that no list has, one row each: `list`, `code` and `times`."""
        columns = {kind: self.stands[kind] for kind in ("development_class", "species", "fertility_class", "soil_type")}
        columns["tree_stand_type"] = [tree_stand.type for tree_stand in self.tree_stands]
        columns["operation"] = [operation.code for operation in self.operations or ()]
        rows = [
            (kind, code, count)
            for kind, values in columns.items()
            for code, count in sorted(codes.unknown(kind, values).items())
        ]
        return pd.DataFrame(rows, columns=["list", "code", "times"])


def assemble(
    stands: Iterable[Stand],
    tree_stands: Sequence[TreeStand],
    operations: Sequence[Operation] | None,
    path: Path,
    absent: Sequence[str] = (),
) -> StandTable:
    """The table of what a reader read.

    Raises:
        ValueError: naming the file, if it holds no stand, or two with one id.
    """
    rows = list(stands)
    if not rows:
        raise ValueError(f"{path} holds no stand")
    twins = [stand for stand, count in Counter(row.stand for row in rows).items() if count > 1]
    if twins:
        raise ValueError(f"{path} holds the stand {twins[0]!r} more than once ({len(twins)} such stands)")
    frame = pd.DataFrame([row[:-1] for row in rows], columns=list(Stand._fields[:-1]), dtype=object)
    frame = frame.where(frame.notna(), None)
    geometry = gpd.GeoSeries([row.geometry for row in rows], crs=CRS)
    return StandTable(gpd.GeoDataFrame(frame, geometry=geometry), tree_stands, operations, absent)


def day(text: str | None, where: str) -> date | None:
    """The day that a text names, `2020-06-13` or with a time behind it; None of nothing.

    Raises:
        ValueError: naming where it stands, if it is no date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise ValueError(f"{where}: {text!r} is no date; it must be as 2020-06-13") from error


def year(text: str | None, where: str) -> int | None:
    """The year that a text names; None of nothing.

    Raises:
        ValueError: naming where it stands, if it is no year.
    """
    if text is None:
        return None
    if not (text.isdecimal() and len(text) == 4):
        raise ValueError(f"{where}: {text!r} is no year; it must be as 2025")
    return int(text)
