"""Features of pixels of samples: what the encoder is given is what the chips hold."""

import numpy as np
import pandas as pd
import pytest
import torch

from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.models import presto, presto_features
from rojsat.learn.models.presto_features import PrestoFeatures

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
ROWS = pd.DataFrame(
    {
        "date": ["2020-07-04", "2020-09-15"],
        "crs": "EPSG:32633",
        "transform": [[10.0, 0, 0, 0, -10.0, 0]] * 2,
        "easting": [529_900.0, 600_000.0],
        "northing": [6_477_810.0, 6_300_000.0],
        "height": 4,
        "width": 5,
    }
)


def features(names, dates=None, seed=None):
    count = len(names) * len(dates or [0])
    statistics = Statistics(np.full(count, 0.2, np.float32), np.full(count, 0.1, np.float32))
    return PrestoFeatures(presto_features.encoder(seed=seed), names, dates, statistics, torch.device("cpu"))


def reflectance(count, dates=1):
    return torch.from_numpy(np.random.default_rng(0).uniform(0.01, 0.5, (2, dates * count, 4, 5)).astype(np.float32))


def encoded(encode, images, rows=ROWS):
    seen = np.ones((2, 4, 5), bool)
    seen[0, 0] = False
    planes = encode((images - 0.2) / 0.1, seen, rows)
    assert planes.shape == (2, presto.WIDTH, 4, 5)
    assert not planes[0, :, 0].any() and planes[:, :, 1:].any()
    return planes


def by_hand(images, number, row, column, months, place):
    """The features of one pixel (T, bands) as the encoder's own arguments say."""
    dates = images[number, :, row, column].reshape(len(months), -1)
    values, missing = torch.zeros(1, len(months), 17), torch.ones(1, len(months), 17, dtype=torch.bool)
    values[0, :, 2:12], values[0, :, 16] = dates, (dates[:, 6] - dates[:, 2]) / (dates[:, 6] + dates[:, 2])
    missing[..., 2:12] = missing[..., 16] = False
    with torch.inference_mode():
        return presto_features.encoder()(values, missing, torch.tensor([place]), torch.tensor([months]))[0]


def test_a_pixel_is_encoded_from_reflectance_month_and_place():
    images = reflectance(len(BANDS))
    planes = encoded(features(BANDS), images)
    expected = by_hand(images, 0, 2, 3, [6], (58.440, 15.512))  # the place by pyproj
    torch.testing.assert_close(planes[0, :, 2, 3], expected, atol=1e-3, rtol=0)


def test_dates_are_a_series_in_the_order_of_time():
    images = reflectance(len(BANDS), dates=2)
    stacked = encoded(features(BANDS, ["2019-09-15", "2020-06-15"]), images)
    turned = torch.cat([images[:, len(BANDS) :], images[:, : len(BANDS)]], 1)
    swapped = encoded(features(BANDS, ["2020-06-15", "2019-09-15"]), turned)
    assert torch.equal(stacked, swapped)
    expected = by_hand(images, 0, 2, 3, [8, 5], (58.440, 15.512))
    torch.testing.assert_close(stacked[0, :, 2, 3], expected, atol=1e-3, rtol=0)


def test_bands_that_are_not_there_are_missing_and_others_are_not_looked_at():
    names = ("tci.r", *BANDS[:3], "outline")
    images = reflectance(len(names))
    planes = encoded(features(names), images)
    images[:, [0, 4]] = 0.9
    assert torch.equal(encoded(features(names), images), planes)
    images[:, 1] = 0.4
    assert not torch.equal(encoded(features(names), images), planes)


def test_the_random_twin_has_other_weights_which_follow_from_the_seed():
    images = reflectance(len(BANDS))
    first, again, other, published = (encoded(features(BANDS, seed=seed), images) for seed in (0, 0, 1, None))
    assert torch.equal(first, again)
    assert min((first - other).abs().max(), (first - published).abs().max()) > 0.5


@pytest.mark.parametrize(
    ("names", "dates", "message"),
    [
        (("tci.r", "ndvi"), None, "B02 B03 B04.*add boa"),
        (BANDS, ["all"], "dates by name"),
        (BANDS, [f"2020-07-{day:02d}" for day in range(1, 26)], "24 dates at most"),
    ],
)
def test_what_the_encoder_cannot_take_is_refused(names, dates, message):
    with pytest.raises(ValueError, match=message):
        features(names, dates)
