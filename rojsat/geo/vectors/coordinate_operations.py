"""Whether a coordinate system leads to another by an operation whose accuracy is known."""

import warnings
from functools import cache

import pyproj
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup


def fault(source: pyproj.CRS, target: pyproj.CRS, at: tuple[float, float]) -> str | None:
    """What is wrong with going from one coordinate system to another at a place.

    PROJ offers an operation even where it knows nothing of how two datums lie to each other: a ballpark one, which may
    be wrong by hundreds of metres. Its accuracy is unknown.

    Args:
        source: coordinate system of some coordinates.
        target: that they are wanted in.
        at: some coordinates, x before y: of the operations that there are, PROJ takes one whose area holds them.

    Returns:
        Why not, in PROJ's own words; None if the operation is of known accuracy, or there is none at all, which ends
        as PROJ's own error.
    """
    words = _ballpark(source, target) or _ballpark_at(source, target, at)
    if words is None:
        return None
    return (
        f"its coordinate system {source.name!r} leads to {target.name!r} only with unknown accuracy (PROJ: {words}); "
        "positions may be wrong by hundreds of metres. State the system by its EPSG code (QGIS: Assign projection; "
        "ogr2ogr -a_srs EPSG:…), or write the coordinates in another one (ogr2ogr -t_srs EPSG:…)"
    )


@cache
def _ballpark(source: pyproj.CRS, target: pyproj.CRS) -> str | None:
    """The operation, if there are only ballpark ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a better operation needs a grid: the accuracy is still known
        try:
            operations = TransformerGroup(source, target, always_xy=True).transformers
        except (ProjError, IndexError):  # the latter: pyproj, of an operation whose grid has no name
            return None
    if not operations or any(operation.accuracy >= 0 for operation in operations):
        return None
    return str(operations[0].description)


def _ballpark_at(source: pyproj.CRS, target: pyproj.CRS, at: tuple[float, float]) -> str | None:
    """The operation that PROJ takes at a place, if it is a ballpark one: no other has an area that holds the place."""
    try:
        transformer = _transformer(source, target)
        transformer.transform(*at)
        used = transformer.get_last_used_operation()
    except ProjError:  # none is needed, or none does
        return None
    return str(used.description) if used.accuracy < 0 else None


@cache
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)
