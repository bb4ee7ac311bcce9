"""Reads files of GPS points batch by batch, each by its format's reader."""

from collections.abc import Iterator
from pathlib import Path

from rojsat.geo.gps import csv_points, fit, kml, stanford, vector_points
from rojsat.geo.gps.batch import Batch
from rojsat.geo.vectors import read_errors

NOT_READ = {
    ".tcx": "TCX files are not read; export the activity as GPX or FIT",
    ".plt": "track logs of OziExplorer are not read; export the track as GPX",
    ".nmea": "NMEA logs are not read; export the track as GPX (GPSBabel: -i nmea -o gpx)",
    ".pri": "files of the old StanForD are not read; write StanForD 2010 (.hpr), or CSV with lon, lat and time",
    ".prd": "files of the old StanForD are not read; write StanForD 2010 (.hpr), or CSV with lon, lat and time",
    ".xlsx": "Excel files are not read; save the sheet as CSV (UTF-8)",
    ".xls": "Excel files are not read; save the sheet as CSV (UTF-8)",
} | {f"{ending}z": f"a packed {ending} is not read; unpack it" for ending in stanford.ENDINGS}
"""Endings of files of GPS points that people have, and what to do with them."""


def batches(path: Path, csv_crs: str | None) -> Iterator[Batch]:
    """Read a file of points.

    Args:
        path: `.gpx` (its track points), `.fit`, `.hpr`, `.mom`, `.hqc` or `.fpr` of forest machines, `.csv`, `.tsv` or
            `.txt` (columns lon and lat in WGS 84, or x and y in `csv_crs`), `.parquet` or `.geoparquet`, `.kml` or
            `.kmz` (their `gx:Track`, else points and lines), or any vector format of points or lines, whose vertices
            have no times; columns time and track if it has them, in any case.
        csv_crs: coordinate system of x and y in a CSV file.

    Raises:
        ValueError: naming the file, if it does not exist, is corrupt, states no CRS, or holds no points.
    """
    if not path.exists():
        raise ValueError(f"{path} does not exist (it should hold GPS points)")
    suffix = path.suffix.lower()
    if suffix in NOT_READ:
        raise ValueError(f"{path}: {NOT_READ[suffix]}")
    with read_errors.named(path, "GPS points"):
        if suffix in csv_points.ENDINGS:
            yield from csv_points.read(path, csv_crs)
        elif suffix in (".parquet", ".geoparquet"):
            yield from vector_points.read_parquet(path)
        elif suffix in stanford.ENDINGS or (suffix == ".xml" and stanford.is_stanford(path)):
            yield from stanford.read(path)
        elif suffix in kml.ENDINGS:
            yield from kml.read(path)
        elif suffix == ".fit":
            yield from fit.read(path)
        else:
            yield from vector_points.read(path)
