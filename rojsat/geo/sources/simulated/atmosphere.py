"""From the surface to the top of the atmosphere and back: single scattering with gases, one column a scene."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.chips.bands import BOA, MSI

_WAVELENGTH = np.array([band.wavelength / 1000 for band in MSI if band.name in BOA])  # micrometres
_GAS = {"B02": 0.99, "B03": 0.96, "B04": 0.97, "B05": 0.98, "B06": 0.98, "B11": 0.98, "B12": 0.94}
"""Two-way transmittance of ozone, oxygen and trace gases where it is not 1; rounded from 6S for one air mass."""
_VAPOUR = {"B08": 0.04, "B09": 0.75, "B8A": 0.01, "B11": 0.02, "B12": 0.04}
"""Absorption of 1.5 cm of water vapour per band, as optical depth of one air mass; B09 lies in the line."""
_SINGLE_SCATTERING_ALBEDO = 0.93  # continental aerosol
_AEROSOL_PHASE = 0.18  # continental aerosol in the backward directions that a nadir view sees
_CIRRUS_CLEAR = 0.0010  # B10 where there is no cirrus (measured: 0.001)


@dataclass(frozen=True)
class AirColumn:
    """State of the atmosphere over one scene.

    Attributes:
        zenith: of the sun, degrees.
        aot: aerosol optical thickness at 550 nm.
        vapour: water vapour, centimetres.
    """

    zenith: float
    aot: float = 0.12
    vapour: float = 1.5


@dataclass(frozen=True)
class Terms:
    """What a column does to each BOA band; all (12,).

    Attributes:
        path: reflectance of the air itself.
        transmittance: down and up, gases included.
        spherical: albedo of the air seen from below.
    """

    path: NDArray[np.float64]
    transmittance: NDArray[np.float64]
    spherical: NDArray[np.float64]


def terms(column: AirColumn) -> Terms:
    """Path reflectance, transmittance and spherical albedo of one column.

    Rayleigh optical depth after Hansen and Travis (1974); path reflectance is single scattering; the scattering
    transmittance uses half the Rayleigh and a sixth of the aerosol depth (the rest is scattered forward, Rahman
    and Dedieu 1994, SMAC).

    Args:
        column: the air.

    Returns:
        The three terms.
    """
    wave = _WAVELENGTH
    rayleigh = 0.008569 * wave**-4 * (1 + 0.0113 * wave**-2 + 0.00013 * wave**-4)
    aerosol = column.aot * (wave / 0.55) ** -1.3
    sun = np.cos(np.deg2rad(column.zenith))
    phase = 0.75 * (1 + sun**2)  # nadir view: the scattering angle is 180 degrees less the zenith
    path = (phase * rayleigh + _SINGLE_SCATTERING_ALBEDO * _AEROSOL_PHASE * aerosol) / (4 * sun)
    mass = 1 + 1 / sun
    gas = np.array([_GAS.get(name, 1.0) for name in BOA])
    vapour = np.array([_VAPOUR.get(name, 0.0) for name in BOA]) * (column.vapour / 1.5) ** 0.6
    gas = gas * np.exp(-vapour * mass / 2)
    scattering = np.exp(-(0.52 * rayleigh + 0.16 * aerosol) * mass)
    return Terms(path * gas, scattering * gas, 0.92 * rayleigh * np.exp(-rayleigh) + 0.1 * aerosol)


def to_top(surface: NDArray[np.float32], column: AirColumn, band: int) -> NDArray[np.float32]:
    """Top-of-atmosphere reflectance of one band.

    Args:
        surface: reflectance at the surface, any shape.
        column: the air.
        band: position in `bands.BOA`.

    Returns:
        Reflectance at the top of the atmosphere, same shape.
    """
    air = terms(column)
    up = air.transmittance[band] * surface / (1 - air.spherical[band] * surface)
    return (air.path[band] + up).astype(np.float32)


def to_surface(top: NDArray[np.float64], column: AirColumn) -> NDArray[np.float64]:
    """Invert `to_top` for one spectrum.

    Args:
        top: (12,) reflectance at the top of the atmosphere, in the order of `bands.BOA`.
        column: the air.

    Returns:
        (12,) reflectance at the surface.
    """
    air = terms(column)
    lit = (top - air.path) / air.transmittance
    return lit / (1 + air.spherical * lit)


def cirrus_band(cirrus: NDArray[np.float32], cloud: NDArray[np.float32]) -> NDArray[np.float32]:
    """B10 at the top of the atmosphere: dark, but for what is high.

    Args:
        cirrus: opacity of thin cirrus in [0, 1].
        cloud: opacity of other cloud in [0, 1]; its tops reach little above the water vapour.

    Returns:
        Reflectance, same shape.
    """
    return (_CIRRUS_CLEAR + 0.12 * cirrus + 0.012 * cloud**3).astype(np.float32)
