"""Spectra of what a pixel is made of, mixed from classes measured on real Sentinel-2 pixels."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips.bands import BOA
from rojsat.geo.sources.simulated.atmosphere import AirColumn, to_surface

_DATA = Path(__file__).parent / "data"
_MEASURED = AirColumn(zenith=40.0, aot=0.12, vapour=2.0)
"""Air assumed over the classes that were measured at the top of the atmosphere (Slovenia, August)."""
COMPONENTS = 3
"""Principal components kept of a class's covariance; they hold more than 0.95 of its variance."""

_MIXTURES: dict[str, dict[str, float]] = {
    "spruce": {"conifer": 1.0},
    "pine": {"conifer": 0.78, "clear_cut": 0.14, "broadleaf": 0.08},  # open crowns: lighter, more ground
    "broadleaf": {"broadleaf": 1.0},
    "sapling": {
        "conifer": 0.62,
        "broadleaf": 0.20,
        "shrubland": 0.18,
    },  # young needles: lighter than old spruce
    "sprout": {"broadleaf": 0.82, "shrubland": 0.18},
    "grass": {"grassland": 1.0},
    "shrub": {"shrubland": 0.85, "clear_cut": 0.15},  # raspberry, heather, bracken
    "slash": {"clear_cut": 1.0},
    "green": {"farmland": 0.55, "grassland": 0.45},
    "built": {"built_up": 0.8, "farmland": 0.2},
}
_ASSUMED: dict[str, tuple[float, ...]] = {  # not in the measured table: rounded from ECOSTRESS/ASTER examples
    "soil": (0.06, 0.075, 0.10, 0.13, 0.155, 0.17, 0.185, 0.20, 0.215, 0.22, 0.27, 0.22),
    "straw": (0.06, 0.075, 0.11, 0.15, 0.19, 0.23, 0.26, 0.29, 0.31, 0.31, 0.36, 0.25),
    "water": (0.024, 0.024, 0.026, 0.016, 0.015, 0.010, 0.010, 0.008, 0.008, 0.008, 0.004, 0.003),
    "roof": (0.16, 0.19, 0.21, 0.23, 0.24, 0.25, 0.26, 0.27, 0.27, 0.27, 0.26, 0.24),
    "gravel": (0.09, 0.105, 0.12, 0.135, 0.145, 0.155, 0.16, 0.17, 0.175, 0.175, 0.20, 0.18),
    "turf": (0.03, 0.035, 0.075, 0.040, 0.105, 0.31, 0.39, 0.42, 0.44, 0.43, 0.19, 0.085),
}
_ASSUMED_SPREAD = {"water": 0.12, "roof": 0.30, "gravel": 0.18, "soil": 0.16, "straw": 0.12, "turf": 0.08}
"""Relative standard deviation of the assumed ones, all bands together."""
MEASURED = tuple(_MIXTURES)
"""Materials whose spread is that of classes of measured pixels."""
MATERIALS = MEASURED + tuple(_ASSUMED)


@dataclass(frozen=True)
class Material:
    """Reflectance at the surface in full summer.

    Attributes:
        mean: (12,) in the order of `bands.BOA`.
        loadings: (12, COMPONENTS); mean + loadings @ standard normal numbers is one pixel.
    """

    mean: NDArray[np.float32]
    loadings: NDArray[np.float32]


@cache
def library() -> dict[str, Material]:
    """All materials by name.

    Returns:
        One `Material` for each of `MATERIALS`.
    """
    table = pd.read_csv(_DATA / "spectra.csv")
    pairs = pd.read_csv(_DATA / "correlations.csv")
    classes = sorted({name for shares in _MIXTURES.values() for name in shares})
    measured = {name: _measured(table[table["class"] == name], pairs[pairs["class"] == name]) for name in classes}
    mixed = {name: _mix(shares, measured) for name, shares in _MIXTURES.items()}
    return mixed | {name: _assumed(name) for name in _ASSUMED}


@cache
def cloud() -> NDArray[np.float32]:
    """Spectrum of an opaque cloud.

    Returns:
        (12,) mean reflectance of pixels that Sen2Cor calls "cloud high probability".
    """
    table = pd.read_csv(_DATA / "spectra.csv")
    return _complete(table[table["class"] == "cloud_high"], "mean").astype(np.float32)


def _measured(rows: pd.DataFrame, pairs: pd.DataFrame) -> Material:
    mean, spread = _complete(rows, "mean"), _complete(rows, "std")
    if (rows["level"] == "L1C").all():  # the air brightens the blue and darkens B09
        shift = 1e-3
        slope = (to_surface(mean + shift, _MEASURED) - to_surface(mean, _MEASURED)) / shift
        mean, spread = np.maximum(to_surface(mean, _MEASURED), 0.008), spread * slope
    values, vectors = np.linalg.eigh(_correlation(pairs) * np.outer(spread, spread))
    top = np.argsort(values)[::-1][:COMPONENTS]
    signs = np.sign(vectors[BOA.index("B08"), top] + 1e-9)  # the sign of an eigenvector is arbitrary: NIR grows
    loadings = vectors[:, top] * signs * np.sqrt(np.maximum(values[top], 0))
    return Material(mean.astype(np.float32), loadings.astype(np.float32))


def _complete(rows: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """(12,) numbers by band; B01 and B09, which farmland and clouds lack, from their nearest neighbour."""
    by_band = dict(zip(rows["band"], rows[column], strict=True))
    by_band.setdefault("B01", 0.95 * by_band["B02"])
    by_band.setdefault("B09", by_band["B8A"])
    return np.array([by_band[name] for name in BOA])


def _correlation(pairs: pd.DataFrame) -> NDArray[np.float64]:
    matrix = np.full((len(BOA), len(BOA)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for first, second, value in zip(pairs["band_a"], pairs["band_b"], pairs["corr"], strict=True):
        row, column = BOA.index(first), BOA.index(second)
        matrix[row, column] = matrix[column, row] = value
    for missing, neighbour in (("B01", "B02"), ("B09", "B8A")):
        at, near = BOA.index(missing), BOA.index(neighbour)
        empty = np.isnan(matrix[at])
        matrix[at, empty] = matrix[empty, at] = 0.97 * matrix[near, empty]
    return matrix


def _mix(shares: dict[str, float], measured: dict[str, Material]) -> Material:
    mean = sum(share * measured[name].mean for name, share in shares.items())
    loadings = sum(share * measured[name].loadings for name, share in shares.items())
    return Material(np.asarray(mean, np.float32), np.asarray(loadings, np.float32))


def _assumed(name: str) -> Material:
    mean = np.array(_ASSUMED[name], np.float32)
    loadings = np.zeros((len(BOA), COMPONENTS), np.float32)
    loadings[:, 0] = mean * _ASSUMED_SPREAD[name]
    return Material(mean, loadings)
