"""Mistakes in GPS tracks."""

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import affinity

from bench.silent_errors import by_hand, ground
from bench.silent_errors.sandbox import NAME, Sandbox
from bench.silent_errors.trials import Trial, case
from rojsat.geo.gps import tracks

COUNT = 150
"""Points of a track."""

OBJECT = (20, 20, 15)
"""Column, row and side (10 m pixels) of the clearing object."""


def _objects(sandbox: Sandbox) -> Path:
    path = sandbox.archive / "objects.gpkg"
    shape = gpd.GeoDataFrame({"stand": ["1"]}, geometry=[ground.square(*OBJECT)], crs=ground.CRS)
    shape.to_file(path)
    return path


def track_words(sandbox: Sandbox, files: list[str], *options: str) -> list[str]:
    """Words of a data set whose labels come from GPS points in `objects.gpkg`."""
    return ground.tiff_words(
        sandbox.archive,
        "data.labels.source=gps",
        "data.labels.options={min_points: 10}",
        f"data.gps.files=[{', '.join(repr(name) for name in files)}]",
        f"data.gps.options={{{', '.join(options)}}}",
        regions=["{path: objects.gpkg, role: clearing, id_field: stand}"],
    )


def points_trial(sandbox: Sandbox, files: list[str], *options: str, right: Any = COUNT) -> Trial:
    """How many points lie in the object, by both."""
    ground.write_scene(sandbox.archive)
    objects = _objects(sandbox)

    def by_rojsat() -> int:
        sandbox.make(track_words(sandbox, files, *options), ("raw", "masks"))
        return len(tracks.load_tracks(sandbox.root / "data" / "raw" / NAME / "gps.parquet"))

    return Trial(right, by_rojsat, lambda: by_hand.points_inside([sandbox.archive / name for name in files], objects))


@case(names=r"same work|clock|[1-9]\d* (repeated|copied)")
def track_twice_in_two_formats(sandbox: Sandbox) -> Trial:
    """A track was exported twice, as GPX and as CSV with coordinates of five decimals."""
    points = ground.walk(COUNT, *OBJECT)
    ground.write_gpx(sandbox.archive / "a.gpx", points)
    points.round({"lon": 5, "lat": 5}).to_csv(sandbox.archive / "b.csv", index=False)
    return points_trial(sandbox, ["a.gpx", "b.csv"])


@case(names=r"same work|clock|[1-9]\d* (repeated|copied)")
def track_twice_in_two_zones(sandbox: Sandbox) -> Trial:
    """A track was exported twice, once with times of UTC, once with the clock of Stockholm and no zone."""
    points = ground.walk(COUNT, *OBJECT)
    ground.write_gpx(sandbox.archive / "a.gpx", points)
    local = pd.to_datetime(points["time"]).dt.tz_convert("Europe/Stockholm").dt.strftime("%Y-%m-%dT%H:%M:%S")
    points.assign(time=local).to_csv(sandbox.archive / "b.csv", index=False)
    return points_trial(sandbox, ["a.gpx", "b.csv"])


@case(names="swapped|axes")
def columns_swapped(sandbox: Sandbox) -> Trial:
    """A CSV whose column lat holds the longitude, and the other way round."""
    points = ground.walk(COUNT, *OBJECT).rename(columns={"lon": "lat", "lat": "lon"})
    points.to_csv(sandbox.archive / "a.csv", index=False)
    return points_trial(sandbox, ["a.csv"])


@case(names="clearing object")
def track_of_another_place(sandbox: Sandbox) -> Trial:
    """The track is of another object, ten kilometres away."""
    points = ground.walk(COUNT, 1020, 20, 15)
    ground.write_gpx(sandbox.archive / "a.gpx", points)
    return points_trial(sandbox, ["a.gpx"])


@case(names=r"[1-9]\d* outside")
def half_outside_of_objects(sandbox: Sandbox) -> Trial:
    """Half of the points lie on the way to the object, outside of it."""
    points = pd.concat([ground.walk(COUNT, *OBJECT), ground.walk(COUNT, 40, 40, 15, seed=1)])
    ground.write_gpx(sandbox.archive / "a.gpx", points)
    return points_trial(sandbox, ["a.gpx"])


@case(names=r"scenes? .*(year|20\d\d)|year.*scene")
def track_of_another_year(sandbox: Sandbox) -> Trial:
    """The work was done four years after the only scene: it shows another forest than the points tell of."""
    points = ground.walk(COUNT, *OBJECT)
    ground.write_gpx(sandbox.archive / "a.gpx", points.assign(time=points["time"].str.replace("2019", "2023")))
    trial = points_trial(sandbox, ["a.gpx"])

    def by_rojsat() -> int:
        sandbox.make(track_words(sandbox, ["a.gpx"]), ("raw", "masks", "chips", "inspect"))
        return COUNT

    return Trial(0, by_rojsat, trial.by_hand)


@case(names=r"[1-9]\d* impossible")
def clock_of_1980(sandbox: Sandbox) -> Trial:
    """A device without a fix has given every point of its first half the year 1901."""
    points = ground.walk(COUNT, *OBJECT)
    points.loc[: COUNT // 2 - 1, "time"] = "1901-12-13T20:45:52Z"
    ground.write_gpx(sandbox.archive / "a.gpx", points)
    return points_trial(sandbox, ["a.gpx"])


@case(names="waypoint")
def waypoints_in_one_file(sandbox: Sandbox) -> Trial:
    """One of two files holds its points as waypoints, no track."""
    points = ground.walk(COUNT, *OBJECT)
    ground.write_gpx(sandbox.archive / "a.gpx", points[:75])
    ground.write_gpx(sandbox.archive / "b.gpx", points[75:], "wpt")
    trial = points_trial(sandbox, ["a.gpx", "b.gpx"])

    def by_script() -> int:
        objects = gpd.read_file(sandbox.archive / "objects.gpkg").to_crs("EPSG:4326")
        tables = [gpd.read_file(sandbox.archive / name, layer="track_points") for name in ("a.gpx", "b.gpx")]
        return len(gpd.sjoin(pd.concat(tables), objects, predicate="within"))

    return Trial(COUNT, trial.rojsat, by_script)


@case(names="times? (can|of)|cannot be read|unreadable")
def times_in_two_forms(sandbox: Sandbox) -> Trial:
    """Half of the times are written as 03/06/2019 08.37, which may be March or June."""
    points = ground.walk(COUNT, *OBJECT)
    late = pd.to_datetime(points["time"][75:]).dt.strftime("%d/%m/%Y %H.%M")
    points.loc[75:, "time"] = late
    points.to_csv(sandbox.archive / "a.csv", index=False)
    points_trial(sandbox, ["a.csv"])

    def by_rojsat() -> int:
        sandbox.make(track_words(sandbox, ["a.csv"]), ("raw",))
        points = tracks.load_tracks(sandbox.root / "data" / "raw" / NAME / "gps.parquet")
        return int((~np.isnat(points.time)).sum())

    def by_script() -> int:
        table = pd.read_csv(sandbox.archive / "a.csv")
        return int(pd.to_datetime(table["time"], errors="coerce").notna().sum())

    return Trial(COUNT, by_rojsat, by_script)


@case(names="UTF-16|encod")
def text_in_utf_16(sandbox: Sandbox) -> Trial:
    """A CSV saved as Unicode by a spreadsheet is UTF-16."""
    ground.walk(COUNT, *OBJECT).to_csv(sandbox.archive / "a.csv", index=False, encoding="utf-16")
    return points_trial(sandbox, ["a.csv"])


@case(names=r"[1-9]\d* fast")
def drive_across_the_object(sandbox: Sandbox) -> Trial:
    """The phone stayed on in the car: 40 points at 60 km/h, to and fro on a road across the object."""
    work = ground.walk(COUNT, *OBJECT)
    count = 40
    along = np.abs(np.arange(count) % 16 - 8) / 8 * 14
    x, y = ground.EAST + 10 * (20.5 + along), np.full(count, ground.NORTH - 10 * 27.5)
    road = gpd.GeoSeries.from_xy(x, y, crs=ground.CRS).to_crs("EPSG:4326")
    times = pd.date_range("2019-06-03T15:00:00Z", periods=count, freq="1s").strftime("%Y-%m-%dT%H:%M:%SZ")
    drive = pd.DataFrame({"lon": road.x.to_numpy(), "lat": road.y.to_numpy(), "time": times})
    ground.write_gpx(sandbox.archive / "a.gpx", pd.concat([work, drive]))
    trial = points_trial(sandbox, ["a.gpx"])
    return Trial(COUNT, trial.rojsat, trial.by_hand, tolerance=2)


@case(names=r"FIT|StanForD|\.hpr|export")
def file_of_a_harvester(sandbox: Sandbox) -> Trial:
    """The positions of a harvester come as StanForD 2010 (`.hpr`)."""
    points = ground.walk(COUNT, *OBJECT)
    space = 'xmlns="urn:skogforsk:stanford2010"'
    stems = "".join(
        f"<Stem><StemKey>{number}</StemKey><StemCoordinates receiverPosition='Base machine position'>"
        f"<Latitude latitudeCategory='North'>{row.lat:.8f}</Latitude>"
        f"<Longitude longitudeCategory='East'>{row.lon:.8f}</Longitude>"
        f"<CoordinateDate>{row.time}</CoordinateDate></StemCoordinates></Stem>"
        for number, row in enumerate(points.itertuples(), start=1)
    )
    head = "<?xml version='1.0' encoding='UTF-8'?>"
    text = f"{head}<HarvestedProduction {space}><Machine>{stems}</Machine></HarvestedProduction>"
    (sandbox.archive / "a.hpr").write_text(text)
    trial = points_trial(sandbox, ["a.hpr"])
    return Trial(COUNT, trial.rojsat, lambda: len(re.findall("<Latitude", (sandbox.archive / "a.hpr").read_text())))


@case(names="outline|polygon|outside of the object")
def object_across_its_box(sandbox: Sandbox) -> Trial:
    """A narrow object at 45 degrees: the pixels of its box that lie outside of it are no ground without need."""
    shape = affinity.rotate(affinity.scale(ground.square(15, 15, 30), 1, 0.1), 45)
    gpd.GeoDataFrame({"stand": ["1"]}, geometry=[shape], crs=ground.CRS).to_file(sandbox.archive / "objects.gpkg")
    draw = np.random.default_rng(0)
    left, bottom, right, top = shape.bounds
    x, y = draw.uniform(left, right, 20000), draw.uniform(bottom, top, 20000)
    spots = gpd.GeoSeries.from_xy(x, y, crs=ground.CRS)
    spots = spots[spots.within(shape)].to_crs("EPSG:4326")
    times = pd.date_range("2019-06-03T08:00:00Z", periods=len(spots), freq="30s").strftime("%Y-%m-%dT%H:%M:%SZ")
    points = pd.DataFrame({"lon": spots.x.to_numpy(), "lat": spots.y.to_numpy(), "time": times})
    ground.write_gpx(sandbox.archive / "a.gpx", points)
    ground.write_scene(sandbox.archive)
    rows, cols = np.mgrid[:60, :60] + 0.5
    centres = gpd.GeoSeries.from_xy(
        (ground.EAST + 10 * cols).ravel(), (ground.NORTH - 10 * rows).ravel(), crs=ground.CRS
    )
    inside = int(centres.within(shape).sum())

    def by_rojsat() -> int:
        sandbox.make(track_words(sandbox, ["a.gpx"]))
        return int((sandbox.known("1") >= 0).sum())

    def by_script() -> int:
        heat, _, _ = np.histogram2d(y, x, bins=(np.arange(bottom, top, 10), np.arange(left, right, 10)))
        return int(heat.size)

    return Trial(inside, by_rojsat, by_script, tolerance=inside * 0.1)
