import numpy as np
import pandas as pd
import pytest

from rojsat.learn.data.sample_arrays import SampleArrays, channel_statistics
from rojsat.learn.data.streamed_statistics import ChannelMoments

SHAPE = 60, 40, 40


def channels():
    """By name: what a channel can look like, (N, H, W)."""
    rng = np.random.default_rng(0)
    normal = rng.normal(size=SHAPE)
    return {
        "reflectance": np.abs(0.2 + 0.1 * normal),
        "around zero": normal,
        "far from zero": 300 + normal,
        "without bounds": normal / rng.normal(size=SHAPE),  # Cauchy
        "yes or no": (normal > 1).astype(float),
        "partly unknown": np.where(normal > 1, np.nan, normal),
        "flat": np.full(SHAPE, 0.3),
        "unknown": np.full(SHAPE, np.nan),
    }


def arrays(images, seen):
    return SampleArrays(
        images, seen, np.zeros(len(seen), np.int64), np.ones(len(seen), bool), pd.DataFrame(index=range(len(seen)))
    )


@pytest.mark.parametrize("name", channels())
def test_they_are_those_of_memory(name):
    images = channels()[name][:, None].astype(np.float32)
    seen = np.random.default_rng(1).random(SHAPE) < 0.9
    moments = ChannelMoments(1)
    for part in np.array_split(np.arange(len(images)), 7):
        moments.add(arrays(images[part], seen[part]))
    streamed, exact = moments.statistics(), channel_statistics(arrays(images, seen))
    assert abs(streamed.mean - exact.mean) <= 2e-3 * exact.std
    assert streamed.std == pytest.approx(exact.std, rel=0.02)
