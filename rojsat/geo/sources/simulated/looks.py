"""How far the spectrum of one pixel of a material lies from the material's mean: the signal's opponent.

`materials` has the spread of each class over many countries and seasons (`spectra.csv`), measured on pixels that are
mixtures themselves. `weak` lays all of it over every material of a pixel alike, although `growth.fractions` mixes the
materials again: mixture counts twice. `default` and `strong` have the spread of pure covers instead; docs/world.md says
how it was measured (`python -m bench.pure_spread`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.geo.sources.simulated.materials import COMPONENTS, MEASURED
from rojsat.geo.sources.simulated.noise import Field, smooth, stream
from rojsat.geo.sources.simulated.units import Units

_NEAR = 2  # pixels: correlation length of deviations within a few pixels


@dataclass(frozen=True)
class Signal:
    """Variance of the deviations, as shares of the variance of a class over many countries.

    Attributes:
        unit: between stands and parcels.
        near: within a few pixels.
        pixel: of single pixels.
        apart: every material has deviations of its own; else all materials of a pixel have the same.
    """

    unit: float
    near: float
    pixel: float
    apart: bool


SIGNALS = {
    "weak": Signal(0.60, 0.22, 0.18, apart=False),
    "default": Signal(0.21, 0.084, 0.042, apart=True),
    "strong": Signal(0.05, 0.046, 0.005, apart=True),
}
"""By name. `weak`: all of a class's spread over countries."""


@dataclass(frozen=True)
class Looks:
    """Deviations of every pixel, for the loadings of `Material`.

    Attributes:
        unit: (H, W) unit of each pixel.
        signal: one of `SIGNALS`.
        seed: of the world; materials apart draw from streams of their own.
        common: (COMPONENTS, H, W) deviations that all materials share; None where they are apart.
    """

    unit: NDArray[np.int32]
    signal: str
    seed: int
    common: NDArray[np.float32] | None

    def of(self, material: str, where: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Deviations of a material.

        Args:
            material: its name.
            where: (H, W) the pixels wanted.

        Returns:
            (COMPONENTS, pixels); of variance 1 for a class over many countries.
        """
        if self.common is not None:
            return self.common[:, where]
        signal = SIGNALS[
            self.signal if material in MEASURED else "weak"
        ]  # assumed materials have a pure cover's spread
        rng = stream(self.seed, f"looks {material}")
        by_unit = rng.standard_normal((int(self.unit.max()) + 1, COMPONENTS), np.float32)
        return _draw(rng, by_unit, self.unit, signal)[:, where]


def draw(rng: np.random.Generator, unit: NDArray[np.int32], units: Units, signal: str, seed: int) -> Looks:
    """Draw the deviations that all materials share, where they do.

    Args:
        rng: where these come from.
        unit: (H, W) unit of each pixel.
        units: with the looks of each.
        signal: one of `SIGNALS`.
        seed: of the world.

    Returns:
        The deviations of all materials.
    """
    common = None if SIGNALS[signal].apart else _draw(rng, units.looks, unit, SIGNALS[signal])
    return Looks(unit, signal, seed, common)


def _draw(
    rng: np.random.Generator, by_unit: NDArray[np.float32], unit: NDArray[np.int32], signal: Signal
) -> NDArray[np.float32]:
    """(COMPONENTS, H, W)."""
    return np.stack([_component(rng, by_unit[:, number], unit, signal) for number in range(COMPONENTS)])


def _component(
    rng: np.random.Generator, by_unit: NDArray[np.float32], unit: NDArray[np.int32], signal: Signal
) -> Field:
    between, near, single = np.sqrt(np.array([signal.unit, signal.near, signal.pixel], np.float32))
    fine = rng.standard_normal(unit.shape, np.float32)
    near_by = near * smooth(rng, unit.shape, _NEAR) + single * fine
    return np.asarray(between * by_unit[unit] + near_by, np.float32)
