"""Fields have the variance and the length that was asked for, and depend on seed and purpose alone."""

import numpy as np
import pytest

from rojsat.geo.sources.simulated import noise


@pytest.mark.parametrize("length", [0, 2, 5, 12, 30])
def test_a_smooth_field_has_unit_variance_and_its_length(length):
    field = noise.smooth(noise.stream(0, "x"), (300, 260), length)
    assert field.shape == (300, 260) and field.dtype == np.float32
    assert 0.5 < field.std() < 1.5
    lag = max(1, 2 * length)
    correlation = np.corrcoef(field[:-lag].ravel(), field[lag:].ravel())[0, 1]
    expected = np.exp(-(lag**2) / (4 * length**2)) if length else 0.0
    assert abs(correlation - expected) < 0.2


def test_streams_are_independent_and_repeatable():
    first = noise.stream(0, "need").standard_normal(4)
    assert np.array_equal(first, noise.stream(0, "need").standard_normal(4))
    assert not np.array_equal(first, noise.stream(0, "clouds").standard_normal(4))
    assert not np.array_equal(first, noise.stream(1, "need").standard_normal(4))


def test_a_steeper_spectrum_is_smoother():
    rough, flat = (noise.fractal(noise.stream(0, "x"), (128, 128), slope=s, longest=60) for s in (2.0, 4.0))
    assert np.abs(np.diff(flat, axis=0)).mean() < 0.5 * np.abs(np.diff(rough, axis=0)).mean()
