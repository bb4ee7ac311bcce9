from dataclasses import asdict

import pytest

from rojsat.learn.data import series
from rojsat.maps import model_card
from tests.support import map_scenes


def metadata(task="segmentation", **changes):
    facts = {**asdict(map_scenes.card()), "data": "made", **changes}
    window = facts.pop("window")
    return {"task": task, "window": window, model_card.KEY: facts}


def test_a_card_is_read_from_the_metadata_of_a_model():
    assert model_card.read(metadata(), "m") == map_scenes.card()
    lists = metadata(names=["B04", "B08"], dates=["2019-09-15", "2020-09-15"])
    card = model_card.read(lists, "m")
    assert card.roles == ("before", "after") and card.planes == ("B04", "B08")
    assert card.inputs == ["B04 2019-09-15", "B08 2019-09-15", "B04 2020-09-15", "B08 2020-09-15"]


def test_a_model_of_all_dates_names_its_planes_as_in_training():
    card = model_card.read(metadata(blocks=2, names=["B04", "B08"]), "m")
    assert card.inputs == series.names(["B04", "B08"], 2) and card.roles == ()


def test_models_of_pixels_and_of_windows_fit_into_scenes_and_those_of_boxes_do_not():
    ways = [{"window": 8}, {"window": None}, {"window": None, "reach": 0}, {"window": 8, "names": ("B04", "outline")}]
    assert [map_scenes.card(**way).fits_scenes for way in ways] == [True, False, True, False]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not say what its training pixels look like"),
        ({"task": "segmentation", "channels": ["B04"]}, "recorded by an older rojsat, or elsewhere; train it again"),
        (metadata("classification"), "predicts classes of stands"),
    ],
)
def test_a_model_that_no_map_can_be_made_with_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        model_card.read(content, "models:/m/1")
