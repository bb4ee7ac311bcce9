import pandas as pd

from rojsat.stages import _rule_report

COLUMNS = ["region", "date", "label", "strength", "reason", "hectares"]
DATED = pd.DataFrame(
    [
        ("1", "2019-07-01", "need", "strong", "tending completed after the image", 1.5),
        ("1", "2019-07-20", "need", "strong", "tending completed after the image", 1.5),
        ("1", "2020-07-01", "clear", "strong", "tending completed before the image", 1.5),
        ("2", "2019-07-01", "need", "strong", "tending completed after the image", 2.0),
        ("2", "2019-07-20", "clear", "strong", "tending completed before the image", 2.0),
        ("3", "2019-07-01", None, None, "development class 04", 4.0),
        ("3", "2020-07-01", None, None, "development class 04", 4.0),
    ],
    columns=COLUMNS,
)


def test_a_stand_counts_once_a_year_label_and_reason_with_its_hectares():
    table = _rule_report.by_reason(DATED)
    rows = table[["year", "label", "strength", "stands", "hectares"]].values.tolist()
    assert rows == [
        ["2019", "need", "strong", 2, "3.50"],
        ["2019", "clear", "strong", 1, "2.00"],
        ["2019", "unknown", "", 1, "4.00"],
        ["2020", "clear", "strong", 1, "1.50"],
        ["2020", "unknown", "", 1, "4.00"],
    ]


def test_regions_have_the_labels_of_their_chips():
    index = pd.DataFrame({"region": ["1", "1", "2"], "label": ["clear", "need", "clear"], "strength": "weak"})
    regions = pd.DataFrame({"region": ["1", "2", "3"], "label": None})
    assert _rule_report.with_labels(regions, index)["label"].tolist() == ["need/clear", "clear", None]
    assert _rule_report.with_labels(regions, index.drop(columns="strength")) is regions


def test_stands_and_chips_are_counted_by_label_and_strength():
    index = pd.DataFrame({"region": ["1", "1", "2"], "chip": list("abc"), "label": "need", "strength": "weak"})
    assert _rule_report.by_strength(index).values.tolist() == [["need", "weak", 2, 3]]
