import json

import numpy as np
import pytest

from rojsat.maps import model_card, portable_texts
from tests.support import map_scenes


def test_the_bands_of_a_raster_are_those_of_the_first_date_then_of_the_second_without_indices():
    card = map_scenes.card(names=("tci.r", "B04", "toa.B10", "ndvi"), dates=("2019-09-15", "2020-09-15"))
    bands = portable_texts.raster_bands(card, 0.0001, -0.1)
    assert [(band.role, band.name) for band in bands] == [
        (role, name) for role in ("before", "after") for name in ("tci.r", "B04", "toa.B10", "B08")
    ]
    assert [(band.scale, band.offset) for band in bands[:4]] == [(1 / 255, 0), *[(0.0001, -0.1)] * 3]


@pytest.mark.parametrize(("scale", "offset"), [(0.0001, 0.0), (0.0001, -0.1), (1.0, 0.0)])
def test_what_deepness_standardises_is_the_channel_in_its_own_unit(scale, offset):
    card = map_scenes.card(outputs=2)
    metadata = {"task": "segmentation", "window": 8, model_card.KEY: {"outputs": 2, "names": ["B04", "B08"]}}
    bands = portable_texts.raster_bands(card, scale, offset)
    texts = portable_texts.texts(metadata, card, bands, side=32, smallest=4, licence="MIT")
    reflectance = np.linspace(0.001, 0.9, 50)[:, None]
    stored = np.float32((reflectance - offset) / scale)
    mean, std = (np.float32(json.loads(texts[f"standardization_{name}"])) for name in ("mean", "std"))
    np.testing.assert_allclose((np.float32(stored / 255) - mean) / std, np.tile(reflectance, (1, 2)), atol=2e-7)
    assert json.loads(texts["class_names"]) == {"0": "degree of need"} and json.loads(texts["tile_size"]) == 32
    assert json.loads(texts[portable_texts.KEY])[model_card.KEY]["outputs"] == 1  # a probability is one plane
