import re

import pytest

from rojsat.evaluation import reading_table


def reads(intact, shuffled, constant, moved, **more):
    values = {"intact": intact, "shuffled": shuffled, "constant": constant, "moved": moved}
    return {name: {"r2": value} for name, value in values.items()} | {"permuted": {"tci": {"r2": -0.2}}} | more


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.144, 0.129, 0.131, 0.1), "Keeps 0.13 of R² 0.14 with all channels constant: it reads the frame, not"),
        ((0.3, 0.2, 0.0, 0.3), "the frame or the mean spectrum of a chip"),
        ((0.3, 0.1, 0.0, 0.1), "R² falls from 0.30 to 0.10 when .*: it reads the place in the frame"),
        ((0.3, 0.1, -0.5, 0.3), r"R² is 0.30, 0.30 with .*, -0.50 \(worse than the mean\) with .*: it reads the image"),
        ((-0.1, 0.2, 0.2, 0.2), "R² is -0.10, worse than the mean: there is nothing"),
        ((0.0, 0.0, 0.0, 0.0), "no better than a predictor without an image"),
        ((float("nan"), 0.0, 0.0, 0.0), "not defined here"),
    ],
)
def test_the_sentence_follows_from_the_numbers(values, words):
    sentence = reading_table.sentence(reads(*values), "segmentation")
    assert re.search(words, sentence), sentence


def test_accuracy_is_compared_with_the_most_frequent_class():
    values = {name: {"accuracy": 0.62} for name in ("shuffled", "constant", "moved")}
    intact = {"accuracy": 0.8, "support_need": 6.0, "support_clear": 4.0}
    sentence = reading_table.sentence({"intact": intact} | values, "classification")
    assert "the place in the frame" in sentence  # 0.62 keeps a tenth of the gain over 0.6, not 78 %
    assert reading_table.without_image(intact, "accuracy") == 0.6


def test_iou_is_compared_with_every_pixel_in_need():
    intact = {"iou": 0.55, "prevalence": 0.55}
    sentence = reading_table.sentence({"intact": intact} | {"constant": {"iou": 0.55}}, "segmentation")
    assert sentence.startswith("IoU is 0.55, no better than")


def test_the_table_has_a_row_a_perturbation_and_words_for_a_negative_r2():
    lines = reading_table.markdown(reads(0.3, 0.1, -0.5, 0.3), "segmentation")
    assert lines[0] == "| test part | R² |"
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        *(f"| {title}" for title in reading_table.TITLES.values()),
        "| tci permuted",
    ]
    assert lines[4] == "| all channels constant | -0.500 (worse than the mean) |"


def test_metrics_that_none_of_the_tables_has_are_refused():
    with pytest.raises(ValueError, match="needs one of"):
        reading_table.first_metric({"intact": {"mse": 1.0}}, "classification")
