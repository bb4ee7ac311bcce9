"""Mistakes in GeoTIFFs: their tags, their bands, their place, their names."""

from pathlib import Path

import numpy as np
import rasterio
import rasterio.warp
from affine import Affine

from bench.silent_errors import by_hand, ground
from bench.silent_errors.ground import DAY, EAST, NORTH
from bench.silent_errors.sandbox import Sandbox
from bench.silent_errors.trials import Trial, case

RED = ground.BANDS.index("B04") + 1
"""Band of the scenes' files that holds red."""


def _stands(sandbox: Sandbox) -> Path:
    path = sandbox.archive / "stands.gpkg"
    ground.stands().to_file(path)
    return path


def _mean(sandbox: Sandbox, *more: str, region: str = "n1", **options: object) -> float:
    sandbox.make(ground.tiff_words(sandbox.archive, *more, **options))
    return sandbox.mean(region)


def _trial(sandbox: Sandbox, raster: Path, *more: str, region: str = "n1", **script: float) -> Trial:
    """The mean red reflectance of a stand, by both."""
    stands = _stands(sandbox)
    return Trial(
        ground.mean(region),
        lambda: _mean(sandbox, *more, region=region),
        lambda: by_hand.stand_mean(raster, stands, region, band=RED, **script),
    )


@case(names="offset")
def offset_applied_twice(sandbox: Sandbox) -> Trial:
    """The file states that its offset is removed (scale 0.0001, offset 0), the user removes that of 05.00."""
    raster = ground.write_scene(sandbox.archive, scale=1e-4, offset=0.0)
    kinds = "{pattern: '{site}_{date}.tif', bands: [B02, B03, B04, B08], offset: -0.1}"
    more = f"data.options.files=[{kinds}, {{pattern: '{{site}}_{{date}}_scl.tif', bands: [SCL]}}]"
    return _trial(sandbox, raster, more, offset=-0.1)


@case(names="scale|offset")
def scale_and_offset_in_tags(sandbox: Sandbox) -> Trial:
    """Scale and offset stand in the file's tags alone."""
    raster = ground.write_scene(sandbox.archive, planes=ground.stored(offset=-0.1), scale=1e-4, offset=-0.1)
    return _trial(sandbox, raster)


@case(names="nodata|no data")
def nodata_in_tags(sandbox: Sandbox) -> Trial:
    """The file's tag says that 65535 is no data, a quarter of a stand is."""
    planes = ground.stored()
    for plane in planes:
        plane[10:14, 10:14] = 65535
    raster = ground.write_scene(sandbox.archive, planes=planes, nodata=65535)
    inside = ground.reflectance("B04")[10:18, 10:18].copy()
    inside[:4, :4] = np.nan
    trial = _trial(sandbox, raster)
    return Trial(float(np.nanmean(inside)), trial.rojsat, trial.by_hand)


@case(names="negative|int16")
def negative_reflectance(sandbox: Sandbox) -> Trial:
    """A signed raster has small negative reflectance over water, as the correction of the atmosphere leaves it."""
    planes = [plane.astype(np.int16) for plane in ground.stored()]
    for plane in planes:
        plane[10:12, 10:12] = -12
    raster = ground.write_scene(sandbox.archive, planes=planes)
    inside = np.round(ground.reflectance("B04")[10:18, 10:18], 4)
    inside[:2, :2] = 0.0001  # the smallest number that the store holds
    trial = _trial(sandbox, raster)
    return Trial(float(inside.mean()), trial.rojsat, trial.by_hand)


@case(names="uint8|8 bit|byte|true colour|scale")
def picture_declared_as_reflectance(sandbox: Sandbox) -> Trial:
    """A picture in 8 bits for looking at, stretched to 0 to 255, is declared as reflectance."""
    planes = [np.clip(ground.reflectance(band) * 710, 1, 255).astype(np.uint8) for band in ground.BANDS]
    return _trial(sandbox, ground.write_scene(sandbox.archive, planes=planes))


@case(names="description|band")
def bands_in_another_order(sandbox: Sandbox) -> Trial:
    """The file names its bands B08, B04, B03, B02; the user lists them the other way round."""
    order = ground.BANDS[::-1]
    raster = ground.write_scene(sandbox.archive, planes=ground.stored(order), descriptions=order)
    return _trial(sandbox, raster)


@case(names="point|half a pixel")
def pixel_is_point(sandbox: Sandbox) -> Trial:
    """The file states the centres of its pixels (AREA_OR_POINT=Point), not their corners."""
    return _trial(sandbox, ground.write_scene(sandbox.archive, tags={"AREA_OR_POINT": "Point"}))


@case(names="grid|pixels")
def bands_half_a_pixel_apart(sandbox: Sandbox) -> Trial:
    """Another program wrote the second date half a pixel to the east, on a grid that is not that of the first."""
    ground.write_scene(sandbox.archive)
    shifted = Affine(10, 0, EAST + 5, 0, -10, NORTH)
    raster = ground.write_scene(sandbox.archive, "2019-08-12", transform=shifted, classes=None)
    scl = np.full((30, 30), 4, np.uint8)
    ground.write_tiff(sandbox.archive / "a_2019-08-12_scl.tif", [scl], transform=Affine(20, 0, EAST + 5, 0, -20, NORTH))
    return _trial(sandbox, raster)


@case(names="upside down|north-up|rotated")
def rows_from_south_to_north(sandbox: Sandbox) -> Trial:
    """The rows of the file go from south to north, as a positive step in its transform states."""
    planes = [plane[::-1] for plane in ground.stored()]
    upward = Affine(10, 0, EAST, 0, 10, NORTH - 600)
    raster = ground.write_scene(sandbox.archive, planes=planes, transform=upward)
    return _trial(sandbox, raster)


@case(names="coordinate system|crs")
def raster_without_crs(sandbox: Sandbox) -> Trial:
    """The scene has no coordinate system."""
    return _trial(sandbox, ground.write_scene(sandbox.archive, crs=None))


@case(names="no scene touches|coordinate system|zone")
def raster_of_a_wrong_zone(sandbox: Sandbox) -> Trial:
    """The scene's numbers are those of UTM zone 33, its tag says zone 32."""
    path = ground.write_scene(sandbox.archive, crs="EPSG:32632", classes=None)
    ground.write_tiff(sandbox.archive / f"a_{DAY}_scl.tif", [np.full((30, 30), 4, np.uint8)], crs="EPSG:32632")
    return _trial(sandbox, path)


@case(names=r"aux\.xml|sidecar|georeferenc")
def sidecar_with_another_place(sandbox: Sandbox) -> Trial:
    """A file `.aux.xml` left beside the scene puts it 200 m to the west of what the scene itself states."""
    raster = ground.write_scene(sandbox.archive)
    aux = f"<PAMDataset><GeoTransform>{EAST - 200}, 10, 0, {NORTH}, 0, -10</GeoTransform></PAMDataset>"
    raster.with_name(f"{raster.name}.aux.xml").write_text(aux)
    return _trial(sandbox, raster)


@case(names="cut short|corrupt|truncated")
def tiff_cut_short(sandbox: Sandbox) -> Trial:
    """The copy of a scene was interrupted; its last blocks are missing."""
    raster = ground.write_scene(sandbox.archive, compress="deflate", tiled=True, blockxsize=16, blockysize=16)
    raster.write_bytes(raster.read_bytes()[: raster.stat().st_size * 2 // 3])
    return _trial(sandbox, raster, region="c1")


@case(names="two files|same|copy|identical")
def scene_twice_under_two_names(sandbox: Sandbox) -> Trial:
    """A scene lies in the folder twice, the second a copy under the name of another date."""
    ground.write_scene(sandbox.archive)
    ground.write_scene(sandbox.archive, "2019-08-12")
    _stands(sandbox)

    def by_rojsat() -> int:
        sandbox.make(ground.tiff_words(sandbox.archive))
        return int(sandbox.chips.index["date"].nunique())

    return Trial(1, by_rojsat, lambda: len({path.stem for path in sandbox.archive.glob("a_*[0-9].tif")}))


@case(names="snow|season|month")
def scene_of_another_season(sandbox: Sandbox) -> Trial:
    """One of two scenes is of January, all of it snow (class 11)."""
    ground.write_scene(sandbox.archive)
    snow = [np.full((60, 60), 8000, np.uint16)] * len(ground.BANDS)
    ground.write_scene(sandbox.archive, "2020-01-15", classes=11, planes=snow)
    stands = _stands(sandbox)

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive), ("raw", "masks", "chips", "inspect"))
        chips = sandbox.chips
        rows = chips.index[chips.index["region"] == "n1"]["chip"]
        return float(np.mean([chips.read(str(chip)).plane("B04")[chips.seen(str(chip))].mean() for chip in rows]))

    def by_script() -> float:
        files = sorted(sandbox.archive.glob("a_*[0-9].tif"))
        return float(np.mean([by_hand.stand_mean(path, stands, "n1", band=RED) for path in files]))

    return Trial(ground.mean("n1"), by_rojsat, by_script)


def _degrees(sandbox: Sandbox, degrees: np.ndarray, **options: object) -> Path:
    """A raster of degrees beside the scene."""
    return ground.write_tiff(sandbox.archive / "masks" / "a.tif", [degrees.astype(np.float32)], **options)


def _square() -> np.ndarray:
    """Degree 1 in the square of stand n1, 0 around it."""
    degrees = np.zeros((60, 60))
    degrees[10:18, 10:18] = 1
    return degrees


LABELS = ("data.labels.source=rasters", "data.options.label_rasters='masks/{site}.tif'", "data.options.role=clearing")


def _labelled_mean(sandbox: Sandbox) -> float:
    """Mean red reflectance where the degree is above a half, of the site's chip."""
    sandbox.make(ground.tiff_words(sandbox.archive, *LABELS, regions=()))
    chips = sandbox.chips
    name = str(chips.index["chip"].iloc[0])
    return float(chips.read(name).plane("B04")[chips.mask(name) > 0.5].mean())


@case(names="0 to 1|per cent|percent")
def degrees_in_per_cent(sandbox: Sandbox) -> Trial:
    """The degrees of need are in per cent, 0 to 100."""
    ground.write_scene(sandbox.archive)
    mask = _degrees(sandbox, 100 * _square())

    def by_rojsat() -> float:
        _labelled_mean(sandbox)
        known = sandbox.known(str(sandbox.chips.index["region"].iloc[0]))
        return float(known[known >= 0].mean())

    return Trial(float(_square().mean()), by_rojsat, lambda: by_hand.degree_mean(mask))


@case(names="pixels|grid")
def degrees_half_a_pixel_off(sandbox: Sandbox) -> Trial:
    """The raster of degrees is written half a pixel to the east of the scene's pixels, and says so."""
    raster = ground.write_scene(sandbox.archive)
    mask = _degrees(sandbox, _square(), transform=Affine(10, 0, EAST + 5, 0, -10, NORTH))
    return Trial(
        ground.mean("n1"), lambda: _labelled_mean(sandbox), lambda: by_hand.masked_mean(raster, mask, band=RED)
    )


@case(names="pixels|grid")
def degrees_cut_one_pixel_smaller(sandbox: Sandbox) -> Trial:
    """The raster of degrees begins a pixel further east and south than the scene, as its transform states."""
    raster = ground.write_scene(sandbox.archive)
    degrees = np.zeros((60, 60))
    degrees[9:17, 9:17] = 1
    mask = _degrees(sandbox, degrees, transform=Affine(10, 0, EAST + 10, 0, -10, NORTH - 10))
    return Trial(
        ground.mean("n1"), lambda: _labelled_mean(sandbox), lambda: by_hand.masked_mean(raster, mask, band=RED)
    )


@case(names="pixels|coordinate system|grid")
def degrees_in_another_system(sandbox: Sandbox) -> Trial:
    """The raster of degrees is in UTM zone 32, the scene in zone 33; both have 60 x 60 pixels."""
    raster = ground.write_scene(sandbox.archive)
    degrees, zone_32 = np.zeros((60, 60), np.float32), "EPSG:32632"
    left, bottom, right, top = rasterio.warp.transform_bounds(ground.CRS, zone_32, EAST, NORTH - 600, EAST + 600, NORTH)
    grid = Affine((right - left) / 60, 0, left, 0, -(top - bottom) / 60, top)
    rasterio.warp.reproject(
        _square().astype(np.float32),
        degrees,
        src_transform=Affine(10, 0, EAST, 0, -10, NORTH),
        src_crs=ground.CRS,
        dst_transform=grid,
        dst_crs=zone_32,
    )
    mask = _degrees(sandbox, degrees, crs=zone_32, transform=grid)
    return Trial(
        ground.mean("n1"), lambda: _labelled_mean(sandbox), lambda: by_hand.masked_mean(raster, mask, band=RED), 3e-3
    )
