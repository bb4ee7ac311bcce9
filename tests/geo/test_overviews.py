import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import box

from rojsat.geo import overviews
from rojsat.geo.scenes.catalog import Asset, Scene

CRS = "EPSG:32633"


def scene(folder, name, day, values):
    """A scene of 100 by 100 pixels of 10 m whose TCI is `values`, by column; 0 has no data."""
    transform = from_origin(600000, 6501000, 10, 10)
    file = folder / f"{name}.tif"
    planes = np.stack([np.tile(np.asarray(values, np.uint8), (100, 1))] * 3)
    with rasterio.open(
        file, "w", driver="GTiff", count=3, dtype="uint8", height=100, width=100, crs=CRS, transform=transform
    ) as raster:
        raster.write(planes)
    asset = Asset(str(file), (100, 100), transform, "uint8", 0)
    return Scene(name, pd.Timestamp(f"{day}T12:00", tz="UTC"), 22, CRS, {"TCI": asset})


@pytest.fixture
def regions():
    """Two squares in the middle of the scene."""
    squares = [box(600400, 6500400, 600500, 6500500), box(600500, 6500500, 600600, 6500600)]
    return gpd.GeoDataFrame({"role": ["stand", "control"]}, geometry=squares, crs=CRS).to_crs("EPSG:4326")


def test_a_frame_holds_all_regions_and_the_ground_around_them(tmp_path, regions):
    frame = overviews.frame([scene(tmp_path, "a", "2023-07-01", np.ones(100))], regions, 40)
    assert max(frame.shape) == 40
    assert frame.transform.a == pytest.approx(10, rel=0.01)  # 200 m of regions, 100 m on each side
    (role, ring), (other, _) = overviews.outlines(regions, frame)
    assert (role, other) == ("stand", "control")
    assert ring[:, 0].min() == pytest.approx(10, abs=0.2)
    assert ring[:, 1].max() == pytest.approx(30, abs=0.2)


def test_a_date_is_filled_by_its_scenes_and_unseen_ground_stays_without_data(tmp_path, regions):
    left, right = np.zeros(100), np.zeros(100)
    left[:50], right[40:70] = 51, 102
    scenes = [scene(tmp_path, "a", "2023-07-01", left), scene(tmp_path, "b", "2023-07-01", right)]
    scenes.append(scene(tmp_path, "c", "2023-08-01", np.full(100, 255)))
    frame = overviews.frame(scenes, regions, 40)
    first, second = overviews.each(scenes, frame)
    assert (first.date, second.date) == ("2023-07-01", "2023-08-01")
    np.testing.assert_allclose(first.colours[0, 20, [5, 30]], [0.2, 0.4], atol=0.01)
    assert np.isfinite(second.colours).all()
    only_left = next(overviews.each(scenes[:1], frame))
    assert np.isnan(only_left.colours[:, 20, 30]).all()
