"""Computed cloud masks: the network itself on a made scene, and what reaches chips."""

import importlib
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from scipy.ndimage import gaussian_filter
from shapely.geometry import box

from rojsat.geo.scenes import catalog, cloud_masks, csmask
from rojsat.geo.scenes.cog import write_cog

EAST, NORTH, CRS = 600000, 6500000, "EPSG:32633"
FOREST = dict(zip(csmask.BANDS, (0.03, 0.05, 0.03, 0.30, 0.15, 0.07), strict=True))
TEXTURE = ((2, 0.3), (6, 2.4), (16, 16.0))
"""Width of the filter, pixels, and weight of the parts of what makes a cloud look like one."""
WHITE = dict(zip(csmask.BANDS, (0.60, 0.60, 0.62, 0.68, 0.45, 0.35), strict=True))


def write_scene(raw, name="s1", prefix="", size=240, bands=csmask.BANDS, offset=0.0):
    """A forest with a cloud of some 500 m in its middle that thins out, and no data in its uppermost 40 m."""
    noise, assets = np.random.default_rng(0), {}
    texture = sum(weight * gaussian_filter(noise.normal(size=(size, size)), reach) for reach, weight in TEXTURE)
    texture /= texture.std()
    thickness = np.clip(1.5 - distance(size) / 50 + 0.3 * texture, 0, 1)
    for band in bands:
        step = 1 if band in ("B02", "B03", "B04", "B08") else 2
        forest = FOREST[band] * (1 + 0.1 * noise.normal(size=(size, size)))
        reflectance = forest * (1 - thickness) + WHITE[band] * (1 + 0.1 * texture) * thickness
        stored = np.round((reflectance - offset) * 1e4).astype(np.uint16)
        stored[:4] = 0
        stored = stored[::step, ::step]
        path, transform = raw / name / f"{prefix}{band}.tif", Affine(10 * step, 0, EAST, 0, -10 * step, NORTH)
        write_cog(path, stored, transform=transform, crs=CRS, nodata=0)
        assets[prefix + band] = catalog.Asset(str(path), stored.shape, transform, "uint16", 0, 1e-4, offset)
    return catalog.Scene(name, pd.Timestamp("2023-07-01T10:00", tz="UTC"), 22, CRS, assets)


def distance(size):
    """Pixels from the middle of a square."""
    rows, cols = np.mgrid[:size, :size] - (size - 1) / 2
    return np.hypot(rows, cols)


REGION = (EAST + 1100, NORTH - 1300, EAST + 1300, NORTH - 1100)  # in the cloud
FAR = (EAST + 90_000, NORTH - 90_100, EAST + 90_100, NORTH - 90_000)


@pytest.mark.parametrize(("prefix", "level", "offset"), [("", "l2a", -0.1), ("TOA-", "l1c", 0.0)])
def test_a_cloud_is_found_where_it_is(tmp_path, prefix, level, offset):
    pytest.importorskip("ukis_csmask")
    scene = write_scene(tmp_path, prefix=prefix, offset=offset)
    assert csmask.level(scene) == level
    network = csmask.CloudNetwork(level)
    classes = csmask.compute(scene, network, [REGION])
    away = distance(120)  # pixels of 20 m
    assert (classes[:2] == 0).all() and (classes[2:] > 0).all()
    assert (classes[away < 8] == 2).mean() > 0.99
    assert (classes[2:][away[2:] > 45] == 2).mean() < 0.03
    assert (csmask.compute(scene, network, [REGION]) == classes).all()  # the same again
    assert (csmask.compute(scene, network, [FAR]) == 0).all()


def test_tiles_cover_the_mask_once_and_leave_their_edges_unused():
    for shape in ((30, 500), (256, 257), (700, 191)):
        covered = np.zeros(shape, int)
        for rows, cols, top, left in csmask._tiles(*shape):
            covered[rows, cols] += 1
            for side, start, size in ((rows, top, shape[0]), (cols, left, shape[1])):
                assert start >= 0 and side.stop - start <= csmask.TILE and start + min(csmask.TILE, size) <= size
                assert side.start == 0 or side.start - start >= csmask.EDGE
                assert side.stop == size or start + csmask.TILE - side.stop >= csmask.EDGE
        assert (covered == 1).all()


def test_a_mask_does_not_depend_on_the_regions(tmp_path, monkeypatch):
    """A class comes from the tile of its place in the scene, whichever other tiles are computed."""
    scene, boxes = write_scene(tmp_path), [REGION, (EAST, NORTH - 100, EAST + 100, NORTH)]
    monkeypatch.setattr(csmask, "TILE", 64)
    monkeypatch.setattr(csmask, "EDGE", 8)
    monkeypatch.setattr(csmask, "AROUND", 0.0)

    class Darkest:
        def classify(self, reflectance):
            return np.uint8(1) + (reflectance[0] > reflectance[0].mean())

    everywhere = [tuple(scene.grid.boundingbox.bbox)]
    first, both, full = (csmask.compute(scene, Darkest(), each) for each in (boxes[:1], boxes, everywhere))
    assert (full[both > 0] == both[both > 0]).all() and (both[first > 0] == first[first > 0]).all()
    assert 0 < (first > 0).sum() < (both > 0).sum() < (full > 0).sum()


@pytest.mark.parametrize("missing", ["ukis_csmask", "onnxruntime"])
def test_without_its_packages_the_advice_is_what_to_install(monkeypatch, missing):
    import_module = importlib.import_module

    def without(name, *rest):
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return import_module(name, *rest)

    monkeypatch.setattr(csmask.importlib, "import_module", without)
    with pytest.raises(ValueError, match=rf'\({missing}\): pip install "rojsat\[clouds\]"'):
        cloud_masks.check("csmask")


def test_another_way_to_compute_masks_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'csmask'"):
        cloud_masks.check("csmsk")


def test_a_scene_without_a_band_is_refused_and_named(tmp_path):
    scene = write_scene(tmp_path, bands=("B02", "B03", "B04", "B08"), size=20)
    with pytest.raises(ValueError, match=r"scene s1 lacks B11, B12: data\.clouds=csmask needs B02"):
        csmask.level(scene)


def test_masks_are_added_to_scenes_that_have_none(tmp_path):
    pytest.importorskip("ukis_csmask")
    raw = tmp_path / "raw"
    first, second = write_scene(raw), write_scene(raw, "s2", size=60)
    path = raw / "s1" / "SCL.tif"
    transform = Affine(20, 0, EAST, 0, -20, NORTH)
    write_cog(path, np.full((120, 120), 4, np.uint8), transform=transform, crs=CRS, nodata=0)
    scl = catalog.Asset(str(path), (120, 120), transform, "uint8", 0)
    later = pd.Timestamp("2023-08-01T10:00", tz="UTC")
    scenes = [replace(first, assets={**first.assets, "SCL": scl}), replace(second, datetime=later)]
    catalog.write(raw, scenes, description="two")
    regions = gpd.GeoDataFrame({"region": ["1"], "role": "control"}, geometry=[box(*REGION)], crs=CRS)
    cloud_masks.add(raw, regions.to_crs("EPSG:4326"))
    with_scl, computed = catalog.read(raw)
    assert "CSMASK" not in with_scl.assets and "SCL" not in computed.assets
    asset = computed.assets["CSMASK"]
    assert (asset.shape, asset.resolution, asset.nodata) == ((30, 30), 20, 0)
    with rasterio.open(asset.href) as raster:
        assert raster.descriptions == ("CSMASK: 1 clear, 2 cloud, 3 shadow of a cloud",)
        before = raster.read(1)
    assert set(np.unique(before)) <= {0, 1, 2, 3}
    assert cloud_masks.words(catalog.read(raw)) == "SCL on 1 date, CSMASK on 1 date"
    assert (raw / "s2/s2.json").read_text().count(str(tmp_path)) == 0  # the folder can be renamed


def test_dates_without_a_mask_are_named(tmp_path):
    scenes = [write_scene(tmp_path, size=20)]
    assert cloud_masks.lacking(scenes) == ["2023-07-01"]
    assert cloud_masks.words(scenes) == "none on 1 (2023-07-01): clouds there count as clear ground"
