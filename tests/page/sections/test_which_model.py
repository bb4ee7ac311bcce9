"""Which model for what: words and cells follow from the numbers."""

from types import SimpleNamespace

import pytest

from rojsat.config.pipeline import ListedEvaluation
from rojsat.page import evaluation_report
from rojsat.page.sections import which_model
from tests.support import evaluation_reports

LABELS = {"boosting": "boosting", "box": "U-Net in the study's way", "": "U-Net on windows"}


def listed(objects, key):
    variant = (f"variant={key}",) if key else ()
    return ListedEvaluation(("exp=unet", *variant, f"data=objects_{objects}"), f"objects_{objects}", LABELS[key])


@pytest.fixture
def page(tmp_path):
    """Inputs of a page with the evaluations `(objects, variant): (R², values)`; None for one that does not exist."""

    def make(evaluations, folder="results"):
        reports = []
        for (objects, key), content in evaluations.items():
            line, name = listed(objects, key), f"unet_{key}_{objects}"
            if content is not None:
                r2, values = content
                frame = "box" if key == "box" else "window"
                report = evaluation_reports.content(name, line, r2, frame=frame, **{"regions": objects} | values)
                evaluation_reports.leave(tmp_path / folder / "evaluations" / name, **report)
            reports.append(evaluation_report.read(name, line, tmp_path))
        data = SimpleNamespace(source="simulated")
        return SimpleNamespace(evaluations=reports, experiment=SimpleNamespace(data=data))

    return make


def table_j(inputs):
    """Table J, behind table N where anything is evaluated."""
    return next(item for item in which_model.items(inputs) if item.numbers[0].value == "J")


def rows(inputs):
    """Texts of the rows of table J by the labels of their predictors, small print behind."""
    table = table_j(inputs).table
    lines = [row[-(len(table.columns) - 1) :] for row in table.rows]
    return {line[0].text: [f"{cell.text} {cell.published}".strip() for cell in line[1:]] for line in lines}


CURVE = {
    (9, "boosting"): (0.02, {}),
    (9, "box"): (0.11, {"position": 0.1}),
    (27, "boosting"): (0.22, {}),
    (27, "box"): (0.15, {"position": 0.12}),
}


def test_the_answer_names_the_best_its_gain_and_how_many_objects_it_takes(page):
    answer, how_many, without_image, how = which_model.findings(page(CURVE))
    assert answer.startswith("Yes. On regions not trained on, boosting beats the best predictor without an image by")
    assert "by 0.22 (0.17 to 0.27) of R², with 27 clearing objects" in answer
    assert "with 9 objects by nothing; with 27 objects by boosting." in how_many
    assert "position in the window R² -0.01 and position in the box R² 0.12" in without_image
    assert "3 seeds" in how


def test_rows_have_verdicts_in_words_and_position_in_each_frame(page):
    cells = rows(page(CURVE))
    assert list(cells)[:4] == [
        "the mean of training",
        "need everywhere",
        "position in the window",
        "position in the box",
    ]
    assert cells["boosting"][-2:] == ["+0.22 0.17 to 0.27\nover the mean", "yes with 27 objects"]
    assert cells["U-Net in the study's way"][-2:] == [
        "+0.03 -0.02 to 0.08\nover position in the box",
        "no the interval holds 0",
    ]
    assert cells["position in the box"][:2] == ["0.10 0.06 to 0.14", "0.12 0.08 to 0.16"]


def test_the_answer_is_no_where_position_in_another_frame_has_more(page):
    inputs = page({(27, "boosting"): (0.1, {}), (27, "box"): (0.15, {"position": 0.12})})
    answer = which_model.findings(inputs)[0]
    assert answer.startswith("No. ")
    assert "Closest is boosting: +0.10 (0.05 to 0.15) of R², with 27 clearing objects; but position" in answer
    assert rows(inputs)["boosting"][-1] == "no position in the box has more"


@pytest.mark.parametrize(
    ("r2", "values", "verdict"),
    [
        (-0.2, {}, "no, worse"),
        (0.3, {"regions": 4}, "no too few regions to say more"),
        (0.01, {}, "no the interval holds 0"),
    ],
)
def test_without_a_gain_the_answer_is_no(page, r2, values, verdict):
    inputs = page({(27, "boosting"): (r2, values)})
    assert which_model.findings(inputs)[0].startswith("No. ")
    assert rows(inputs)["boosting"][-1] == verdict


def test_an_r2_below_zero_has_words_and_iou_stands_beside_the_prevalence(page):
    inputs = page({(27, "boosting"): (-0.2, {})})
    assert rows(inputs)["boosting"][0] == "-0.20 worse than the mean\n-0.24 to -0.16"
    assert rows(inputs)["the mean of training"][0] == "0.00 -0.04 to 0.04"
    assert "IoU, 27 objects, prevalence 0.55" in table_j(inputs).table.columns


def test_what_is_not_evaluated_names_its_command_and_the_page_is_made_all_the_same(page):
    inputs = page({(9, "boosting"): (0.1, {}), (9, ""): None, (81, ""): None})
    assert "objects_81 not evaluated yet" in which_model.findings(inputs)[1]
    table = table_j(inputs)
    hints = {cell.hint for row in table.table.rows for cell in row if cell.text == "not evaluated"}
    assert {"rojsat evaluate exp=unet data=objects_9", listed(81, "").command} <= hints
    assert "2 did not run yet" in table.note
    nothing = page({(81, ""): None})
    assert which_model.findings(nothing)[0].startswith("Not evaluated yet")
    assert len(which_model.items(nothing)) == 1


def test_a_kept_evaluation_comes_before_that_of_this_machine_which_is_marked(page):
    local = page({(27, "boosting"): (0.3, {})}, folder="reports")
    assert "Made on this machine, no kept result: boosting." in table_j(local).note
    kept = page({(27, "boosting"): (0.2, {})})
    assert rows(kept)["boosting"][0].startswith("0.20")
    assert "this machine" not in which_model.items(kept)[0].note


def choices(inputs):
    """Rows of table N: what for, the best, then texts with their small print."""
    rows = which_model.items(inputs)[0].table.rows
    return {row[0].text: [row[1].text, *(f"{cell.text} {cell.published}".strip() for cell in row[2:])] for row in rows}


def test_which_model_for_what_says_yes_only_where_the_gain_is_decided(page):
    chosen = choices(page(CURVE))
    assert chosen["degree of need, 9 objects"][0] == "boosting"
    assert chosen["degree of need, 9 objects"][-1] == "no the gain may be chance"
    assert chosen["degree of need, 27 objects"] == [
        "boosting",
        "0.22 R²\n0.18 to 0.26",
        "0.00 the mean of training\n-0.04 to 0.04",
        "+0.22 of R²\n0.17 to 0.27",
        "yes",
    ]
    assert chosen["need or no need, 27 objects"][0] == "boosting"
    assert chosen["need or no need, 27 objects"][-1] == "yes the intervals lie apart"
    close = choices(page({(27, "boosting"): (0.01, {})}))
    assert close["need or no need, 27 objects"][-1] == "not shown the intervals overlap"
