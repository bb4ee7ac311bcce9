import pytest

from rojsat.evaluation import gain
from rojsat.maps import verdict_parts
from tests.support import map_scenes


def summary(value, least, beats=None, **interval):
    return {
        "task": "segmentation",
        "test": {"r2": value},
        "best_without_image": "position",
        "without_image": {"position": {"r2": least}},
        "gain": {"metric": "r2", "against": "position", "value": value - least, "regions": 12, **interval},
        "beats": beats,
    }


@pytest.mark.parametrize(
    ("content", "key", "low"),
    [
        (summary(0.181, 0.245), "not", None),
        (summary(0.3, 0.2), "open", None),
        (summary(0.3, -0.2, True, low=0.1, high=0.4), "beats", "0.100"),
        (summary(-0.3, -0.2, False, low=-0.4, high=-0.1), "not", "-0.400"),
    ],
)
def test_every_sentence_of_an_evaluation_is_taken_apart(content, key, low):
    verdict = verdict_parts.verdict(map_scenes.card(verdict=gain.words(content)))
    assert verdict["key"] == key and verdict.get("low") == low
    assert (verdict["metric"], verdict["predictor"], verdict["regions"]) == ("R²", "position in the box", "12")
    assert float(verdict["value"]) == pytest.approx(content["test"]["r2"])


@pytest.mark.parametrize(("sentence", "key"), [("", "unknown"), ("it is fine", "text")])
def test_a_sentence_of_another_form_is_kept_and_none_is_named(sentence, key):
    verdict = verdict_parts.verdict(map_scenes.card(verdict=sentence, leak=True))
    assert (verdict["key"], verdict["text"], verdict["leak"]) == (key, sentence, True)
