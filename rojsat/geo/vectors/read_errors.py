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
        raise ValueError(f"{path} cannot be read as {content}: {error}") from error
