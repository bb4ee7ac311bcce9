import re
import string

import pandas as pd
import pytest

from rojsat.maps import area_summary, map_summary, map_texts
from tests.support import map_scenes

VERDICT = (
    "R² -0.164 (worse than the mean); the best predictor without an image (position in the box) has 0.245: this run "
    "does not beat it (gain -0.409, 95 % interval -0.501 to -0.103 over 9 regions)"
)

NOTE = "less than half is seen; looks cleared between 2019-07-11 and 2019-08-20"


@pytest.fixture
def stands():
    return pd.DataFrame(
        {
            "rank": pd.array([1, 2, None], dtype="Int64"),
            "region": ["a", "b", "c"],
            "area_ha": [1200.5, 2.0, 1.0],
            "need_ha": [1000.25, 1.5, None],
            "need_low_ha": [900.0, 1.0, None],
            "need_high_ha": [1100.0, 2.0, None],
            "degree_mean": [0.61, 0.4, None],
            "degree_low": [0.5, 0.3, None],
            "degree_high": [0.7, 0.5, None],
            "seen": [1.0, 0.4, 0.0],
            "outside": [0.25, 0.0, None],
            "last_clear": ["2019-08-20", "2019-07-11", None],
            "already_cleared": pd.array([False, True, None], dtype="boolean"),
            "years_left": [-2.0, 0.5, None],
            "waiting_cost_eur": [62015.0, 93.0, None],
            "visit": pd.array([1, None, None], dtype="Int64"),
            "note": ["", NOTE, "no scene covers it"],
        }
    )


def numbers(text, language):
    """All numbers of a text but those that explain R², which English has in words."""
    thousands = {"en": ",", "sv": "\N{NO-BREAK SPACE}"}[language]
    plain = re.sub(rf"(?<=\d){thousands}(?=\d{{3}})", "", text.replace(map_texts.say("sv", "verdict.r2"), ""))
    return sorted(float(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?", plain))


def card(**changes):
    return map_scenes.card(calibration={"level": 0.9, "pixels": None, "regions": [0.1] * 9}, verdict=VERDICT, **changes)


@pytest.mark.parametrize("changes", [{}, {"leak": True}, {"target": "damage"}], ids=["need", "leak", "damage"])
def test_both_languages_have_the_same_numbers_and_each_its_own_words(stands, changes):
    texts = {
        language: map_summary.words(stands, card(**changes), "hectares", ["S2A"], ["B02 is dark."], language)
        for language in map_texts.LANGUAGES
    }
    english, swedish = (numbers(text, language) for language, text in texts.items())
    assert english == swedish and 62015 in swedish and map_texts.say("sv", "verdict.r2") in texts["sv"]
    assert len(texts["en"].splitlines()) == len(texts["sv"].splitlines())
    assert set(re.findall(r"\b(?:the|of|and|need|stand|they|it)\b", texts["sv"].replace("B02 is dark.", ""))) == set()


def test_the_swedish_summary_says_what_is_sure_as_a_swede_writes_it(stands):
    text = map_summary.words(stands, card(), "hectares", ["S2A"], language="sv")
    assert text.startswith("1001,8 ha att röja (grad av behov över 0,5) av 1201,3 ha som syns, i 2 av 3 bestånd")
    assert "R²: modellen \N{MINUS SIGN}0,164; bästa gissning utan bild (läget i rutan) 0,245" in text
    assert "All" in text and "901,0-1102,0 ha att röja om felen går åt samma håll" in text
    assert "1 bestånd: mindre än hälften av det syns; ser röjt ut mellan 2019-07-11 och 2019-08-20 (b)." in text
    assert "90\N{NO-BREAK SPACE}% av bestånden" in text and "62\N{NO-BREAK SPACE}015 € dyrare" in text


def test_where_nothing_is_known_both_languages_say_so(stands):
    stands[["need_low_ha", "need_high_ha", "degree_low", "degree_high", "years_left"]] = None
    unknown = stands.assign(visit=pd.array([None] * 3, dtype="Int64"), already_cleared=None)
    texts = [
        map_summary.words(unknown, map_scenes.card(verdict=""), "degree", ["S2A"], language=language)
        for language in map_texts.LANGUAGES
    ]
    for text, words in zip(texts, (("not known", "no interval"), ("inte känt", "inget intervall")), strict=True):
        assert text.count(words[0]) >= 3 and words[1] in text
    assert map_summary.facts(unknown, card())["one_way_ha"] is None


def test_the_range_over_all_stands_is_that_of_the_summary(stands):
    facts = map_summary.facts(stands, card())
    assert facts["one_way_ha"] == [901.0, 1102.0] and facts["independent_ha"][0] > 901.0
    text = map_summary.words(stands, card(), "hectares", ["S2A"])
    for low, high in (facts["one_way_ha"], facts["independent_ha"]):
        assert f"{low:.1f}-{high:.1f} ha" in text


def test_a_map_of_complete_scenes_has_a_swedish_summary_too():
    each = {"need_ha": 2.5, "seen_ha": 10.0, "area_ha": 20.0}
    facts = {**each, "outside_share": 0.1, "rasters": {"degree_1.tif": each, "degree_2.tif": each}}
    english, swedish = (
        area_summary.words(facts, card(), ["S2A"], language=language) for language in map_texts.LANGUAGES
    )
    assert (
        numbers(english, "en") == numbers(swedish, "sv") and "2,5 ha att röja" in swedish and "Scener: S2A." in swedish
    )


@pytest.mark.parametrize("key", map_texts.TABLE)
def test_every_text_has_two_languages_with_the_same_values(key):
    texts = map_texts.TABLE[key]
    assert tuple(texts) == map_texts.LANGUAGES
    if key.startswith(map_texts.OF_SUMMARY + "verdict"):
        return  # English keeps the sentence of the evaluation, Swedish is made of its parts
    values = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
    assert values[0] == values[1]
