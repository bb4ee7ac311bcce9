import numpy as np
import pandas as pd

from rojsat.chips.reader import Chips
from rojsat.evaluation.report_files import Predictions
from rojsat.figures import panels, true_colour
from tests.support import stores


def test_all_panels_of_a_data_set_share_one_stretch(tmp_path):
    chips = Chips(stores.write_small(tmp_path, regions=2, dates=2))
    rows = chips.index[chips.index["role"] == "clearing"].reset_index(drop=True)
    mask, seen = np.stack([chips.mask(chip) for chip in rows["chip"]]), np.stack([chips.seen(c) for c in rows["chip"]])
    white = true_colour.white(chips)
    assert white == true_colour.white(Chips(tmp_path))  # whoever opens the store
    shown = list(panels.each(chips, Predictions(rows, np.maximum(mask, 0), np.maximum(mask, 0), mask >= 0, seen)))
    assert len(shown) == len(rows) == 4
    for panel, chip in zip(shown, rows["chip"], strict=True):
        colours = np.moveaxis(true_colour.read(chips, chip), 0, -1)
        below = np.isfinite(colours) & (colours < white)
        np.testing.assert_allclose(panel.panel.image[below] * white, colours[below], rtol=1e-5)
        assert (panel.panel.image[np.isfinite(colours) & ~below] == 1).all()


def test_clouds_do_not_decide_what_is_white(tmp_path):
    chips = Chips(stores.write_small(tmp_path, regions=1, dates=1))
    index = chips.index[chips.index["role"] != "control"]
    seen = [true_colour.read(chips, chip)[:, chips.seen(chip)].ravel() for chip in index["chip"]]
    assert true_colour.white(chips) == np.percentile(np.concatenate(seen), true_colour.WHITE_PERCENTILE)
    assert not all(chips.seen(chip).all() for chip in index["chip"])


def test_bands_at_the_top_of_the_atmosphere_are_drawn_where_there_are_no_others(tmp_path):
    stores.write(tmp_path, [("stand", "1", "need")], ["2019-08-01"], size=8, boa=("B02", "B08"), extras=("scl", "toa"))
    chips = Chips(tmp_path)
    (row,) = chips.index.to_dict("records")
    assert true_colour.heading(chips, "stand") == "true colour (toa.B04, toa.B03, toa.B02)"
    assert true_colour.read(chips, row["chip"]).shape == (3, 8, 8)
    assert pd.notna(true_colour.white(chips))
