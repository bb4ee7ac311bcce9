"""Spectra of one material differ as far as the signal says, between stands, within a few pixels, and by pixel."""

import numpy as np
import pytest

from rojsat.geo.sources.simulated import looks
from rojsat.geo.sources.simulated.materials import COMPONENTS
from rojsat.geo.sources.simulated.noise import stream

SIDE, STANDS = 12, 20
UNIT = np.kron(np.arange(STANDS**2).reshape(STANDS, STANDS), np.ones((SIDE, SIDE), int)).astype(np.int32)
EVERYWHERE = np.ones(UNIT.shape, bool)


class Grown:
    """Units with nothing but looks."""

    looks = stream(0, "test").standard_normal((STANDS**2, COMPONENTS), np.float32)


def of(signal, material):
    return looks.draw(stream(0, "ground"), UNIT, Grown, signal, 0).of(material, EVERYWHERE)[0]


@pytest.mark.parametrize("signal", looks.SIGNALS)
def test_the_variance_is_that_of_the_signal_and_between_units_its_share(signal):
    expected = looks.SIGNALS[signal]
    deviation = of(signal, "sprout")
    assert deviation.var() == pytest.approx(expected.unit + expected.near + expected.pixel, rel=0.12)
    means = np.bincount(UNIT.ravel(), deviation) / SIDE**2
    assert means.var() == pytest.approx(expected.unit, rel=0.3, abs=0.02)


def test_a_stronger_signal_has_less_spread():
    spreads = [of(signal, "sprout").var() for signal in ("weak", "default", "strong")]
    assert spreads == sorted(spreads, reverse=True)


def test_materials_of_a_pixel_deviate_alike_only_where_the_signal_is_weak():
    assert np.array_equal(of("weak", "sprout"), of("weak", "sapling"))
    assert abs(np.corrcoef(of("default", "sprout"), of("default", "sapling"))[0, 1]) < 0.25


def test_assumed_materials_keep_their_spread():
    assert of("default", "roof").var() == pytest.approx(1, rel=0.12)


def test_a_material_deviates_alike_wherever_it_is_asked_for():
    deviations = looks.draw(stream(0, "ground"), UNIT, Grown, "default", 0)
    left = np.zeros(UNIT.shape, bool)
    left[:, :7] = True
    assert np.array_equal(deviations.of("grass", left), deviations.of("grass", EVERYWHERE)[:, left.ravel()])
