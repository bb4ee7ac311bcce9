import pytest

from rojsat.figures import learning_curve
from rojsat.figures.learning_curve import LearningCurve

BLIND = LearningCurve("position", [9, 27], [0.0, 0.1], [-0.1, 0.0], [0.1, 0.2], sees_image=False)
NETWORK = LearningCurve("network", [9, 27, 81], [-3.0, 0.1, 0.3], [-4.0, 0.0, 0.2], [-2.0, 0.2, 0.4], sees_image=True)


def test_points_stand_at_their_counts_and_an_r2_far_below_zero_does_not_squeeze_the_rest():
    axes = learning_curve.learning_curves([BLIND, NETWORK], "R²", "objects").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["9", "27", "81"]
    assert axes.get_ylim()[0] == learning_curve.LOWEST
    lines = [container.lines[0] for container in axes.containers]
    assert lines[1].get_xdata() == pytest.approx([9, 27, 81], rel=0.05)
    assert [line.get_linestyle() for line in lines] == ["--", "-"]
