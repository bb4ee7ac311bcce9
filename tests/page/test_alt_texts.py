import numpy as np
import pandas as pd

from rojsat.figures.loss_curves import LossCurve
from rojsat.figures.maps import Panel
from rojsat.figures.mask_marks import MaskMarks
from rojsat.page import alt_texts


def panel(mask, prediction, unwalked=None):
    mask, prediction = np.array(mask, float), np.array(prediction, float)
    marks = MaskMarks() if unwalked is None else MaskMarks((), np.array(unwalked), "no GPS point in the pixel")
    return Panel("region 6, 2019-09-01\nRMSE 0.1", np.zeros((*mask.shape, 3)), mask, prediction, 10, marks)


def test_losses_are_told_by_where_they_begin_and_end():
    history = pd.DataFrame({"epoch": [1, 2, 3], "train/loss": [0.4, 0.3, 0.1], "val/loss": [0.5, 0.2, 0.6]})
    text = alt_texts.losses([LossCurve("U-Net", history, 2)])
    assert "U-Net, training goes from 0.4 to 0.1, validation from 0.5 to 0.6" in text
    assert "best of 3 epochs, 2" in text


def test_a_row_is_told_by_its_known_pixels():
    mask = [[0, 0.5, 1, -1]]
    text = alt_texts.side([panel(mask, [[0, 0.5, 1, 0.9]], [[True, False, False, True]])], "on a test date")
    assert text.startswith(
        "Rows of true colour, mask and prediction, on a test date. Region 6, 2019-09-01: the mask goes"
    )
    assert "mean 0.50, 33% of it hatched" in text
    assert "follows it (correlation 1.00)" in text
    assert "is the same everywhere" in alt_texts.side([panel(mask, [[0.2] * 4])], "")
    assert "nothing is known" in alt_texts.side([panel([[-1, -1]], [[0.2, 0.3]])], "")


def test_a_matrix_is_told_by_what_is_right():
    text = alt_texts.confusions([("ResNet18", np.array([[3, 1], [2, 4]]))], ["clear", "need"])
    assert text == "ResNet18: 3 of 4 clear are predicted as clear, 4 of 6 need are predicted as need."


def test_a_control_area_of_which_nothing_is_seen_says_so():
    assert "nothing is seen" in alt_texts.controls([panel([[-1]], [[np.nan]])])
