"""Materials look like what they are, and the air adds and removes what it should."""

import numpy as np
import pytest

from rojsat.chips.bands import BOA
from rojsat.geo.sources.simulated import atmosphere, materials

AIR = atmosphere.AirColumn(zenith=50.0, aot=0.15)


def at(name, band):
    return materials.library()[name].mean[BOA.index(band)]


def test_every_material_is_a_reflectance():
    for name in materials.MATERIALS:
        mean = materials.library()[name].mean
        assert mean.shape == (12,) and (mean > 0).all() and (mean < 0.6).all()


def test_greens_soils_and_water_keep_their_order():
    for name in ("spruce", "pine", "broadleaf", "sprout", "grass", "turf"):
        assert at(name, "B08") > 4 * at(name, "B04")
    assert at("spruce", "B08") < at("sapling", "B08") < at("sprout", "B08")
    assert at("slash", "B04") > 2 * at("spruce", "B04")
    assert at("water", "B08") < at("water", "B02")


def test_classes_measured_through_the_air_lose_its_blue():
    assert at("grass", "B02") < 0.05  # 0.087 at the top of the atmosphere


@pytest.mark.parametrize("band", range(12))
def test_down_and_up_again_gives_the_same(band):
    surface = np.linspace(0.01, 0.6, 12)
    top = np.array([atmosphere.to_top(np.float32(value), AIR, n) for n, value in enumerate(surface)])
    assert abs(atmosphere.to_surface(top, AIR)[band] - surface[band]) < 1e-5


def test_forest_at_the_top_of_the_atmosphere_is_as_bright_as_measured():
    measured = {"B01": 0.110, "B02": 0.078, "B03": 0.062, "B04": 0.038, "B09": 0.061}  # Slovenia, August, L1C
    for name, value in measured.items():
        band = BOA.index(name)
        forest = np.float32(0.6 * at("broadleaf", name) + 0.4 * at("spruce", name))
        assert abs(float(atmosphere.to_top(forest, materials._MEASURED, band)) - value) < 0.03
