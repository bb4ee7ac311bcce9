"""Whatever goes wrong while a vector file is read is a ValueError that names the file."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from shapely.errors import ShapelyError

_ERRORS = (
    *(RuntimeError, OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error),
    *(pa.ArrowException, ShapelyError),
    NameError,  # pyogrio, where a .prj is no UTF-8
)
"""GDAL's, PROJ's and pyogrio's errors are RuntimeErrors; malformed metadata of GeoParquet are all the others."""

_UNKNOWN = "not recognized as being in a supported file format"
"""Words of GDAL, which goes on with advice that fits its own commands alone."""

_OF_NO_FORMAT = (
    "it is of no format that is read, or is damaged; export it as GeoPackage (QGIS: Export, Save Features As), tracks "
    "also as GPX or CSV"
)


@contextmanager
def named(path: Path, content: str) -> Iterator[None]:
    """Turn the errors of the libraries that read vectors into one.

    Args:
        path: the file that is read.
        content: what it should hold, for the message.

    Raises:
        ValueError: naming the file and the error, if the file is not what its name says.
    """
    try:
        yield
    except _ERRORS as error:
        words = _OF_NO_FORMAT if _UNKNOWN in str(error) else error
        raise ValueError(f"{path} cannot be read as {content}: {words}") from error
