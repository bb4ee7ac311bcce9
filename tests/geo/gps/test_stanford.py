import numpy as np
import pytest

from rojsat.geo.gps import files

MACHINE, CRANE = "Base machine position", "Crane tip position when felling the tree"


def place(lat, lon, *, tag="StemCoordinates", receiver=None, date="", north="North", east="East"):
    stated = f' receiverPosition="{receiver}" coordinateReferenceSystem="WGS84"' if receiver else ""
    fix = f"<CoordinateDate>{date}</CoordinateDate>" if date else ""
    return (
        f'<{tag}{stated}><Latitude latitudeCategory="{north}">{lat}</Latitude>'
        f'<Longitude longitudeCategory="{east}">{lon}</Longitude><Altitude>89.2</Altitude>{fix}</{tag}>'
    )


def stem(*places, date="2019-08-01T11:00:00+02:00", within=""):
    harvested = f"<HarvestDate>{date}</HarvestDate>" if date else ""
    return (
        f"<Stem><StemKey>1</StemKey>{harvested}{''.join(places)}<SingleTreeProcessedStem><DBH>90</DBH>{within}"
        "<StemDiameters><DiameterValue>88</DiameterValue></StemDiameters></SingleTreeProcessedStem></Stem>"
    )


def message(content, root="HarvestedProduction", version="3.1", head='<?xml version="1.0"?>', prefix=""):
    at = f":{prefix}" if prefix else ""
    body = f"<Machine><ObjectDefinition><ObjectName>Åsen</ObjectName></ObjectDefinition>{content}</Machine>"
    if prefix:
        body = body.replace("</", "<//").replace("<", f"<{prefix}:").replace(f"{prefix}://", f"/{prefix}:")
        root = f"{prefix}:{root}"
    return f'{head}<{root} xmlns{at}="urn:skogforsk:stanford2010" version="{version}">{body}</{root}>'


def read(tmp_path, text, name="a.hpr", encoding="utf-8"):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    batches = list(files.batches(tmp_path / name, None))
    assert len(batches) == 1
    return batches[0].x.tolist(), batches[0].y.tolist(), batches[0].time.to_pylist()


@pytest.mark.parametrize("version", ["2.0", "3.1", "4.0"])
@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<?xml version="1.0"?>', "utf-8"),
        ('<?xml version="1.0" encoding="utf-8"?>', "utf-8-sig"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>', "latin-1"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "latin-1"),  # untrue
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16"),
    ],
)
def test_stems_come_back_in_any_encoding_and_version(tmp_path, version, head, encoding):
    stems = stem(place(58.62, 16.7, receiver=MACHINE)) + stem(place(58.63, 16.8, receiver=MACHINE), date="")
    for prefix in ("", "s"):
        text = message(stems, version=version, head=head, prefix=prefix)
        assert read(tmp_path, text, encoding=encoding) == (
            [16.7, 16.8],
            [58.62, 58.63],
            ["2019-08-01T11:00:00+02:00", None],
        )


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([place(1, 2, receiver=MACHINE), place(3, 4, receiver=CRANE)], (4, 3)),  # the crane stands at the tree
        ([place(3, 4, receiver=CRANE), place(1, 2, receiver=MACHINE)], (4, 3)),
        ([place(1, 2, receiver=MACHINE), place("", 4, receiver=CRANE)], (2, 1)),  # if it has a fix
        ([place(1, 2, receiver=MACHINE), place(0, 0, receiver=CRANE)], (2, 1)),
        ([place(1, 2)], (2, 1)),
        ([place("58,5", "16,7")], (16.7, 58.5)),
        ([place(1, 2, north="South", east="West")], (-2, -1)),
        ([place(1, -2, east="West")], (-2, 1)),
        ([place(1, -2)], (-2, 1)),
        ([place(0, 0)], (np.nan, np.nan)),
        ([place("n/a", 2)], (2, np.nan)),
    ],
)
def test_of_several_positions_the_one_at_the_tree_counts(tmp_path, places, expected):
    (x,), (y,), _ = read(tmp_path, message(stem(*places)))
    np.testing.assert_equal((x, y), expected)


PROCESSED = "<ProcessingDate>2019-08-01T07:00:00Z</ProcessingDate>"


@pytest.mark.parametrize(
    ("stems", "expected"),
    [
        (stem(place(1, 2, date="2019-08-01T08:00:00Z"), date="2019-08-01T09:00:00Z"), "2019-08-01T09:00:00Z"),
        (stem(place(1, 2, date="2019-08-01T08:00:00Z"), date=""), "2019-08-01T08:00:00Z"),
        (stem(place(1, 2, date="2019-08-01T08:00:00Z"), date="removed"), "2019-08-01T08:00:00Z"),
        (stem(place(1, 2), date="removed"), "removed"),
        (
            stem(
                date="", within=place(1, 2, tag="Coordinates") + "<ProcessingDate>2019-08-01T07:00:00Z</ProcessingDate>"
            ),
            "2019-08-01T07:00:00Z",
        ),
    ],
)
def test_the_time_of_a_stem_is_that_of_its_felling(tmp_path, stems, expected):
    assert read(tmp_path, message(stems)) == ([2], [1], [expected])


WORK = "<IndividualMachineWorkTime><MonitoringStartTime>{}</MonitoringStartTime>{}</IndividualMachineWorkTime>"
TRACK = "<Tracking><TrackingKey>1</TrackingKey>{}</Tracking>".format(
    "".join(place(50 + n, n, tag="TrackCoordinates", date=f"2019-08-01T10:00:0{n}Z") for n in range(3))
)
LOAD = (
    "<Load><LoadingTime>2019-08-01T06:00:00Z</LoadingTime><UnloadingTime>2019-08-01T07:00:00Z</UnloadingTime>"
    + place(9, 9, tag="UnloadingCoordinates")
    + "".join(f"<PartialLoad>{place(n, n + 1, tag='LoadingCoordinates')}</PartialLoad>" for n in (1, 2))
    + "</Load>"
)
STANDSTILL = WORK.format(
    "2019-08-01T05:00:00Z", f"<IndividualMachineDownTime>{place(8, 8, tag='Coordinates')}</IndividualMachineDownTime>"
)
OBJECT = f"<ObjectDefinition>{place(7, 7, tag='Coordinates')}</ObjectDefinition>"


@pytest.mark.parametrize(
    ("name", "root", "content", "expected", "said"),
    [
        ("a.hpr", "HarvestedProduction", TRACK + stem(place(1, 2)), [2], "3 points of the machine's track"),
        ("a.hpr", "HarvestedProduction", TRACK + stem(), [0, 1, 2], "1 stems have no position"),
        ("a.hqc", "HarvestingQualityControl", OBJECT + stem(place(1, 2)), [2], "1 objects"),
        ("a.mom", "OperationalMonitoring", TRACK + STANDSTILL, [0, 1, 2], "1 standstills"),
        (
            "a.MOM",
            "OperationalMonitoring",
            WORK.format("2019-08-01", place(1, 2, tag="Coordinates")),
            [2],
            "",
        ),
        ("a.fpr", "ForwardedProduction", LOAD + OBJECT, [2, 3], "1 landings and 1 objects"),
        ("a.hpr", "StanForD2010Envelope", stem(place(1, 2)), [2], ""),
    ],
)
def test_every_message_gives_its_work_and_says_what_it_leaves_aside(
    tmp_path, caplog, name, root, content, expected, said
):
    x, _, times = read(tmp_path, message(content, root), name)
    assert x == expected and all(time is None or time.startswith("2019-08-01") for time in times)
    assert said in caplog.text


def test_a_file_without_positions_of_work_says_so(tmp_path, caplog):
    (tmp_path / "a.mom").write_text(message(STANDSTILL * 4, "OperationalMonitoring"))
    assert list(files.batches(tmp_path / "a.mom", None)) == []
    assert "0 positions of work, only of 4 standstills" in caplog.text


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (message(stem(place(1, 2)))[:-40], "no complete XML"),
        ("", "no complete XML"),
        ("<html/>", "no StanForD 2010 file: it begins with <html>"),
        (message(stem(place(1, 2)), head='<?xml version="1.0"?>' + BOMB), "declares entities"),
        (message("<a>" * 300 + "</a>" * 300), "deeper than 200"),
        (message(stem(place(1, 2, receiver=MACHINE))).replace("WGS84", "RT90"), "'RT90'; StanForD 2010 knows WGS84"),
        (message("", head='<?xml version="1.0" encoding="none-such"?>'), "no complete XML"),
    ],
)
def test_other_files_are_refused(tmp_path, text, match):
    with pytest.raises(ValueError, match=f"a.hpr.*{match}"):
        read(tmp_path, text)


def test_a_file_with_another_ending_is_known_by_its_namespace(tmp_path):
    assert read(tmp_path, message(stem(place(1, 2))), "a.xml")[:2] == ([2], [1])
    (tmp_path / "b.xml").write_text("<html/>")
    with pytest.raises(ValueError, match="b.xml is XML with the root <html>; of XML, GPX, KML and GML"):
        list(files.batches(tmp_path / "b.xml", None))
