import pytest

from rojsat.evaluation import gain
from rojsat.maps import map_summary, verdict_parts
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


@pytest.mark.parametrize(
    ("calibration", "key", "words"),
    [
        (None, "none", "nothing is known of its errors"),
        ({"level": 0.9, "regions": [0.1] * 8, "squares": {}}, "few", "tested on 8 regions, too few for an interval"),
        ({"level": 0.9, "regions": [0.1] * 9}, "given", "within 0.10 of the predicted one in 90% of stands"),
        (
            {"level": 0.9, "regions": [0.1] * 9, "squares": {"1": 0.4, "25": 0.3, "400": 0.2}},
            "sizes",
            "within 0.40 (stands of 0.01 ha) to 0.20 (of 4 ha or more) of the predicted one in 90% of stands",
        ),
    ],
)
def test_what_intervals_promise_is_named_by_size_where_it_is_known(calibration, key, words):
    card = map_scenes.card(calibration=calibration)
    assert verdict_parts.interval(card)["key"] == key and words in map_summary.sure(card)
