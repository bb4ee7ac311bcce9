import io

import numpy as np
import pandas as pd
import pytest

from rojsat.figures import confusion_matrices, interval_curves, loss_curves, maps, metric_bars, reading_bars


def rendered(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def texts(figure):
    return {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}


def test_losses_show_both_parts_and_the_best_epoch():
    history = pd.DataFrame({"epoch": [1, 2, 3], "train/loss": [3.0, 2.0, 1.0], "val/loss": [3.0, 1.0, 2.0]})
    figure = loss_curves.losses(history, "masked MSE (degree²)", best=2)
    assert {"training", "validation", "best epoch: 2", "epoch", "masked MSE (degree²)"} <= texts(figure)
    assert rendered(figure)


def test_confusion_rows_are_normalised_and_counts_shown():
    figure = confusion_matrices.confusion(np.array([[8, 2], [1, 3]]), ["clear", "need"], "title")
    assert {"0.80\n(8)", "0.20\n(2)", "0.25\n(1)", "0.75\n(3)"} <= texts(figure)


def test_confusion_of_an_absent_class_is_no_division_by_zero():
    assert "0.00\n(0)" in texts(confusion_matrices.confusion(np.array([[0, 0], [1, 1]]), ["clear", "need"], ""))


@pytest.mark.parametrize("count", [1, 4])
def test_side_by_side_is_drawn_for_any_number_of_panels(count):
    panel = maps.Panel("region 6", np.full((7, 9, 3), np.nan), np.full((7, 9), -1.0), np.full((7, 9), 0.5), 10)
    figure = maps.side_by_side([panel] * count, "degree of need", "true colour")
    assert rendered(figure)
    assert {"mask", "prediction", "true colour"} <= texts(figure)


def test_unknown_pixels_are_masked_not_drawn_as_zero():
    mask = np.array([[-1.0, 0.0], [0.5, 1.0]])
    panel = maps.Panel("x", np.zeros((2, 2, 3)), mask, np.array([[np.nan, 0.1], [0.2, 0.3]]), 10)
    figure = maps.side_by_side([panel], "t", "i")
    drawn = [image.get_array() for image in figure.findobj(lambda artist: hasattr(artist, "get_array"))]
    hidden = [np.ma.getmaskarray(array) for array in drawn if array is not None and array.shape == (2, 2)]
    assert [array.tolist() for array in hidden] == [[[True, False], [False, False]]] * 2


def test_metric_bars_have_a_plot_a_task():
    table = pd.DataFrame(
        {
            "experiment": ["resnet18_tci", "unet_dates", "unet_roi6"],
            "task": ["classification", "segmentation", "segmentation"],
            "leak": [True, True, False],
            "value": [0.9, 0.1, -0.2],
            "without_image": [1.0, 0.2, np.nan],
        }
    )
    figure = metric_bars.metric_bars(table)
    assert len(figure.axes) == 2
    assert rendered(figure)


def test_what_a_network_reads_is_a_bar_each_and_a_value_far_below_zero_is_cut_off():
    rows = {"title": ["as it is", "frame moved", "none"], "value": [0.3, -20.0, np.nan], "text": ["0.3", "-20", "n/a"]}
    figure = reading_bars.reading_bars(pd.DataFrame(rows), "R²", 0.0)
    assert {" 0.3", " -20", " n/a", "without an image", "R² on the test part"} <= texts(figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == rows["title"]
    assert figure.axes[0].get_xlim() == (-1, 1)
    assert rendered(figure)


@pytest.mark.parametrize("rows", [[{"level": 0.5, "coverage": 0.6, "width": 0.3}], []])
def test_intervals_are_drawn_also_of_regions_too_few_for_any_level(rows):
    by_region = {str(number): {"coverage": 0.8 + number / 20, "width": 0.5, "count": 9} for number in range(3)}
    curve = [{"share": 0.5, "rmse": 0.1}, {"share": 1.0, "rmse": 0.2}]
    content = {"level": 0.9, "by_region": by_region, "reliability": rows, "risk_coverage": curve}
    figure = interval_curves.interval_curves(content, (0.85, 0.95))
    assert {"3 regions left out, 90% intervals", "85% to 95%", "as promised", "all pixels"} <= texts(figure)
    assert rendered(figure)
    parts = [{"part": part, "coverage": 0.9, "coverage_by_degree": 0.8} for part in ("narrow", "middle", "wide")]
    both = interval_curves.interval_curves(content | {"quantiles": content | {"by_width": parts}}, (0.85, 0.95))
    assert {"coverage by width", "width by predicted quantiles"} <= texts(both) - texts(figure)
