"""What the libraries that read vectors raise on files that are not what they say."""

import csv

import pyarrow as pa
from shapely.errors import ShapelyError

FAULTS = (
    *(RuntimeError, OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error),
    *(pa.ArrowException, ShapelyError),
    NameError,  # pyogrio, where a .prj is no UTF-8
)
"""GDAL's, PROJ's and pyogrio's errors are RuntimeErrors; malformed metadata of GeoParquet are all the others."""
