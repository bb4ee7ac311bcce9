"""Whether a coordinate system leads to another by an operation whose accuracy is known."""

import warnings
from functools import cache

import pyproj
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup


@cache
def fault(source: pyproj.CRS, target: pyproj.CRS) -> str | None:
    """What is wrong with going from one coordinate system to another.

    PROJ offers an operation even where it knows nothing of how two datums lie to each other: a ballpark one, which may
    be wrong by hundreds of metres. Its accuracy is unknown.

    Args:
        source: coordinate system of some coordinates.
        target: that they are wanted in.

    Returns:
        Why not, in PROJ's own words; None if there is an operation of known accuracy, or none at all, which ends as
        PROJ's own error.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a better operation needs a grid: the accuracy is still known
        try:
            operations = TransformerGroup(source, target, always_xy=True).transformers
        except (ProjError, IndexError):  # the latter: pyproj, of an operation whose grid has no name
            return None
    if not operations or any(operation.accuracy >= 0 for operation in operations):
        return None
    words = operations[0].description
    return (
        f"its coordinate system {source.name!r} leads to {target.name!r} only with unknown accuracy (PROJ: {words}); "
        "positions may be wrong by hundreds of metres. State the system by its EPSG code (QGIS: Assign projection; "
        "ogr2ogr -a_srs EPSG:…)"
    )
