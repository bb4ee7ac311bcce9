import zipfile

import pytest

from rojsat.geo.gps import files, kml

TIMES = [f"2019-08-01T09:00:0{second}Z" for second in range(3)]
PLACES = [(15.1, 58.1), (15.2, 58.2), (15.3, 58.3)]


def document(*placemarks, version="2.2", head='<?xml version="1.0" encoding="UTF-8"?>'):
    spaces = f'xmlns="http://www.opengis.net/kml/{version}" xmlns:gx="http://www.google.com/kml/ext/2.2"'
    marks = "".join(f"<Placemark><name>åsen</name>{shape}</Placemark>" for shape in placemarks)
    return f"{head}<kml {spaces}><Document><Folder><name>f</name>{marks}</Folder></Document></kml>"


def track(prefix="gx:", times=TIMES, places=PLACES):
    whens = "".join(f"<when>{time}</when>" for time in times)
    coords = "".join(f"<{prefix}coord>{lon} {lat} 100</{prefix}coord>" for lon, lat in places)
    return f"<{prefix}Track>{whens}{coords}</{prefix}Track>"


def point(lon, lat, time=None):
    stamp = f"<TimeStamp><when>{time}</when></TimeStamp>" if time else ""
    return f"{stamp}<Point><coordinates>{lon},{lat},0</coordinates></Point>"


LINE = "<LineString><coordinates>15.1,58.1 15.2,58.2</coordinates></LineString>"


REST = track(times=TIMES[1:], places=PLACES[1:])


def read(path, content):
    content = content if isinstance(content, bytes) else content.encode()
    if path.suffix == ".kmz":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("__MACOSX/._doc.kml", b"\0")
            file.writestr("doc.kml", content)
    else:
        path.write_bytes(content)
    batches = list(files.batches(path, None))
    places = [(x, y) for batch in batches for x, y in zip(batch.x, batch.y, strict=True)]
    times = [time for batch in batches for time in (batch.time.to_pylist() if batch.time else [None] * len(batch.x))]
    return places, times, [name for batch in batches if batch.track for name in batch.track.to_pylist()]


@pytest.mark.parametrize("name", ["a.kml", "a.kmz"])
@pytest.mark.parametrize(
    ("text", "tracks"),
    [
        (document(track()), "111"),
        (document(track("", times=TIMES), version="2.3"), "111"),
        (document(f"<gx:MultiTrack>{track(times=TIMES[:1], places=PLACES[:1])}{REST}</gx:MultiTrack>"), "122"),
        (document(track()).encode("latin-1"), "111"),
    ],
)
def test_tracks_have_their_times(tmp_path, name, text, tracks):
    assert read(tmp_path / name, text) == (PLACES, TIMES, list(tracks))


def test_of_tracks_and_other_shapes_the_tracks_are_read_and_the_others_said(tmp_path, caplog):
    places, times, _ = read(tmp_path / "a.kml", document(track(), LINE, point(1, 2)))
    assert (places, times) == (PLACES, TIMES)
    assert read(tmp_path / "b.kml", document(track(times=[])))[:2] == (PLACES, [None] * 3)
    assert "1 Point and 1 LineString are left aside" in caplog.text


@pytest.mark.parametrize("name", ["a.kml", "a.kmz"])
def test_points_and_lines_are_read_where_there_are_no_tracks(tmp_path, caplog, name):
    places, times, _ = read(tmp_path / name, document(*map(point, *zip(*PLACES, strict=True), TIMES)))
    assert places == PLACES
    assert [time[:19].replace("/", "-").replace(" ", "T") + "Z" for time in times] == TIMES
    places, times, _ = read(tmp_path / name, document(LINE))
    assert (places, times) == (PLACES[:2], [None] * 2)
    assert "1 lines have no times: their 2 vertices" in caplog.text


def test_broken_files_are_refused(tmp_path, monkeypatch):
    (tmp_path / "empty.kmz").write_bytes(b"PK")
    with zipfile.ZipFile(tmp_path / "other.kmz", "w") as file:
        file.writestr("doc.txt", "a")
    monkeypatch.setattr(kml, "LARGEST", 1 << 20)
    with zipfile.ZipFile(tmp_path / "bomb.kmz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("doc.kml", b" " * (2 << 20))
    (tmp_path / "short.kml").write_text(document(track(times=TIMES[:2])))
    (tmp_path / "cut.kml").write_text(document(track())[:-30])
    for name, message in (
        ("empty.kmz", "no complete KMZ"),
        ("other.kmz", "without KML in it"),
        ("bomb.kmz", "larger than 1 MiB; unpack it"),
        ("short.kml", "2 times and 3 positions"),
        ("cut.kml", "no complete XML"),
    ):
        with pytest.raises(ValueError, match=f"{name}.*{message}"):
            list(files.batches(tmp_path / name, None))
