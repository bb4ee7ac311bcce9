import pytest

from rojsat.chips.reader import Chips
from rojsat.learn.data.sample_source import Source
from tests.support import stores


@pytest.mark.parametrize(
    ("labels", "is_named"),
    [
        ({"source": "gps", "options": {}}, True),
        ({"source": "polygons", "options": {}}, False),
        ({"source": "corrections", "options": {"files": ["a"], "over": {"source": "gps"}}}, True),
        ({"source": "corrections", "options": {"files": ["a"], "over": {"source": "rasters"}}}, False),
        ({"source": "corrections", "options": {"files": ["a"]}}, False),
    ],
)
def test_regions_that_the_threshold_is_of_are_named_also_where_marks_lie_over_gps(tmp_path, labels, is_named):
    chips = Chips(stores.write_small(tmp_path, regions=2, dates=1))
    chips.recipe = {"labels": labels}
    source = Source(chips, "clearing", tuple(stores.BANDS), None, "segmentation")
    assert list(source.threshold_regions(None)) == (["0", "1"] if is_named else [])
