"""Mistakes that programs make when they export GPS tracks: decimal commas, folders, forms of times."""

import zipfile
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd

from bench.silent_errors import ground
from bench.silent_errors.sandbox import NAME, Sandbox
from bench.silent_errors.tracks import COUNT, OBJECT, points_trial, track_words
from bench.silent_errors.trials import Trial, case
from rojsat.geo.gps import tracks

FIRST_DAY = "2019-06-03"
"""Of the tracks, that no form of a time may change."""


def _times_trial(sandbox: Sandbox, written: Callable[[pd.Series], pd.Series]) -> Trial:
    """The day of a CSV's first point, whose times are written in another form; what pandas makes of them by itself."""
    points = ground.walk(COUNT, *OBJECT)
    points.assign(time=written(pd.to_datetime(points["time"]))).to_csv(sandbox.archive / "a.csv", index=False)
    points_trial(sandbox, ["a.csv"])

    def by_rojsat() -> str:
        sandbox.make(track_words(sandbox, ["a.csv"]), ("raw",))
        return str(tracks.load_tracks(sandbox.root / "data" / "raw" / NAME / "gps.parquet").time[0])[:10]

    def by_script() -> str:
        return f"{pd.to_datetime(pd.read_csv(sandbox.archive / 'a.csv')['time']).iloc[0]:%Y-%m-%d}"

    return Trial(FIRST_DAY, by_rojsat, by_script)


@case(names="decimal comma")
def decimal_commas_in_csv(sandbox: Sandbox) -> Trial:
    """A spreadsheet of a Swedish computer writes 15,0834 and puts semicolons between the columns."""
    ground.walk(COUNT, *OBJECT).to_csv(sandbox.archive / "a.csv", index=False, sep=";", decimal=",")
    return points_trial(sandbox, ["a.csv"])


@case(names="decimal comma")
def decimal_commas_in_gpx(sandbox: Sandbox) -> Trial:
    """A program that asks the computer how to write numbers has put decimal commas into a GPX file."""
    path = sandbox.archive / "a.gpx"
    ground.write_gpx(path, ground.walk(COUNT, *OBJECT))
    lines = path.read_text().splitlines()
    path.write_text("\n".join(_with_commas(line) if "<trkpt" in line else line for line in lines))
    return points_trial(sandbox, ["a.gpx"])


def _with_commas(line: str) -> str:
    head, time = line.split("><time>")
    return f"{head.replace('.', ',')}><time>{time}"


@case(names="folder|layer")
def kmz_with_two_folders(sandbox: Sandbox) -> Trial:
    """A KMZ holds the points of two days in two folders."""
    points = ground.walk(COUNT, *OBJECT)
    folders = "".join(
        f"<Folder><name>{name}</name>{''.join(_placemark(row) for row in half.itertuples())}</Folder>"
        for name, half in (("Monday", points[:75]), ("Tuesday", points[75:]))
    )
    text = f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    with zipfile.ZipFile(sandbox.archive / "a.kmz", "w") as file:
        file.writestr("doc.kml", text)
    trial = points_trial(sandbox, ["a.kmz"])

    def by_script() -> int:
        objects = gpd.read_file(sandbox.archive / "objects.gpkg").to_crs("EPSG:4326")
        return len(gpd.sjoin(gpd.read_file(sandbox.archive / "a.kmz"), objects, predicate="within"))

    return Trial(COUNT, trial.rojsat, by_script)


def _placemark(row: Any) -> str:
    when = f"<TimeStamp><when>{row.time}</when></TimeStamp>"
    return f"<Placemark>{when}<Point><coordinates>{row.lon:.8f},{row.lat:.8f},0</coordinates></Point></Placemark>"


@case(names="day and month|cannot be read|unreadable")
def days_before_months(sandbox: Sandbox) -> Trial:
    """All times are written as 03/06/2019 08:37, the day first."""
    return _times_trial(sandbox, lambda times: times.dt.strftime("%d/%m/%Y %H:%M"))


@case(names="Excel")
def serial_days_of_excel(sandbox: Sandbox) -> Trial:
    """The times are the numbers that Excel stores, days since the end of 1899: 43619.35."""
    return _times_trial(sandbox, lambda times: (times - pd.Timestamp("1899-12-30", tz="UTC")) / pd.Timedelta("1D"))


@case(names="milliseconds")
def milliseconds_since_1970(sandbox: Sandbox) -> Trial:
    """The times are milliseconds since 1970, as phones count them: 1559548800000."""
    start = pd.Timestamp("1970-01-01", tz="UTC")
    return _times_trial(sandbox, lambda times: (times - start) // pd.Timedelta("1ms"))


@case(names="seconds since")
def seconds_since_1970(sandbox: Sandbox) -> Trial:
    """The times are seconds since 1970: 1559548800."""
    start = pd.Timestamp("1970-01-01", tz="UTC")
    return _times_trial(sandbox, lambda times: (times - start) // pd.Timedelta("1s"))


@case(names="sep=|separator")
def line_of_excel_before_the_header(sandbox: Sandbox) -> Trial:
    """A CSV begins with the line `sep=;` that tells Excel the separator."""
    text = ground.walk(COUNT, *OBJECT).to_csv(index=False, sep=";")
    (sandbox.archive / "a.csv").write_text(f"sep=;\n{text}")
    return points_trial(sandbox, ["a.csv"])
