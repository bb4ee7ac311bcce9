from matplotlib.colors import to_hex

from rojsat.figures import interval_bars
from rojsat.figures.interval_bars import Bar


def test_a_bar_is_blue_only_above_the_line_and_above_what_has_no_image():
    bars = [Bar("a", 0.5, 0.4, 0.6), Bar("b", 0.42), Bar("position", 0.45, sees_image=False)]
    figure = interval_bars.interval_bars(bars, 0.34, "need everywhere", "IoU")
    (axes,) = figure.axes
    colours = [to_hex(bar.get_facecolor()) for bar in axes.patches]
    assert colours[0] != colours[1] != colours[2]
    line_wins = interval_bars.interval_bars(bars, 0.55, "need everywhere", "IoU").axes[0]
    assert to_hex(line_wins.patches[0].get_facecolor()) == colours[1]
    assert axes.get_title(loc="left") == "dashed: need everywhere 0.34"
