"""Mistakes and odd forms of the geometry of stands, of their layers and of their ids."""

import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio.raw
import shapely

from bench.silent_errors import by_hand, ground
from bench.silent_errors.ground import BANDS, EAST, NORTH, STANDS
from bench.silent_errors.sandbox import NAME, Sandbox
from bench.silent_errors.trials import Trial, case
from rojsat.geo.vectors import region_files

RED = BANDS.index("B04") + 1

CIRCULAR_STRING, CURVE_POLYGON = 8, 10
"""Types of geometry in the well-known binary form (OGC 06-103r4, table 7)."""


def _file(name: str) -> str:
    return f"{{path: {name}, role: stand, id_field: stand}}"


def _mean_trial(sandbox: Sandbox, path: Path) -> Trial:
    """The mean red reflectance of a stand, by both."""
    raster = ground.write_scene(sandbox.archive)

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name)]))
        return sandbox.mean("n1")

    return Trial(ground.mean("n1"), by_rojsat, lambda: by_hand.stand_mean(raster, path, "n1", band=RED))


@case(names=r"\b[ZM]\b|height|measure")
def outlines_with_heights_and_measures(sandbox: Sandbox) -> Trial:
    """The outlines of a Shapefile have heights (Z) and measures (M) beside their places."""
    table = ground.stands()
    shapes = []
    for shape in table.geometry:
        corners = ", ".join(f"{x} {y} 250 {number}" for number, (x, y) in enumerate(shape.exterior.coords))
        zm = shapely.from_wkt(f"POLYGON ZM (({corners}))")
        shapes.append(shapely.to_wkb(zm, flavor="iso", output_dimension=4))
    path = sandbox.archive / "stands.shp"
    columns = {name: table[name].to_numpy(dtype=object) for name in ("stand", "label")}
    pyogrio.raw.write(
        path,
        np.array(shapes, dtype=object),
        field_data=list(columns.values()),
        fields=list(columns),
        geometry_type="Measured 3D Polygon",
        crs=ground.CRS,
        driver="ESRI Shapefile",
    )
    return _mean_trial(sandbox, path)


@case(names=r"\bcurve|\barcs?\b")
def outline_of_arcs(sandbox: Sandbox) -> Trial:
    """The outline of a stand is a circle, stored as arcs through five points (CURVEPOLYGON), not as corners."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands().to_file(path, layer="stands")
    radius, x, y = 80.0, EAST + 300, NORTH - 300
    angles = np.radians([30, 100, 190, 250, 390])
    places = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
    places[-1] = places[0]
    arcs = struct.pack("<BII", 1, CIRCULAR_STRING, len(places)) + places.astype("<f8").tobytes()
    blob = struct.pack("<BII", 1, CURVE_POLYGON, 1) + arcs
    box = struct.pack("<4d", x - radius, x + radius, y - radius, y + radius)
    head = b"GP" + struct.pack("<BBi", 0, 0b11, int(ground.CRS.removeprefix("EPSG:"))) + box
    with sqlite3.connect(path) as file:
        triggers = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'stands'")
        for (name,) in triggers.fetchall():
            file.execute(f'DROP TRIGGER "{name}"')  # they call functions that only GDAL has
        file.execute("UPDATE stands SET geom = ? WHERE stand = 'n1'", (head + blob,))
        file.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name)]), ("raw",))
        regions = region_files.load_regions(sandbox.root / "data" / "raw" / NAME / "regions.gpkg").to_crs(ground.CRS)
        return float(regions.area[regions["region"] == "n1"].iloc[0])

    def by_script() -> float:
        table = gpd.read_file(path)
        return float(table.area[table["stand"] == "n1"].iloc[0])

    return Trial(np.pi * radius**2, by_rojsat, by_script, tolerance=0.01 * np.pi * radius**2)


@case(names="layer|empty")
def empty_layer_first(sandbox: Sandbox) -> Trial:
    """A GeoPackage has an empty layer, as a template leaves it, before the one with the stands."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands().iloc[:0].to_file(path, layer="template")
    ground.stands().to_file(path, layer="stands_2019")
    return _mean_trial(sandbox, path)


@case(names="unique")
def ids_that_differ_in_case(sandbox: Sandbox) -> Trial:
    """Two stands are n1 and N1: files named after them are one file where case does not count."""
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    table["stand"] = ["n1", "N1", "c1"]
    table.to_file(path)
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> int:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name)]))
        return int(sandbox.chips.index["region"].str.casefold().nunique())

    return Trial(3, by_rojsat, lambda: len({name.casefold() for name in by_hand.ids(path)}))


@case(names="unique|twice|blank|space|more than one")
def ids_with_trailing_blanks(sandbox: Sandbox) -> Trial:
    """The same stand is in two files, in one with a blank after its id."""
    ground.stands().to_file(sandbox.archive / "stands.gpkg")
    ground.stands({"n1 ": STANDS["n1"], "c9": (2, 50, 6, "clear")}).to_file(sandbox.archive / "more.gpkg")
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> int:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file("stands.gpkg"), _file("more.gpkg")]))
        return int(sandbox.chips.index["region"].nunique())

    def by_script() -> int:
        tables = [gpd.read_file(sandbox.archive / name) for name in ("stands.gpkg", "more.gpkg")]
        return int(pd.concat(tables)["stand"].nunique())

    return Trial(4, by_rojsat, by_script)
