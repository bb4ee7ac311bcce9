"""Figures of the page of the study, drawn from tiny arrays."""

import io

import numpy as np
import pandas as pd
import pytest

from rojsat.figures import confusion_matrices, loss_curves, object_maps, pairs, scene_classes, searches, stands
from rojsat.figures.loss_curves import LossCurve
from rojsat.figures.maps import Panel
from rojsat.figures.object_maps import HeatHistogram, ObjectMap
from rojsat.figures.stands import Crop

CLASSES = [(0, "NO_DATA", "#000000"), (4, "VEGETATION", "#00a000"), (9, "CLOUD", "#ffffff")]


def texts(figure):
    """All texts of a figure that can be drawn."""
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    return {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}


def panel(title, height=6, width=9):
    shape = (height, width)
    return Panel(title, np.full((*shape, 3), 0.5), np.full(shape, -1.0), np.full(shape, 0.4), 10.0)


def test_the_legend_names_every_class_and_the_bars_only_those_there():
    assert {"NO_DATA", "VEGETATION", "CLOUD", "0", "4", "9"} <= texts(scene_classes.legend(CLASSES))
    table = pd.DataFrame([[5, 3, 0]], index=["2019-07-11 (065)"], columns=[0, 4, 9])
    figure = scene_classes.shares(table, CLASSES[1:])
    labels = texts(figure)
    assert "4 VEGETATION" in labels
    assert "9 CLOUD" not in labels
    assert [bar.get_height() for bar in figure.axes[0].patches] == [1, 0]


def test_a_stand_of_one_pixel_does_not_vanish_from_the_map():
    count = np.zeros((1500, 900), np.uint8)
    count[1203, 701] = 2
    figure = stands.heatmaps({"need": count, "clear": np.zeros_like(count)}, 10)
    assert {"in need of clearing", "not in need of clearing", "stands on the pixel"} <= texts(figure)
    assert figure.axes[0].images[0].get_array().max() == 2


def test_crops_say_their_size_and_that_of_the_padding():
    ring = np.array([[1, 1], [4, 1], [4, 4], [1, 1]], float)
    crop = Crop("stand 1", "need", np.ones((9, 9, 3)), [ring], (2, 2, 4, 3), np.zeros((8, 8, 3)), (3, 4), 10)
    assert {"3 x 4 pixels,\npadded to 8 x 8", "stand 1\nin need of clearing"} <= texts(stands.crops([crop]))


@pytest.mark.parametrize("count", [1, 3, 4])
def test_objects_are_drawn_whatever_their_number_and_a_dropped_one_says_why(count):
    shown = [ObjectMap(f"region {number}", np.full((5, 7), 0.5), "", 10) for number in range(count - 1)]
    shown.append(ObjectMap("region 4", np.zeros((9, 4)), "no clearing object", 10))
    labels = " ".join(texts(object_maps.heatmaps(shown, "degree of need"))).replace("\n", " ")
    assert "region 4, dropped: no clearing object" in labels
    assert "degree of need (grey: unknown)" in labels


def test_the_histogram_names_the_percentile():
    figure = object_maps.histogram(HeatHistogram(np.array([9, 4, 1]), np.arange(4.0), "points a pixel", 2.5, 97))
    assert {"97th percentile: 2.5 points a pixel", "points a pixel"} <= texts(figure)


def test_a_side_has_its_heading_and_every_region():
    figure = pairs.side([panel("a"), panel("b")], "on a test date", "degree of need")
    assert {"a", "b", "on a test date", "mask", "prediction"} <= texts(figure)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_control_areas_are_drawn_whatever_their_number(count):
    labels = texts(pairs.controls([panel(f"p{number}") for number in range(count)], "degree of need"))
    assert {f"p{number}" for number in range(count)} <= labels


@pytest.mark.parametrize(("worst", "scale"), [(0.9, "linear"), (90, "log")])
def test_losses_beside_each_other_share_their_scale(worst, scale):
    history = pd.DataFrame({"epoch": [1, 2], "train/loss": [0.4, 0.2], "val/loss": [0.5, 0.3]})
    figure = loss_curves.losses_beside(
        [LossCurve("one", history, 2), LossCurve("two", history.assign(**{"val/loss": [worst, 0.5]}), 1)], "loss"
    )
    assert {"one", "two", "best epoch: 2", "best epoch: 1"} <= texts(figure)
    first, second = figure.axes
    assert first.get_ylim() == second.get_ylim()
    assert first.get_yscale() == second.get_yscale() == scale
    assert first.get_ylim()[1] > worst


def test_a_logarithmic_scale_is_labelled_in_plain_numbers():
    history = pd.DataFrame({"epoch": range(1, 6), "train/loss": 0.06, "val/loss": [0.9, 0.07, 0.08, 0.06, 0.07]})
    figure = loss_curves.losses_beside([LossCurve("one", history, 4)], "loss")
    figure.draw_without_rendering()
    (axes,) = figure.axes
    shown = [tick.get_text() for tick in (*axes.get_yticklabels(), *axes.get_yticklabels(minor=True))]
    assert axes.get_yscale() == "log"
    assert {"0.1", "0.2", "0.5"} <= set(shown)
    assert not any("10" in text for text in set(shown) - {"10", "100"})


def test_confusions_stand_beside_each_other():
    matrices = [("one", np.array([[3, 1], [0, 4]])), ("two", np.array([[2, 2], [1, 3]]))]
    assert {"one", "two", "0.75\n(3)", "0.50\n(2)"} <= texts(confusion_matrices.confusions(matrices, ["clear", "need"]))


def test_a_search_bears_its_name():
    trials = pd.DataFrame({"trial": [0, 1], "state": ["complete"] * 2, "value": [0.3, 0.2]})
    assert "resnet18_tci" in texts(searches.history(trials, "loss", "min", title="resnet18_tci"))
