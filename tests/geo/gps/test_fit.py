import numpy as np
import pytest

from rojsat.geo.gps import files
from tests.support.fit_files import EPOCH, checksum, fit

START = 1564650000
"""2019-08-01T09:00:00Z."""

WALK = [(58.5 + second * 1e-5, -15.25, START + second) for second in range(100)]


def read(tmp_path, content, name="a.fit"):
    (tmp_path / name).write_bytes(content)
    return list(files.batches(tmp_path / name, None))


def test_the_checksum_is_that_of_the_format():
    assert checksum(b"123456789") == 0xBB3D  # CRC-16/ARC


@pytest.mark.parametrize("name", ["a.fit", "A.FIT"])
def test_positions_and_times_come_back(tmp_path, name):
    (batch,) = read(tmp_path, fit(WALK, [START, START + 50]), name)
    np.testing.assert_allclose(batch.y, [lat for lat, _, _ in WALK], atol=1e-7)
    np.testing.assert_allclose(batch.x, [lon for _, lon, _ in WALK], atol=1e-7)
    assert batch.time.cast("int64").to_pylist() == [time for _, _, time in WALK]
    assert batch.track.to_pylist() == ["1.1"] * 50 + ["1.2"] * 50
    assert batch.crs == "EPSG:4326"


def test_files_chained_to_one_are_tracks_of_their_own(tmp_path):
    (batch,) = read(tmp_path, fit(WALK[:3], [START]) + fit(WALK[3:5], [START + 3]))
    assert batch.track.to_pylist() == ["1.1"] * 3 + ["2.1"] * 2


def test_what_has_no_position_or_no_time_is_said(tmp_path, caplog):
    odd = [(None, None, START), (58.5, -15.25, None), (58.5, -15.25, EPOCH + 100), (58.5, -15.25, START)]
    (batch,) = read(tmp_path, fit(odd))
    assert batch.time.cast("int64").to_pylist() == [None, None, START]
    assert "1 of 4 records have no position" in caplog.text
    assert "2 of 3 positions have no time of day" in caplog.text
    assert read(tmp_path, fit(odd[:1] * 7)) == []
    assert "0 positions in 7 records" in caplog.text


def test_broken_files_are_refused_and_missing_checksums_said(tmp_path, caplog):
    assert len(read(tmp_path, fit(WALK, crc=0))[0].x) == 100
    assert "has no checksum" in caplog.text
    intact = fit(WALK)
    flipped = bytearray(intact)
    flipped[200] ^= 1
    for content, message in (
        (bytes(flipped), "checksum is wrong"),
        (intact[:500], "no complete FIT file"),
        (intact[:-1], "no complete FIT file"),
        (b"", "no complete FIT file"),
        (b"<gpx/>", "no complete FIT file"),
        (fit(WALK, extra=b"\x05\x01"), "no complete FIT file"),
    ):
        with pytest.raises(ValueError, match=f"a.fit.*{message}"):
            read(tmp_path, content)
