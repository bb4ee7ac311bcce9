from datetime import date
from pathlib import Path

import pytest
from shapely.geometry import LineString, Polygon, box

from rojsat.geo.finland import finnish_stands, stand_labels
from rojsat.geo.finland.finnish_stands import Operation, Stand, TreeStand
from rojsat.geo.finland.stand_labels import LabelRule

IMAGE = date(2020, 7, 1)
SQUARE = box(500000, 6900000, 500100, 6900100)
BOW = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
JUNE = date(2020, 6, 13)


def proposed(year, code="740"):
    return Operation("1", code, year, None)


def completed(year, code="740"):
    return Operation("1", code, None, date(year, 8, 1))


def labelled(development_class="T1", operations=(), trees=(("1", JUNE),), outline=SQUARE, rule=None, strata=2):
    stands = [Stand("1", development_class, "2", "3", "10", outline)]
    tree_stands = [TreeStand("1", *pair, strata) for pair in trees]
    table = finnish_stands.assemble(stands, tree_stands, operations, Path("stands.xml"))
    return stand_labels.label(table, IMAGE, rule or LabelRule()).iloc[0]


NEED, CLEAR, UNKNOWN = ("need", "weak"), ("clear", "weak"), (None, None)
STRONG_NEED, STRONG_CLEAR = ("need", "strong"), ("clear", "strong")

CASES = [
    # what operations say
    (STRONG_CLEAR, "tending completed before the image", {"operations": [completed(2019)]}),
    (STRONG_CLEAR, "tending completed before the image", {"operations": [completed(2019), proposed(2020)]}),
    (STRONG_CLEAR, "tending completed before", {"operations": [completed(2019)], "development_class": "02"}),
    (STRONG_NEED, "tending completed after the image", {"operations": [completed(2021)]}),
    (STRONG_NEED, "tending completed after the image", {"operations": [completed(2021, "750")]}),
    (UNKNOWN, "before and after the image", {"operations": [completed(2019), completed(2021)]}),
    (UNKNOWN, "other operation completed since the tending", {"operations": [completed(2018), completed(2019, "5")]}),
    (UNKNOWN, "other operation completed after the image", {"operations": [proposed(2020), completed(2021, "5")]}),
    (NEED, "tending proposed near the image", {"operations": [proposed(2022)]}),
    (NEED, "tending proposed near the image", {"operations": [proposed(2018), completed(2015)]}),
    (UNKNOWN, "tending proposed for another time", {"operations": [proposed(2023)]}),
    (UNKNOWN, "tending completed since its proposal", {
        "operations": [proposed(2016), completed(2017)], "rule": LabelRule(proposed=5)}),
    (UNKNOWN, "weeding proposed", {"operations": [proposed(2020, "660")]}),
    (UNKNOWN, "operation of unknown code", {"operations": [proposed(2020), completed(2015, "523")]}),
    # what an observation says
    (CLEAR, "observed without a proposal", {}),
    (CLEAR, "observed without a proposal", {"development_class": "T2", "operations": [proposed(2020, "5")]}),
    (UNKNOWN, "not observed", {"trees": [("2", JUNE), ("3", JUNE), (None, JUNE), ("1", None)]}),
    (UNKNOWN, "not observed", {"strata": 0}),
    (UNKNOWN, "observed too far from the image", {"trees": [("1", date(2017, 6, 1)), ("2", JUNE)]}),
    (UNKNOWN, "between observation and image", {
        "trees": [("1", date(2018, 1, 1))], "operations": [completed(2019, "660")]}),
    (UNKNOWN, "tending completed long after the image", {"operations": [completed(2023)]}),
    (UNKNOWN, "the file has no operations", {"operations": None}),
    # what a stand is
    (UNKNOWN, "development class A0", {"development_class": "A0", "operations": [proposed(2020)]}),
    (UNKNOWN, "development class S0", {"development_class": "S0", "operations": [completed(2019)]}),
    (UNKNOWN, "development class unknown", {"development_class": "Q7", "operations": [proposed(2020)]}),
    (UNKNOWN, "development class unknown", {"development_class": None}),
    (UNKNOWN, "young forest without a tending", {"development_class": "02", "operations": [proposed(2020)]}),
    (UNKNOWN, "no outline", {"outline": None}),
    (UNKNOWN, "outline at fault", {"outline": BOW}),
    (UNKNOWN, "outline at fault", {"outline": LineString([(0, 0), (9, 9)])}),
    (UNKNOWN, "too small inside the buffer", {"rule": LabelRule(inner_buffer=45)}),
    (UNKNOWN, "too small inside the buffer", {"rule": LabelRule(inner_buffer=60)}),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "reason", "stand"), CASES)
def test_a_stand_has_the_label_that_the_rule_says_and_the_reason(verdict, reason, stand):
    row = labelled(**stand)
    assert (row["label"], row["strength"]) == verdict
    assert reason in row["reason"]


def test_hectares_are_of_the_outline_and_inside_the_buffer():
    row = labelled()
    assert (row["hectares"], row["inner_hectares"]) == pytest.approx((1, 0.64))
    assert row["geometry"].bounds == (500010, 6900010, 500090, 6900090)


def test_counts_add_stands_and_hectares_by_label_and_reason():
    stands = [Stand(str(number), "A0" if number > 2 else "T1", "2", "3", "10", SQUARE) for number in range(1, 6)]
    table = finnish_stands.assemble(stands, [], [proposed(2020)], Path("stands.xml"))
    counts = stand_labels.counts(stand_labels.label(table, IMAGE, LabelRule()))
    assert counts.values.tolist() == [
        ["need", "weak", "tending proposed near the image", 1, 1.0],
        ["unknown", "", "development class A0", 3, 3.0],
        ["unknown", "", "not observed", 1, 1.0],
    ]


@pytest.mark.parametrize("name", ["proposed", "completed", "observed", "inner_buffer", "smallest"])
def test_a_limit_below_zero_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} is -1"):
        LabelRule(**{name: -1})
