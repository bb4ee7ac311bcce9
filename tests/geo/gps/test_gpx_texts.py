import pytest

from rojsat.geo.gps import files

TIMES = [f"2019-08-01T09:00:0{second}Z" for second in range(4)]


def gpx(times, head='<?xml version="1.0" encoding="UTF-8"?>', lat="58.5"):
    fixes = "".join(
        f'<trkpt lat="{lat}" lon="15.25">{f"<time>{time}</time>" if time else ""}</trkpt>' for time in times
    )
    space = 'xmlns="http://www.topografix.com/GPX/1/1"'
    return f'{head}<gpx version="1.1" creator="åsen" {space}><trk><trkseg>{fixes}</trkseg></trk></gpx>'


def read(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return [time for batch in files.batches(path, None) for time in batch.time.to_pylist()]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>', "cp1252"),  # untrue
        ("", "latin-1"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>', "latin-1"),
        ('<?xml version="1.0" encoding="windows-1252"?>', "cp1252"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "utf-16"),  # untrue
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16-le"),
        ("", "utf-8-sig"),
    ],
)
def test_any_encoding_is_read(tmp_path, head, encoding):
    assert len(read(tmp_path / "a.gpx", gpx(TIMES, head), encoding)) == 4


@pytest.mark.parametrize("odd", ["01/08/2019 09:00", "1564650000"])
def test_times_that_cannot_be_read_are_told_from_missing_ones(tmp_path, caplog, odd):
    assert read(tmp_path / "a.gpx", gpx([*TIMES[:3], odd]))[3] is None
    assert f"1 of 4 times cannot be read, as '{odd}'" in caplog.text
    with pytest.raises(ValueError, match="a.gpx.*none of its 2 times can be read"):
        read(tmp_path / "a.gpx", gpx([odd, odd, None]))
    caplog.clear()
    assert read(tmp_path / "a.gpx", gpx([*TIMES[:3], None]))[3] is None
    assert not caplog.text


def test_decimal_commas_are_refused_(tmp_path):
    with pytest.raises(ValueError, match="a.gpx.*decimal commas"):
        read(tmp_path / "a.gpx", gpx(TIMES, lat="58,5"))
