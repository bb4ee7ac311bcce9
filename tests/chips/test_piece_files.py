import pandas as pd
import pytest

from rojsat.chips import piece_files

PLAIN = {"chip": "a", "label": None, "transform": [1.0, 2.0], "row": 1, "cloud": float("nan"), "zeroed": False}

ROWS = {
    "no text at all": [PLAIN] * 7,
    "texts in the first batch": [PLAIN | {"label": "need"}, *[PLAIN] * 6],
    "texts in the last batch": [*[PLAIN] * 6, PLAIN | {"label": "need"}],
    "a column that some lack": [*[PLAIN] * 4, PLAIN | {"strength": "weak", "box": 3}, PLAIN],
    "decimal numbers": [*[PLAIN] * 4, PLAIN | {"row": 1.5, "cloud": 0.5}],
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_batches_of_rows_become_the_table_of_all_at_once(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(piece_files, "BATCH", 3)
    for piece, half in (("a", rows[:4]), ("b", rows[4:])):
        piece_files.write(tmp_path, piece, [("chip", row) for row in half] + [("dropped", {"region": "x"})])
    pd.testing.assert_frame_equal(piece_files.read(tmp_path, "chip"), pd.DataFrame(rows))
    assert piece_files.read(tmp_path, "dropped", ["region"])["region"].tolist() == ["x", "x"]


def test_a_piece_that_fails_is_not_there(tmp_path):
    def rows():
        yield "chip", PLAIN
        raise RuntimeError

    with pytest.raises(RuntimeError):
        piece_files.write(tmp_path, "a", rows())
    assert not piece_files.is_filled(tmp_path, "a")
    assert len(piece_files.read(tmp_path, "chip")) == 0
