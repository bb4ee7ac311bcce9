import numpy as np

from rojsat.chips import boxes
from rojsat.chips.reader import Chips
from rojsat.evaluation.report_files import Predictions
from rojsat.figures import panels
from tests.support import stores


def test_a_region_looks_the_same_with_and_without_surroundings_in_its_sample(tmp_path):
    chips = Chips(stores.write_small(tmp_path, regions=1, dates=1, margin=3))
    wide = chips.index[chips.index["role"] == "clearing"].reset_index(drop=True)
    rows = {"window": wide.assign(height=4, width=4), "box": boxes.own(wide)}
    stored, inside = chips.read(wide["chip"].iloc[0]), boxes.inside(wide.iloc[0])
    shown = {}
    for frame, table in rows.items():
        planes = [stored.degree, stored.mask(), stored.seen()]
        if frame == "box":
            planes = [np.pad(plane[inside], (0, 2)) for plane in planes]  # padded to the largest box
        degree, mask, seen = (plane[None] for plane in planes)
        predictions = Predictions(table, degree, np.maximum(mask, 0), mask >= 0, seen)
        (shown[frame],) = panels.each(chips, predictions)
    assert shown["window"].panel.image.shape[:2] == shown["window"].panel.mask.shape == (stores.SIZE, stores.SIZE)
    for name in ("image", "mask", "prediction"):
        np.testing.assert_array_equal(getattr(shown["window"].panel, name), getattr(shown["box"].panel, name))
    assert shown["window"].known == shown["box"].known > 0.5
