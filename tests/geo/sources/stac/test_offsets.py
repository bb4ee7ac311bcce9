"""The decision on the offset: all combinations of the witnesses."""

from pathlib import Path

import numpy as np
import pytest
import rasterio

from rojsat.geo.sources.stac import offsets
from rojsat.geo.sources.stac.offsets import DARK, LEAST, LOW, SHIFT, Evidence

NOTHING = Evidence()
OFF = Evidence(10_000, 9_000, 9_500, clear=True)
IN = Evidence(10_000, 0, 9_000, clear=True)
BRIGHT = Evidence(10_000, 0, 0, clear=True)

FLANDERS = Path("../shared/real/flanders")

TABLE = [
    # baseline, declared, applied, pixels -> offset, doubts
    (2.14, None, None, OFF, 0.0, []),
    (2.14, 0.0, False, OFF, 0.0, []),
    (3.01, SHIFT, None, OFF, 0.0, ["assets declare -0.1"]),
    (3.01, SHIFT, None, NOTHING, 0.0, ["assets declare -0.1"]),
    (3.01, None, None, IN, 0.0, ["pixels look like -0.1"]),
    (5.09, None, None, IN, SHIFT, []),  # Planetary Computer
    (5.09, None, None, NOTHING, SHIFT, []),
    (5.09, None, None, OFF, 0.0, []),
    (5.09, SHIFT, None, IN, SHIFT, []),  # CDSE, Earth Search collection 1
    (5.09, SHIFT, None, BRIGHT, SHIFT, []),
    (5.09, SHIFT, None, OFF, 0.0, ["assets declare -0.1"]),
    (5.09, SHIFT, True, OFF, 0.0, ["assets declare -0.1"]),  # Earth Search
    (5.09, SHIFT, False, OFF, 0.0, ["assets declare -0.1", "applied is false"]),
    (5.09, SHIFT, False, IN, SHIFT, []),
    (5.09, SHIFT, True, IN, SHIFT, ["applied is true"]),
    (5.09, SHIFT, True, BRIGHT, SHIFT, ["applied is true"]),
    (5.09, 0.0, True, OFF, 0.0, []),
    (5.09, 0.0, True, BRIGHT, 0.0, []),
    (5.09, 0.0, None, IN, SHIFT, ["assets declare 0"]),
    (4.00, None, None, IN, SHIFT, []),
    (None, SHIFT, None, NOTHING, SHIFT, []),
    (None, SHIFT, None, OFF, 0.0, ["assets declare -0.1"]),
    (None, 0.0, None, IN, SHIFT, ["assets declare 0"]),
]


@pytest.mark.parametrize(("baseline", "declared", "applied", "evidence", "offset", "doubts"), TABLE)
def test_decision(baseline, declared, applied, evidence, offset, doubts):
    decision = offsets.decide(baseline, declared, applied, evidence)
    assert decision.offset == offset
    assert len(decision.doubts) == len(doubts)
    assert all(part in doubt for part, doubt in zip(doubts, decision.doubts, strict=True))
    assert decision.reason


def test_the_option_overrules_all():
    assert offsets.decide(5.09, SHIFT, True, IN, 0.0) == offsets.Decision(0.0, "as the option `offset` says")


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        (Evidence(LEAST - 1, LEAST - 1, LEAST - 1, clear=True), None),
        (Evidence(1000, 50, 1000, clear=True), 0.0),
        (Evidence(1000, 50, 1000, clear=False), 0.0),
        (Evidence(1000, 49, 1000, clear=True), None),
        (Evidence(1000, 5, 1000, clear=True), None),
        (Evidence(1000, 4, 10, clear=True), SHIFT),
        (Evidence(1000, 4, 10, clear=False), None),
        (Evidence(1000, 0, 9, clear=True), None),
    ],
)
def test_verdict_of_the_pixels(evidence, verdict):
    assert evidence.verdict() == verdict


def test_nothing_to_go_by_is_an_error_before_anything_is_read():
    with pytest.raises(ValueError, match="say `offset: 0`"):
        offsets.check("x", None, None, None)
    offsets.check("x", 5.09, None, None)
    offsets.check("x", None, 0.0, None)
    offsets.check("x", None, None, 0.0)


@pytest.mark.skipif(not FLANDERS.is_dir(), reason="needs the real data of ../shared/real, see its README.md")
def test_the_pixels_of_real_dates_are_never_wrong():
    """190 dates from before baseline 04.00, in all weathers, as they are and with ESA's 1000 added."""
    verdicts = {0: [], 1000: []}
    for path in sorted(FLANDERS.glob("*_10m.tif")):
        with rasterio.open(path) as raster, rasterio.open(str(path).replace("_10m", "_scl_20m")) as scl:
            visible = raster.read([1, 2, 3])
            classes = scl.read(1, out_shape=visible.shape[1:])
        stored = visible[:, np.isin(classes, (4, 6))].astype(int)
        for added, offsets_of_dates in verdicts.items():
            values = stored[stored != 0] + added
            evidence = Evidence(values.size, int((values < DARK).sum()), int((values < LOW).sum()), clear=True)
            offsets_of_dates.append(evidence.verdict())
    for added, truth in ((0, 0.0), (1000, SHIFT)):
        assert len(verdicts[added]) == 190
        assert set(verdicts[added]) == {truth, None}
        assert verdicts[added].count(truth) >= 98
