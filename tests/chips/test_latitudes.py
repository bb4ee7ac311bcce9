import numpy as np
import pandas as pd
import pyproj
import pytest

from rojsat.chips import latitudes


@pytest.mark.parametrize(
    ("crs", "east", "north"),
    [
        ("EPSG:32633", 529_900.0, 6_477_810.0),
        ("EPSG:32733", 300_000.0, 6_200_000.0),
        ("EPSG:25835", 200_000.0, 7_000_000.0),
        ("EPSG:3006", 900_000.0, 7_400_000.0),
        ("EPSG:3067", 100_000.0, 6_900_000.0),
        ("EPSG:3857", 1_717_410.0, 6_336_380.0),
        ("EPSG:4326", 15.6, 58.4),
    ],
)
def test_the_middle_of_a_box_is_where_pyproj_has_it(crs, east, north):
    pixel = 1e-4 if crs == "EPSG:4326" else 10.0
    row = {"crs": crs, "transform": [pixel, 0, east, 0, -pixel, north], "easting": east, "northing": north}
    ((latitude, longitude),) = latitudes.places(pd.DataFrame([row | {"height": 20, "width": 30}]))
    project = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    expected = project.transform(east + 15 * pixel, north - 10 * pixel)
    assert np.allclose((longitude, latitude), expected, atol=1e-6, rtol=0)  # degrees: a tenth of a metre


@pytest.mark.parametrize(
    ("crs", "latitude", "longitude"),
    [("EPSG:3067", 66.0, 19.5), ("EPSG:3067", 60.2, 31.5), ("EPSG:32634", 61.0, 24.0), ("EPSG:32733", -34.0, 14.0)],
)
def test_a_point_is_projected_to_where_pyproj_has_it(crs, latitude, longitude):
    projected = latitudes.projected(crs, np.array([latitude]), np.array([longitude]))
    expected = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(longitude, latitude)
    assert np.allclose(np.ravel(projected), expected, atol=1, rtol=0)  # metres
    assert np.allclose(np.ravel(latitudes.of(crs, *projected)), (latitude, longitude), atol=1e-5, rtol=0)


def test_another_coordinate_system_is_refused():
    with pytest.raises(ValueError, match="EPSG:3857 is none of UTM"):
        latitudes.projected("EPSG:3857", np.zeros(1), np.zeros(1))
    with pytest.raises(ValueError, match="EPSG:2154.*EPSG:3857"):
        latitudes.of("EPSG:2154", np.zeros(1), np.zeros(1))
