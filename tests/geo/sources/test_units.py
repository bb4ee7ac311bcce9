"""Numbers of a raster's own tags against those of the experiment."""

import math

import pytest
from affine import Affine

from rojsat.geo.sources import _units
from rojsat.geo.sources._rasters import Raster

NAN = math.nan


def raster(dtype="uint16", scale=1.0, offset=0.0, nodata=None, unit=None, description=None):
    """A raster of two bands; the second has the tags, the first none."""
    tags = {"scales": (1.0, scale), "offsets": (0.0, offset), "nodatas": (None, nodata)}
    words = {"units": (None, unit), "descriptions": (None, description)}
    return Raster("x.tif", (9, 9), Affine(10, 0, 0, 0, -10, 0), "EPSG:32633", (dtype, dtype), None, **tags, **words)


@pytest.mark.parametrize(
    ("tags", "options", "expected"),
    [
        ({}, {}, (1e-4, 0.0)),
        ({"scale": 1e-4}, {"scale": "1/10000"}, (1e-4, 0.0)),
        ({"scale": 1e-4}, {"scale": "1e-4"}, (1e-4, 0.0)),
        ({"scale": 0.00010000000474974513}, {"scale": 0.0001}, (1e-4, 0.0)),  # a tag in single precision
        ({"scale": 2e-5, "offset": -0.2}, {}, (2e-5, -0.2)),
        ({"scale": 1e-4, "offset": -0.1}, {"offset": "-0.1"}, (1e-4, -0.1)),
        ({}, {"scale": "1/20000", "offset": -0.05}, (5e-5, -0.05)),
        ({"scale": 0.01, "offset": -10 / 100, "unit": "%"}, {}, (1e-4, -1e-3)),
        ({"scale": 1e-4, "unit": "Reflectance"}, {}, (1e-4, 0.0)),
        ({"scale": 1e-4, "offset": -0.1}, {"offset": 0}, "band 2: its tags state offset -0.1, the options 0"),
        ({"scale": 1e-4}, {"offset": -0.1}, "band 2: its tags state offset 0, the options -0.1"),
        ({"scale": 1e-4}, {"scale": 2e-4}, "its tags state scale 0.0001, the options 0.0002"),
        ({"scale": 1e-4, "offset": -0.1}, {"offset": -1000}, "offset -1000; it is added to reflectance: .* are -0.1"),
        ({}, {"offset": 1000}, "offset 1000; it is added to reflectance"),
        ({"scale": 1e-4, "offset": -1000.0}, {}, "x.tif, band 2: offset -1000"),
        ({}, {"scale": 10000}, "scale 10000; reflectance = stored . scale"),
        ({}, {"scale": NAN}, "scale nan"),
        ({}, {"scale": "1/0"}, "scale is '1/0', which is no number"),
        ({}, {"scale": "small"}, "scale is 'small', which is no number"),
        ({"scale": 0.01, "unit": "W/m2/sr/um"}, {}, "band 2 is in 'W/m2/sr/um' by its own tag"),
    ],
)
def test_tags_of_scale_offset_and_unit_win(tags, options, expected):
    def read():
        chosen = _units.options(*(options.get(name) for name in ("scale", "offset", "nodata")))
        return _units.of_band(raster(**tags), 2, chosen)

    if isinstance(expected, str):
        with pytest.raises(ValueError, match=expected):
            read()
    else:
        assert read() == pytest.approx(expected, rel=1e-6)
        assert _units.of_band(raster(**tags), 1, _units.StatedUnits()) == (1e-4, 0.0)


@pytest.mark.parametrize(
    ("dtype", "tag", "option", "expected"),
    [
        ("uint16", None, None, 0),
        ("uint16", 65535, None, 65535),
        ("uint16", 65535.0, "65535", 65535),
        ("uint16", None, 65535, 65535),
        ("uint16", 0, 65535, "its tags state nodata 0, the options 65535"),
        ("int16", -9999, None, -9999),
        ("uint16", -9999, None, 0),  # a tag that no pixel can have
        ("uint16", NAN, None, 0),
        ("uint16", NAN, 65535, 65535),
        ("uint16", 65535, NAN, 65535),
        ("uint16", None, "nan", 0),
        ("uint8", 255, 0, "its tags state nodata 255, the options 0"),
    ],
)
def test_the_tag_of_nodata_wins(dtype, tag, option, expected):
    def read():
        return _units.nodata(raster(dtype, nodata=tag), 2, _units.options(None, None, option))

    if isinstance(expected, str):
        with pytest.raises(ValueError, match=expected):
            read()
    else:
        assert read() == expected


@pytest.mark.parametrize(
    ("description", "name", "fits"),
    [
        (None, "B02", True),
        ("B02", "B02", True),
        ("b2", "B02", True),
        ("B02", "TOA-B02", True),
        ("Band 7", "B02", True),  # says nothing
        ("B04", "B02", False),
        ("b8a", "B08", False),
        ("SCL", "B02", False),
        ("TOA-B03", "B02", False),
    ],
)
def test_a_band_that_is_described_as_another_is_refused(description, name, fits):
    if fits:
        _units.check_name(raster(description=description), 2, name)
    else:
        with pytest.raises(ValueError, match=rf"band 2 is described as {description}, not {name}"):
            _units.check_name(raster(description=description), 2, name)
