"""A municipality of Finnish stands on this machine: young ones amid old forest, and scenes of two Julys over them.

The spectra are those of the simulated world. A stand whose tending was completed is in need before it and clear after;
of the others nine in ten are what the rule says of them. Spectra are more telling than real ones.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
from affine import Affine
from rasterio.features import rasterize
from shapely.geometry import Polygon, box, mapping

from rojsat.chips.bands import RESOLUTION
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources.simulated import ground, growth, landcover, noise, render, sensor, units
from rojsat.geo.sources.simulated.clearing_objects import ClearingObject
from rojsat.geo.sources.simulated.landcover import FOREST, Land
from rojsat.geo.sources.simulated.layout import WorldLayout
from rojsat.geo.sources.simulated.orbits import Acquisition
from rojsat.geo.sources.stac.presets import COMMON
from tests.support.finnish_files import MadeStand

CRS = "EPSG:32635"
"""Of scenes; the coordinates of EPSG:3067 in this zone are the same to a metre."""

EAST, NORTH = 348_000, 6_852_000
"""Upper-left corner of all, metres."""

CELL = 160.0  # metres: side of a stand
TILE = "35VLJ"
YEARS = (2019, 2020)
DAYS = ("2019-07-06", "2019-07-16", "2019-07-26", "2020-07-05", "2020-07-15", "2020-07-25")
TENDED = "2019-09-10"
"""Day on which tendings were completed: between the two Julys."""

SIGNAL = "strong"
"""How much spectra tell of what grows, see docs/world.md."""

RIGHT = 0.9
"""Share of stands of which a weak label is true."""

AGES = {"T1": (5, 8), "T2": (8, 15), "02": (14, 17), "04": (60, 100)}
"""Years of the trees by development class."""


def stands(across=24, down=20, seed=0):
    """Stands in rows: every second one of every second row is young, all others are old.

    Of the young ones a tenth was tended between the Julys, two fifths have a tending proposed, the others none.
    """
    draw = np.random.default_rng(seed)
    corner = draw.uniform(-15, 15, (down + 1, across + 1, 2)) + np.stack(
        np.meshgrid(EAST + 120 + CELL * np.arange(across + 1), NORTH - 120 - CELL * np.arange(down + 1)), axis=-1
    )
    stand_list = []
    for row in range(down):
        for column in range(across):
            ring = [corner[row, column], corner[row, column + 1], corner[row + 1, column + 1], corner[row + 1, column]]
            outline = Polygon([(round(x, 1), round(y, 1)) for x, y in ring])
            young = row % 2 == 0 and column % 2 == 0
            stand_list.append(_stand(str(1000 + len(stand_list)), outline, draw.random() if young else None))
    return stand_list


def _stand(number, outline, chance):
    if chance is None:
        return MadeStand(number, outline, "04", observed="2018-06-01")
    if chance < 0.1:
        return MadeStand(number, outline, "T2", (("740", None, TENDED),), "2018-06-01")
    if chance < 0.5:
        return MadeStand(number, outline, "T2" if chance < 0.3 else "T1", (("740", 2020, None),), "2018-06-01")
    return MadeStand(number, outline, "T2" if chance < 0.75 else "T1", (), "2018-06-01")


def truth(stand_list, seed=0):
    """Which young stands are in need before and after the day of the tendings, by number: a pair of bools."""
    draw = np.random.default_rng([seed, 1])
    known = {}
    for stand in stand_list:
        if stand.development_class in ("T1", "T2", "02"):
            is_true, proposed = draw.random() < RIGHT, bool(stand.operations)
            tended = proposed and stand.operations[0][2] is not None
            known[stand.number] = (True, False) if tended else (proposed == is_true, proposed == is_true)
    return known


def write_scenes(folder, stand_list, days=DAYS, seed=0):
    """Files of a scene a day, `folder/<day>/<band>.tif`; the size of their 10 m grid."""
    shape = _shape(stand_list)
    land, known = _land(stand_list, shape, seed), truth(stand_list, seed)
    for year in sorted({day[:4] for day in days}):
        of_year = [day for day in days if day[:4] == year]
        properties = _units(land, stand_list, known, is_after=of_year[0] > TENDED, seed=seed)
        need = growth.need(land, properties, seed)
        surface = ground.prepare(land, properties, growth.fractions(land, properties, need, seed), SIGNAL, seed)
        for day in of_year:
            moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=9, minute=50)
            cover = 0.3 if day == days[1] else 0.03
            rendering = render.scene(surface, Acquisition(moment, 65, "sentinel-2a", cover), seed, toa=False)
            for band, array in rendering.assets.items():
                _write(folder / day / f"{band}.tif", band, array)
    return shape


def _shape(stand_list):
    """Height and width in 10 m pixels, multiples of 6."""
    right = max(stand.outline.bounds[2] for stand in stand_list)
    bottom = min(stand.outline.bounds[1] for stand in stand_list)
    return tuple(int(-(-(length + 120) // 60) * 6) for length in (NORTH - bottom, right - EAST))


def _land(stand_list, shape, seed):
    drawn = landcover.build(WorldLayout(*shape, scenes=(), stands=0, town=12), seed)
    transform = Affine(10, 0, EAST, 0, -10, NORTH)
    unit = rasterize(
        [(stand.outline, number + 1) for number, stand in enumerate(stand_list)], out_shape=shape, transform=transform
    )
    zeros = np.zeros(shape, np.float32)
    forest = np.full(shape, FOREST, np.uint8)
    return Land(drawn.elevation, forest, unit.astype(np.int32), len(stand_list) + 1, zeros, zeros)


def _units(land, stand_list, known, *, is_after, seed):
    """Properties of the stands; unit 0 is the forest around them."""
    nothing = ClearingObject("0", 0, 0, 0, 0, np.zeros((0, 0), bool))
    drawn = units.draw(land, [nothing], "tight", seed)
    rng = noise.stream(seed, "finnish stands")
    age = np.full(len(stand_list) + 1, 80.0, np.float32)
    age[1:] = [rng.uniform(*AGES[stand.development_class]) for stand in stand_list]
    levels = np.zeros((2, len(stand_list) + 1), np.float32)
    for number, stand in enumerate(stand_list, 1):
        due, chances = known.get(stand.number, (None, None))[is_after], rng.random(2)
        if due is not None:
            low, high = (0.30, 0.85) if due else (-0.15, 0.18)
            levels[:, number] = low + (high - low) * chances
    return replace(drawn, age=age, sprouts=levels[0], crowding=levels[1])


def _write(path, band, array):
    step = RESOLUTION[band]
    optical = array.dtype == np.uint16
    write_cog(
        path,
        array,
        transform=Affine(step, 0, EAST, 0, -step, NORTH),
        crs=CRS,
        nodata=sensor.NODATA,
        scale=sensor.SCALE if optical else None,
        offset=sensor.OFFSET if optical else None,
    )


def items(url, shape, days=DAYS):
    """Items of the scenes as Earth Search gives them; their files lie at `url`."""
    height, width = shape
    corners = box(EAST, NORTH - 10 * height, EAST + 10 * width, NORTH)
    outline = gpd.GeoSeries([corners], crs=CRS).to_crs("EPSG:4326")[0]
    return [_item(url, day, height, width, outline) for day in days]


def _item(url, day, height, width, outline):
    compact = day.replace("-", "")
    assets = {}
    for band, key in COMMON.items():
        step = RESOLUTION[band]
        optical = band not in ("SCL", "TCI")
        declared = {"nodata": 0, "data_type": "uint16" if optical else "uint8"}
        assets[key] = {
            "href": f"{url}/{day}/{band}.tif",
            "proj:shape": [10 * height // step, 10 * width // step],
            "proj:transform": [step, 0, EAST, 0, -step, NORTH],
            "raster:bands": [declared | ({"scale": sensor.SCALE, "offset": sensor.OFFSET} if optical else {})],
        }
    properties = {
        "datetime": f"{day}T09:50:00Z",
        "platform": "sentinel-2a",
        "eo:cloud_cover": 5.0,
        "proj:epsg": int(CRS.removeprefix("EPSG:")),
        "s2:processing_baseline": "05.00",
        "s2:product_uri": f"S2A_MSIL2A_{compact}T095000_N0500_R065_T{TILE}_{compact}T120000.SAFE",
        "s2:datastrip_id": f"S2A_OPER_MSI_L2A_DS_2APS_{compact}T120000_S{compact}T095000_N05.00",
        "grid:code": f"MGRS-{TILE}",
    }
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"S2A_{TILE}_{compact}_0_L2A",
        "collection": "sentinel-2-l2a",
        "geometry": mapping(outline),
        "bbox": list(outline.bounds),
        "properties": properties,
        "links": [],
        "assets": assets,
    }
