import pytest

from rojsat.geo.discovery import folder
from rojsat.geo.discovery.gps_files import GpsFile
from tests.support.fit_files import fit

STEM = (
    '<HarvestedProduction xmlns="urn:skogforsk:stanford2010"><Machine><Stem><HarvestDate>2019-08-01T10:00:00Z'
    "</HarvestDate><StemCoordinates><Latitude>58.5</Latitude><Longitude>15.2</Longitude></StemCoordinates></Stem>"
    "</Machine></HarvestedProduction>"
)
TRACK = (
    '<kml xmlns="http://www.opengis.net/kml/2.3"><Placemark><Track><when>2019-08-01T10:00:00Z</when>'
    "<coord>15.2 58.5 0</coord></Track></Placemark></kml>"
)


@pytest.mark.parametrize(
    ("name", "content", "points"),
    [
        ("watch.FIT", fit([(58.5, 15.2, 1564650000)] * 3), 3),
        ("harvester.hpr", STEM.encode(), 1),
        ("phone.kml", TRACK.encode(), 1),
    ],
)
def test_points_of_watches_and_machines_are_found(tmp_path, name, content, points):
    (tmp_path / name).write_bytes(content)
    assert folder.look(tmp_path).gps == [GpsFile(name, points, timed=True, states_crs=True)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("indoors.fit", "it holds no point"), ("a.hprz", "unpack it"), ("a.tcx", "export the activity")],
)
def test_what_gives_no_point_is_left_aside_with_a_reason(tmp_path, name, reason):
    (tmp_path / name).write_bytes(fit([(None, None, 1564650000)]))
    (tmp_path / "harvester.hpr").write_text(STEM)
    (aside,) = folder.look(tmp_path).left_aside
    assert aside.path == name and reason in aside.reason
