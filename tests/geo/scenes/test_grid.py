from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.grid import overlap_area, overlap_areas, region_grids, same_pixels
from rojsat.geo.vectors import region_files


def shifted(scene, east=0.0, crs=None, north=0.0):
    move = Affine.translation(east, north)
    assets = {name: replace(asset, transform=move @ asset.transform) for name, asset in scene.assets.items()}
    return replace(scene, id="moved", assets=assets, crs=crs or scene.crs)


@pytest.fixture
def regions(world):
    return region_files.load_regions(world / "regions.gpkg")


def test_a_grid_encloses_its_region_on_the_scenes_pixels(world, regions):
    grids = region_grids(catalog.read(world), regions)
    assert set(grids) == {"1", "2", "4", "n", "c"}  # no scene covers the far one
    assert grids["1"].shape == (10, 15)
    assert tuple(grids["1"].affine)[:6] == (10, 0, 500100, 0, -10, 6399800)
    assert grids["2"].shape == (16, 12)
    assert tuple(grids["2"].affine)[:6] == (10, 0, 500300, 0, -10, 6399700)


def test_a_region_in_another_coordinate_system_gets_the_same_grid(world, regions):
    grids = region_grids(catalog.read(world), regions.to_crs(regions.crs).to_crs("EPSG:3006"))
    assert grids["2"].shape == (16, 12)


def test_noise_below_a_millimetre_adds_no_pixels(world, regions):
    moved = regions.set_geometry(regions.translate(1e-7, -1e-7))
    assert region_grids(catalog.read(world), moved) == region_grids(catalog.read(world), regions)


def test_scenes_that_share_pixels_may_begin_elsewhere(world, regions):
    first = catalog.read(world)[0]
    moved = shifted(first, east=-120, north=60)
    assert same_pixels(first.grid, moved.grid)
    assert region_grids([first, moved], regions) == region_grids([first], regions)


def test_a_region_lies_on_the_pixels_that_most_of_its_scenes_share(world, regions):
    first, *others = catalog.read(world)
    odd = shifted(first, east=5.0)
    assert region_grids([odd, first, *others], regions) == region_grids([first], regions)
    assert region_grids([odd], regions)["1"].affine.c % 10 == 5


def test_ground_shared_with_a_scene_of_another_zone_is_measured(world, regions):
    grid = region_grids(catalog.read(world), regions)["1"]
    boxes = np.array([grid.boundingbox.bbox])
    west = GeoBox.from_bbox(grid.extent.to_crs("EPSG:32632").boundingbox, resolution=10)
    assert overlap_areas(west, boxes, str(grid.crs))[0] == pytest.approx(15 * 10 * 100)
    far = GeoBox.from_bbox((0, 0, 100, 100), "EPSG:32632", resolution=10)
    assert overlap_areas(far, boxes, str(grid.crs))[0] == 0


def test_shared_ground_is_measured(world, regions):
    grids = region_grids(catalog.read(world), regions)
    assert overlap_area(grids["n"], grids["c"]) == 2 * 6 * 100  # square metres
    assert overlap_area(grids["1"], grids["2"]) == 0
