"""Mistakes in files of stands: coordinates, coordinate systems, geometry, ids, layers, texts."""

import json
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon, mapping
from shapely.ops import transform

from bench.silent_errors import by_hand, ground
from bench.silent_errors.ground import BANDS, STANDS
from bench.silent_errors.sandbox import Sandbox, StoppedError
from bench.silent_errors.trials import Trial, case

RED = BANDS.index("B04") + 1

RT90 = (
    'PROJCS["RT90_25_gon_V",GEOGCS["GCS_RT90",DATUM["D_unknown",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",15.80827777777778],PARAMETER["scale_factor",1],'
    'PARAMETER["false_easting",1500000],PARAMETER["false_northing",0],UNIT["Meter",1]]'
)
"""A `.prj` as old programs wrote it: the datum is named by a word that nobody knows."""


def _file(name: str, more: str = "") -> str:
    return f"{{path: {name}, role: stand, id_field: stand{more}}}"


def _trial(
    sandbox: Sandbox,
    path: Path,
    region: str = "n1",
    more: str = "",
    right: float | None = None,
    tolerance: float = 2e-4,
) -> Trial:
    """The mean red reflectance of a stand, by both."""
    raster = ground.write_scene(sandbox.archive)

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name, more)]))
        return sandbox.mean(region)

    return Trial(
        ground.mean(region) if right is None else right,
        by_rojsat,
        lambda: by_hand.stand_mean(raster, path, region, band=RED),
        tolerance,
    )


TURNED = 3e-3
"""Tolerance where outlines come from another coordinate system: their boxes are turned by a part of a pixel."""


def _swapped(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table.set_geometry([transform(lambda x, y: (y, x), shape) for shape in table.geometry], crs=table.crs)


@case(names="swapped|latitude before longitude")
def axes_swapped_geojson(sandbox: Sandbox) -> Trial:
    """A GeoJSON with latitude before longitude."""
    path = sandbox.archive / "stands.geojson"
    table = ground.stands().to_crs("EPSG:4326")
    features = [
        {"type": "Feature", "properties": {"stand": row.stand, "label": row.label}, "geometry": mapping(row.geometry)}
        for row in _swapped(table).itertuples()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return _trial(sandbox, path, tolerance=TURNED)


@case(names="swapped|axis|axes")
def axes_of_gml(sandbox: Sandbox) -> Trial:
    """A GML of SWEREF 99 TM, whose axes are northing and easting as its standard demands."""
    path = sandbox.archive / "stands.gml"
    ground.stands().to_crs("EPSG:3006").to_file(path, driver="GML")
    return _trial(sandbox, path, tolerance=TURNED)


@case(names="swapped|axis|axes")
def northing_before_easting(sandbox: Sandbox) -> Trial:
    """A Shapefile of SWEREF 99 TM whose coordinates somebody wrote northing first."""
    path = sandbox.archive / "stands.shp"
    _swapped(ground.stands().to_crs("EPSG:3006")).to_file(path)
    return _trial(sandbox, path, tolerance=TURNED)


@case(names="coordinate system|crs|naive geometries")
def shapefile_without_prj(sandbox: Sandbox) -> Trial:
    """A Shapefile came without its `.prj`."""
    path = sandbox.archive / "stands.shp"
    ground.stands().to_crs("EPSG:3006").to_file(path)
    path.with_suffix(".prj").unlink()
    return _trial(sandbox, path, tolerance=TURNED)


@case(names="no scene touches|zone|coordinate system")
def stands_of_a_wrong_zone(sandbox: Sandbox) -> Trial:
    """Coordinates of UTM zone 33 are declared to be of zone 32."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands().set_crs("EPSG:32632", allow_override=True).to_file(path)
    return _trial(sandbox, path)


@case(names="accuracy|ballpark|datum")
def datum_of_unknown_name(sandbox: Sandbox) -> Trial:
    """RT 90 whose `.prj` names an unknown datum: without it, places are 190 m off."""
    path = sandbox.archive / "stands.shp"
    ground.stands().to_crs("EPSG:3021").to_file(path)
    path.with_suffix(".prj").write_text(RT90)
    return _trial(sandbox, path, tolerance=TURNED)


@case(names=r"far\b.*(no data|outside|no scene)|\|.*no data at all")
def stand_outside_all_scenes(sandbox: Sandbox) -> Trial:
    """One of three stands lies a kilometre outside of every scene."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands({**STANDS, "far": (160, 10, 8, "need")}).to_file(path)
    raster = ground.write_scene(sandbox.archive)

    def by_rojsat() -> int:
        sandbox.make(
            ground.tiff_words(sandbox.archive, regions=[_file(path.name)]), ("raw", "masks", "chips", "inspect")
        )
        return int(sandbox.chips.index["region"].nunique())

    def by_script() -> int:
        table = gpd.read_file(path)
        return len([by_hand.stand_mean(raster, path, name, band=RED) for name in table["stand"]])

    return Trial(3, by_rojsat, by_script)


@case(names="no data|nodata|edge|outside")
def stand_partly_outside(sandbox: Sandbox) -> Trial:
    """A quarter of a stand lies beyond the edge of the scene."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands({**STANDS, "edge": (54, 10, 8, "need")}).to_file(path)
    return _trial(sandbox, path, "edge", right=float(ground.reflectance("B04")[10:18, 54:60].mean()))


@case(names="unique|twice|duplicate")
def ids_twice(sandbox: Sandbox) -> Trial:
    """Two stands of a file have the same id."""
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    table.loc[1, "stand"] = "n1"
    table.to_file(path)
    return _trial(sandbox, path)


@case(names="rounded|precis|decimal")
def ids_that_are_rounded(sandbox: Sandbox) -> Trial:
    """Ids of 19 digits are numbers with decimals in the file, which cannot hold them all."""
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    exact = [1234567890123456788, 1234567890123456789, 1234567890123456790]
    table["stand"] = np.array(exact, float)
    table.to_file(path)
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> list[str]:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name)]))
        return sorted(sandbox.chips.index["region"].unique())

    return Trial([str(number) for number in exact], by_rojsat, lambda: by_hand.ids(path))


def _encoded(sandbox: Sandbox, names: list[str], written: str, cpg: str | None) -> Trial:
    path = sandbox.archive / "stands.shp"
    table = ground.stands()
    table["stand"] = names
    table.to_file(path, encoding=written)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> list[str]:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name)]))
        return sorted(sandbox.chips.index["region"].unique())

    return Trial(sorted(names), by_rojsat, lambda: by_hand.ids(path))


@case(names="encod|cpg")
def texts_without_cpg(sandbox: Sandbox) -> Trial:
    """A Shapefile with UTF-8 texts came without its `.cpg`."""
    return _encoded(sandbox, ["björkåsen", "älgmon", "tallhed"], "UTF-8", None)


@case(names="encod|cpg")
def texts_with_a_wrong_cpg(sandbox: Sandbox) -> Trial:
    """The `.cpg` of a Shapefile says UTF-8, its texts are Latin-1."""
    return _encoded(sandbox, ["björkåsen", "älgmon", "tallhed"], "ISO-8859-1", "UTF-8")


@case(names="layer")
def several_layers(sandbox: Sandbox) -> Trial:
    """A GeoPackage has a layer of the old stands before the one of this year's."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands({"n1": (30, 40, 8, "need"), "c1": (2, 2, 8, "clear")}).to_file(path, layer="stands_2012")
    ground.stands().to_file(path, layer="stands_2019")
    return _trial(sandbox, path)


@case(names="valid|self-intersect")
def outline_crosses_itself(sandbox: Sandbox) -> Trial:
    """The outline of a stand crosses itself, as a bow tie."""
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    corners = list(table.geometry[0].exterior.coords)[:4]
    table.loc[0, "geometry"] = Polygon([corners[0], corners[2], corners[1], corners[3]])
    table.to_file(path)
    raster = ground.write_scene(sandbox.archive)

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name)]))
        raise StoppedError(0, sandbox.text)

    assert raster.exists()
    return Trial(0.64, by_rojsat, lambda: float(gpd.read_file(path).area[0] / 1e4))


@case(names="part")
def stand_of_two_parts(sandbox: Sandbox) -> Trial:
    """A stand of two parts at the ends of the ground: most of its box is other forest."""
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    parts = [ground.square(2, 2, 4), ground.square(50, 50, 4)]
    table["geometry"] = [MultiPolygon(parts), *table.geometry[1:]]
    table.to_file(path)
    reflectance = ground.reflectance("B04")
    inside = np.concatenate([reflectance[2:6, 2:6].ravel(), reflectance[50:54, 50:54].ravel()])
    return _trial(sandbox, path, right=float(inside.mean()))


@case(names="geometry|polygon")
def row_without_geometry(sandbox: Sandbox) -> Trial:
    """One row of the file has no geometry."""
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    table.loc[2, "geometry"] = None
    table.to_file(path)
    trial = _trial(sandbox, path)

    def by_script() -> int:
        return len(gpd.read_file(path).dropna(subset="geometry"))

    return Trial(3, trial.rojsat, by_script)


@case(names="180|antimeridian")
def stand_across_the_antimeridian(sandbox: Sandbox) -> Trial:
    """A stand in Fiji, 400 m wide, lies across 180 degrees, in two halves as GeoJSON's standard demands."""
    path = sandbox.archive / "stands.geojson"
    west = Polygon([(179.998, -17), (180, -17), (180, -16.996), (179.998, -16.996)])
    shape = MultiPolygon([west, affinity.translate(west, xoff=-359.998)])
    feature = {"type": "Feature", "properties": {"stand": "f1", "label": "need"}, "geometry": mapping(shape)}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, regions=[_file(path.name)]))
        raise StoppedError(0, sandbox.text)

    def by_script() -> float:
        west_end, _, east_end, _ = gpd.read_file(path).total_bounds
        return float(east_end - west_end)

    return Trial(0.004, by_rojsat, by_script)


@case(names="changed|stands.gpkg|mended|again")
def stands_mended_after_the_chips(sandbox: Sandbox) -> Trial:
    """After the chips were cut a stand was moved to its true place in the file; the same commands are run again."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands({**STANDS, "n1": (30, 40, 8, "need")}).to_file(path)
    raster = ground.write_scene(sandbox.archive)
    kept: dict[str, float] = {}

    def by_rojsat() -> float:
        command_words = ground.tiff_words(sandbox.archive, regions=[_file(path.name)])
        sandbox.make(command_words)
        sandbox.text = ""
        _mend(path)
        sandbox.make(command_words)
        return sandbox.mean("n1")

    def by_script() -> float:
        """A script that keeps what it computed, as all do whose pixels take long."""
        ground.stands({**STANDS, "n1": (30, 40, 8, "need")}).to_file(path)
        for _ in range(2):
            if "n1" not in kept:
                kept["n1"] = by_hand.stand_mean(raster, path, "n1", band=RED)
            _mend(path)
        return kept["n1"]

    return Trial(ground.mean("n1"), by_rojsat, by_script)


def _mend(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path.unlink()
        ground.stands().to_file(path)
    assert pyogrio.list_layers(path)[0][0] == "stands"
