from dataclasses import replace

import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from scipy.ndimage import uniform_filter

from rojsat.geo.scenes.cog import write_cog
from rojsat.learn.data import series, tiles
from rojsat.maps import area_summary, cell_prediction, map_cells, map_making, scene_faults
from rojsat.maps.map_making import MapPlan
from tests.support import map_scenes


def context(batch):
    """A model that looks 3 pixels around: the mean of B08, three times."""
    images = np.nan_to_num(np.asarray(batch)[:, 1])
    return 3 * np.stack([uniform_filter(image, 7, mode="constant") for image in images])


def by_pixel(batch):
    """A model of single pixels: three times B08."""
    return 3 * np.asarray(batch)[:, 1]


def predictor(model, window):
    def predict(image, needed, cell):
        phase = map_cells.tile_phase(cell)
        firsts = (
            tiles.firsts_on_grid(*phase, window) if cell.name is None else tiles.firsts_of_region(cell.name, window)
        )
        return tiles.predict_image(image, needed, lambda batch: model(batch.numpy()), window=window, firsts=firsts)

    return predict


def predict(tmp_path, scenes, stands, model, card, *, size=map_cells.CELL, tiles="scene", name="out", stop=None):
    """Bands of the map by name; `stop`: predict so many cells alone, and no map."""
    planned = map_making.plan(scene_faults.usable(scenes, card), stands, card, tiles, size)
    out = tmp_path / name
    (out / "cells").mkdir(parents=True, exist_ok=True)
    predict_image = predictor(model, card.window)
    if stop is not None:
        planned = MapPlan(planned.grids, planned.cells[:stop], planned.visits, planned.scenes)
        return map_making.predict(planned, card, predict_image, out / "cells")
    map_making.predict(planned, card, predict_image, out / "cells")
    (path,) = map_making.rasters(planned, card, out / "cells", out)
    with rasterio.open(path) as raster:
        assert raster.crs == map_scenes.CRS and raster.units[0] == "degree, 0 to 1"
        return dict(zip(raster.descriptions, raster.read(), strict=True))


@pytest.fixture
def everything():
    return map_scenes.stands((0, 0, 80, 60))


def test_a_pixel_is_predicted_alike_however_the_map_is_cut(tmp_path, everything):
    scenes, card = [map_scenes.write_scene(tmp_path, "2019-07-11")], map_scenes.card()
    maps = [predict(tmp_path, scenes, everything, context, card, size=size, name=str(size)) for size in (512, 17)]
    assert maps[0]["degree"].shape == (60, 80), "the size of the scene, no ring is lost"
    assert np.isfinite(maps[0]["degree"]).all()
    for name, plane in maps[0].items():
        np.testing.assert_array_equal(plane, maps[1][name])
    part = predict(tmp_path, scenes, map_scenes.stands((30, 20, 9, 11)), context, card, name="part")
    np.testing.assert_array_equal(part["degree"], maps[0]["degree"][20:31, 30:39])


def test_overlapping_tiles_give_what_the_complete_image_gives(tmp_path, everything):
    scene = map_scenes.write_scene(tmp_path, "2019-07-11")
    tiled = predict(tmp_path, [scene], everything, by_pixel, map_scenes.card())["degree"]
    with rasterio.open(scene.assets["B08"].href) as raster:
        complete = by_pixel(np.stack([raster.read(1)] * 2)[None] * np.float32(1e-4) - np.float32(0.1))[0]
    np.testing.assert_allclose(tiled, np.clip(complete, 0, 1), atol=1e-6)


def test_dates_are_averaged_by_clearness_and_clouds_stay_nodata(tmp_path, everything):
    cloud, both = np.full((60, 80), 4), np.full((60, 80), 4)
    cloud[:, :40] = 9
    both[:30, :40] = 9
    scenes = [
        map_scenes.write_scene(tmp_path, "2019-07-11", scl=cloud),
        map_scenes.write_scene(tmp_path, "2019-08-20", scl=both),
    ]
    card = map_scenes.card()
    bands = predict(tmp_path, scenes, everything, by_pixel, card)
    alone = [predict(tmp_path, [scene], everything, by_pixel, card, name=scene.id) for scene in scenes]
    assert np.isnan(bands["degree"][:30, :40]).all() and np.isnan(bands["dates"][:30, :40]).all()
    np.testing.assert_array_equal(bands["degree"][30:, :40], alone[1]["degree"][30:, :40])  # one date: its own bits
    assert (bands["dates"][30:, :40] == 1).all() and (bands["dates"][:, 40:] == 2).all()
    middle = (alone[0]["degree"] + alone[1]["degree"])[:, 60:] / 2
    np.testing.assert_allclose(bands["degree"][:, 60:], middle, atol=1e-6)  # both clear all around
    near_cloud = (bands["degree"] - alone[0]["degree"])[40:, 41] / (alone[1]["degree"] - alone[0]["degree"])[40:, 41]
    assert (near_cloud > 0.6).all(), "the date without a cloud beside counts more"
    assert bands["newest"][40, 10] == 18128  # 2019-08-20


def test_a_map_that_is_killed_goes_on_and_ends_with_the_same_bits(tmp_path, everything):
    scenes, card = [map_scenes.write_scene(tmp_path, "2019-07-11")], map_scenes.card()
    how = {"size": 25, "name": "killed"}
    predict(tmp_path, scenes, everything, context, card, stop=4, **how)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "killed" / "cells").iterdir()}
    assert len(kept) == 4
    predict(tmp_path, scenes, everything, context, card, **how)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    predict(tmp_path, scenes, everything, context, card, size=25, name="at once")
    first, second = ((tmp_path / name / "degree.tif").read_bytes() for name in ("killed", "at once"))
    assert first == second


def test_another_map_in_the_same_folder_is_refused(tmp_path):
    map_making.begin(tmp_path, {"model": "a", "tiles": "scene"})
    map_making.begin(tmp_path, {"model": "a", "tiles": "scene"})
    with pytest.raises(ValueError, match=r"something else \(model\)"):
        map_making.begin(tmp_path, {"model": "b", "tiles": "scene"})


def two_dates(**changes):
    return map_scenes.card(dates=("2019-09-15", "2020-09-15"), **changes)


def test_a_model_that_compares_dates_gets_them_in_their_roles(tmp_path, everything):
    days = ("2021-07-01", "2022-07-02")
    scenes = [map_scenes.write_scene(tmp_path, day) for day in days]
    bands = predict(
        tmp_path, scenes, everything, lambda batch: 0.5 + np.asarray(batch)[:, 3] - batch[:, 1], two_dates()
    )
    values = [map_scenes.spectra((60, 80), seed=int(day[-2:]))["B08"] for day in days]
    np.testing.assert_allclose(bands["degree"], np.clip(0.5 + values[1] - values[0], 0, 1), atol=2e-4)
    assert bands["newest"][0, 0] == 19175


def test_a_model_of_all_dates_gets_each_pixel_on_the_dates_that_see_it(tmp_path, everything):
    cloud = np.full((60, 80), 4)
    cloud[:30, :40] = 9
    days = ("2021-05-02", "2021-07-02", "2021-09-09")
    scenes = [map_scenes.write_scene(tmp_path, day, scl=cloud if day == days[2] else 4) for day in days]
    card = map_scenes.card(blocks=4, reach=0, window=None)
    planned = map_making.plan(scene_faults.usable(scenes, card), everything, card, "scene", 25)
    got = []

    def mean_of_dates(image, needed, cell):
        dated = image.reshape(4, 5, *needed.shape)
        seen = dated[:, 2]
        if (np.nansum(seen, axis=0) == 3).all():
            got.append(dated[:, 3:, 0, 0])
        return np.nansum(np.where(seen == 1, dated[:, 1], 0), axis=0) / np.nansum(seen, axis=0)

    (tmp_path / "cells").mkdir()
    map_making.predict(planned, card, mean_of_dates, tmp_path / "cells")
    (path,) = map_making.rasters(planned, card, tmp_path / "cells", tmp_path)
    with rasterio.open(path) as raster:
        bands = dict(zip(raster.descriptions, raster.read(), strict=True))
    values = np.stack([map_scenes.spectra((60, 80), seed=int(day[-2:]))["B08"] for day in days])
    np.testing.assert_allclose(bands["degree"][30:], values.mean(axis=0)[30:], atol=1e-4)
    np.testing.assert_allclose(bands["degree"][:30, :40], values[:2].mean(axis=0)[:30, :40], atol=1e-4)
    assert (bands["dates"][:30, :40] == 2).all() and (bands["dates"][30:] == 3).all()
    assert bands["newest"][0, 0] == 18810 and bands["newest"][40, 0] == 18879  # 2 July and 9 September
    of_training = series.image(np.zeros((3, 2, 1, 1)), np.ones((3, 1, 1), bool), days, 4).reshape(4, 5)
    np.testing.assert_array_equal(got[0], of_training[:, 3:])  # the days of the year, and a block without a date
    with pytest.raises(ValueError, match="at most 2 dates at once .*2021-05-02, 2021-07-02, 2021-09-09"):
        map_making.plan(scenes, everything, map_scenes.card(blocks=2, reach=0), "scene")


def test_outlines_are_cut_as_chips_were(everything):
    grid = GeoBox((60, 80), Affine(10, 0, map_scenes.EAST, 0, -10, map_scenes.NORTH), map_scenes.CRS)
    grids = [map_cells.MapGrid(grid, {"a": grid})]
    cells = list(map_cells.of_outlines(grids, everything, 3, 10, size=64))
    assert [(cell.id, cell.name, cell.region.grid.shape) for cell in cells] == [
        ("0_a_0", "a", (60, 40)),
        ("0_a_1", "a", (60, 40)),
    ]
    assert cells[1].place(grids[0].grid) == (slice(0, 60), slice(40, 80)) and cells[1].needed.all()
    assert cells[1].region.chip_grid.shape == (66, 46)


def test_outlines_that_lie_far_apart_have_rasters_of_their_own():
    """Two near each other, one 280 km to the north-east."""
    corners = {"a": (0, 0), "b": (300, 50), "c": (20000, -20000)}
    boxes = {
        name: GeoBox(
            (10, 20), Affine(10, 0, map_scenes.EAST + 10 * col, 0, -10, map_scenes.NORTH - 10 * row), map_scenes.CRS
        )
        for name, (col, row) in corners.items()
    }
    assert [list(group) for group in map_cells._divided(boxes)] == [["a", "b"], ["c"]]
    near = {name: boxes[name] for name in "ab"}
    assert map_cells._divided(near) == [near]


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ([], "compares 2 dates \\(before, after\\), 0 are given"),
        (["2019-07-11"], "compares 2 dates"),
        (["2019-08-20", "2019-07-11"], "in the sequence before, after"),
        (["2019-07-11", "2019-08-21"], "no scene is of 2019-08-21; there are scenes of 2019-07-11, 2019-08-20"),
    ],
)
def test_dates_that_do_not_fit_the_roles_are_refused(tmp_path, dates, message):
    scenes = [map_scenes.write_scene(tmp_path, day, shape=(8, 8)) for day in ("2019-07-11", "2019-08-20")]
    with pytest.raises(ValueError, match=message):
        map_making.chosen(scenes, two_dates(), dates)


def test_scenes_are_looked_at_before_anything_is_predicted(tmp_path, everything):
    card = map_scenes.card()
    right = map_scenes.write_scene(tmp_path, "2019-07-11")
    unscaled = map_scenes.write_scene(
        tmp_path,
        "2019-08-20",
        scale=1.0,
        offset=0.0,
        reflectance={band: plane * 10000 for band, plane in map_scenes.spectra((60, 80)).items()},
    )
    (sentence,) = map_making.faults(map_making.plan([right, unscaled], everything, card, "scene"), card)
    assert sentence.startswith("scene S2A_20190820_022: its reflectance is") and "scale" in sentence


def test_what_cannot_be_mapped_is_refused(tmp_path, everything):
    scene = map_scenes.write_scene(tmp_path, "2019-07-11")
    with pytest.raises(ValueError, match="trained on boxes of regions.*tiles=outlines"):
        map_making.plan([scene], everything, map_scenes.card(window=None), "scene")
    with pytest.raises(ValueError, match="no scene covers any of 1 outlines"):
        map_making.plan([scene], map_scenes.stands((500, 500, 10, 10)), map_scenes.card(), "scene")


def test_surroundings_of_a_pixel_weigh_it_also_beside_a_cloud():
    seen = np.zeros((30, 30), bool)
    seen[3, 3] = True
    assert cell_prediction._clearness(seen)[3, 3] > 0


def test_complete_scenes_have_a_raster_a_tile_and_no_ring_is_lost(tmp_path):
    first = map_scenes.write_scene(tmp_path, "2019-07-11")
    later = map_scenes.write_scene(tmp_path, "2019-08-20", scl=np.where(np.arange(80) < 8, 9, 4))
    east = {
        name: replace(asset, transform=asset.transform * Affine.translation(76, 0))
        for name, asset in first.assets.items()
    }
    neighbour, card, out = replace(first, id="S2A_20190712_022", assets=east), map_scenes.card(), tmp_path / "all"
    neighbour = moved(neighbour, tmp_path)
    scenes = scene_faults.usable([first, later, neighbour], card)
    planned = map_making.plan(scenes, None, card, "scene", 25)
    folder = map_making.begin(out, map_making.state(card, "id", planned, None, "scene"))
    map_making.predict(planned, card, predictor(by_pixel, card.window), folder)
    paths = map_making.rasters(planned, card, folder, out)
    assert [path.name for path in paths] == ["degree_1.tif", "degree_2.tif"]
    with rasterio.open(paths[0]) as raster, rasterio.open(paths[1]) as beside:
        degree, dates = raster.read([1, 2])
        assert degree.shape == beside.shape == (60, 80) and raster.transform == first.assets["B04"].transform
        assert np.isfinite(degree).all() and np.isfinite(beside.read(1)).all()
        assert (dates[:, :8] == 1).all() and (dates[:, 8:76] == 2).all()
    numbers = area_summary.facts(planned, card, folder)
    assert numbers["area_ha"] == pytest.approx(2 * 48, rel=2e-3) and numbers["seen_ha"] == numbers["area_ha"]
    assert numbers["rasters"]["degree_1.tif"]["need_ha"] == pytest.approx(48 * (degree > 0.5).mean(), rel=2e-3)
    text = area_summary.words(numbers, card, ["a"])
    assert "96.1 ha" in text.splitlines()[0] and "degree_2.tif: " in text and card.verdict in text


def moved(scene, folder):
    """The scene with files of its own, where its assets say that they are."""
    assets = {}
    for name, asset in scene.assets.items():
        with rasterio.open(asset.href) as raster:
            array = raster.read()
        path = write_cog(
            folder / scene.id / f"{name}.tif", array, transform=asset.transform, crs=scene.crs, nodata=asset.nodata
        )
        assets[name] = replace(asset, href=str(path))
    return replace(scene, assets=assets)
