"""How often intervals of 90 % cover regions that they were not calibrated on: `python -m bench.conformal_coverage`.

Errors are simulated, exchangeable between regions: a normal offset shared by all pixels of a region, and normal noise.
"""

import numpy as np

from bench import tables
from rojsat.evaluation import region_intervals
from rojsat.evaluation.region_intervals import RegionPixels

REGIONS = {10: 60, 20: 60, 27: 60, 40: 60, 81: 10}
"""Repetitions by number of regions."""

WORLDS = {"half of its variance": (0.07, 0.07), "nearly all": (0.1, 0.01), "none": (0.0, 0.1)}
"""Standard deviations of the offset and of the noise, degree."""

PIXELS = (30, 120)
"""Fewest and most known pixels of a region."""


def world(regions: int, seed: int, offset: float, noise: float) -> RegionPixels:
    """Predictions around 0.5 and their targets."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(regions), rng.integers(*PIXELS, regions))
    prediction = rng.uniform(0.4, 0.6, len(region))
    errors = rng.normal(0, offset, regions)[region] + rng.normal(0, noise, len(region))
    return RegionPixels(tuple(map(str, range(regions))), region, prediction, np.clip(prediction + errors, 0, 1))


def coverage(pixels: RegionPixels) -> float:
    """Share of the pixels that are covered, mean over regions."""
    low, high = region_intervals.intervals(pixels, 0.9)
    covered = (low <= pixels.target) & (pixels.target <= high)
    return float(np.mean(np.bincount(pixels.region, covered) / np.bincount(pixels.region)))


def row(name: str, offset: float, noise: float) -> dict[str, str]:
    """Mean coverage over the repetitions, by number of regions."""
    means = {
        regions: np.mean([coverage(world(regions, seed, offset, noise)) for seed in range(repetitions)])
        for regions, repetitions in REGIONS.items()
    }
    return {"shared share of the error": name} | {
        f"{regions} regions": f"{mean:.3f}" for regions, mean in means.items()
    }


if __name__ == "__main__":
    tables.show("coverage of 90 % intervals", [row(name, *spread) for name, spread in WORLDS.items()])
