"""The camera keeps means, blurs edges and stores reflectance as baseline 04.00 does."""

import numpy as np
import pytest

from rojsat.geo.sources.simulated import sensor
from rojsat.geo.sources.simulated.noise import stream


@pytest.mark.parametrize(("band", "factor"), [("B02", 1), ("B05", 2), ("B01", 6)])
def test_native_pixels_keep_the_mean_and_blur_the_edge(band, factor):
    plane = np.zeros((60, 60), np.float32)
    plane[:, 30:] = 0.3
    seen = sensor.expose(plane, band, (0.0, 0.0), stream(0, "x"))
    assert seen.shape == (60 // factor, 60 // factor)
    assert abs(seen.mean() - 0.15) < 0.002
    edge = 30 // factor
    assert 0.01 < seen[:, edge - 1].mean() < 0.1 and 0.2 < seen[:, edge].mean() < 0.29


def test_misregistration_moves_the_picture():
    plane = np.tile(np.linspace(0, 0.5, 60, dtype=np.float32), (60, 1))
    moved = sensor.expose(plane, "B02", (0.0, 0.5), stream(0, "x"))
    still = sensor.expose(plane, "B02", (0.0, 0.0), stream(0, "x"))
    assert abs((still - moved)[5:-5, 5:-5].mean() / (0.5 / 59)) == pytest.approx(0.5, abs=0.05)


def test_stored_numbers():
    seen = np.array([[True, True, True, False]])
    numbers = sensor.store(np.array([[0.0, 0.25, -0.5, 0.25]], np.float32), seen)
    assert numbers.tolist() == [[1000, 3500, 1, 0]] and numbers.dtype == np.uint16
    colour = sensor.true_colour([np.array([[0.3, 0.9, -0.1, 0.3]], np.float32)] * 3, seen)
    assert colour[0].tolist() == [[255, 255, 1, 0]]
