import numpy as np
import pandas as pd
import pytest

from rojsat.figures import searches

TABLE = pd.DataFrame(
    {
        "trial": range(6),
        "state": ["complete", "complete", "pruned", "complete", "complete", "fail"],
        "value": [0.5, 0.2, np.nan, 0.9, 0.3, np.nan],
        "optimizer.lr": [1e-4, 1e-3, 1e-5, 1e-2, 5e-4, np.nan],
        "train.batch_size": [4, 8, 4, 8, 16, np.nan],
        "loss.name": ["masked_mse", "masked_huber", "masked_mse", "masked_mse", "masked_mse", None],
    }
)
LOGS = {"optimizer.lr": True, "train.batch_size": False, "loss.name": False}


def lines(figure):
    return {line.get_label(): line for line in figure.axes[0].get_lines()}


@pytest.mark.parametrize(("mode", "best"), [("min", [0.5, 0.2, 0.2, 0.2]), ("max", [0.5, 0.5, 0.9, 0.9])])
def test_history_shows_the_best_so_far(mode, best):
    drawn = lines(searches.history(TABLE, "validation loss", mode))
    np.testing.assert_allclose(drawn["best so far"].get_ydata(), best)
    assert list(drawn["pruned"].get_xdata()) == [2]
    assert list(drawn["the experiment's own values"].get_ydata()) == [0.5]


def test_one_value_far_above_the_others_hides_none():
    table = TABLE.assign(value=[0.5, 0.2, np.nan, 1e4, 0.3, np.nan])
    assert searches.history(table, "validation loss", "min").axes[0].get_yscale() == "log"
    assert searches.history(TABLE, "validation loss", "min").axes[0].get_yscale() == "linear"


def test_a_slice_has_a_plot_a_key_with_its_scale():
    plots = searches.slices(TABLE, LOGS, "validation loss").axes[:3]
    assert [axes.get_xlabel() for axes in plots] == ["optimizer.lr (log scale)", "train.batch_size", "loss.name"]
    assert [axes.get_xscale() for axes in plots] == ["log", "linear", "linear"]
    assert plots[0].get_ylabel() == "validation loss"


@pytest.mark.parametrize("mode", ["min", "max"])
def test_parallel_coordinates_draw_a_line_a_trial_whose_values_are_known(mode):
    axes = searches.parallel(TABLE, LOGS, "validation loss", mode).axes[0]
    trials = [line for line in axes.get_lines() if len(line.get_xdata()) == len(LOGS) and line.get_marker() == "o"]
    assert len(trials) == 5
    assert max(trials, key=lambda line: line.get_ydata()[0]).get_ydata()[0] == 1  # the largest rate stands at the top


def test_importance_has_a_bar_a_key():
    axes = searches.importance({"optimizer.lr": 0.75, "train.batch_size": 0.25}, "validation loss").axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.25]


def test_one_trial_alone_can_be_drawn():
    alone = TABLE.iloc[:1]
    for figure in (
        searches.history(alone, "validation loss", "min"),
        searches.slices(alone, LOGS, "validation loss"),
        searches.parallel(alone, LOGS, "validation loss", "min"),
    ):
        figure.canvas.draw()
