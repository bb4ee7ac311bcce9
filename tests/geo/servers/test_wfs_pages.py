"""All features come exactly once, or it is said; what was fetched before a fault is not asked for again."""

import json
import logging

import pytest

from rojsat.geo.servers import wfs, wfs_pages
from rojsat.geo.servers.retries import GaveUpError
from rojsat.geo.servers.wfs import Query
from tests.support.wfs_server import stand

QUERY = Query("EPSG:3067", sort_by="STANDNUMBER")
ALL = [f"stand.{1000 + number}" for number in range(10)]


@pytest.fixture
def fetch(server, patience, tmp_path):
    """Fetches the ten stands, four a page."""

    def call(size=4, query=QUERY, **options):
        layer = wfs.open_layer(server.url, "stand", patience)
        return wfs_pages.fetch(layer, query, tmp_path / "pages", size=size, **options)

    return call


def ids(pages):
    return [feature["id"] for features in pages.read() for feature in features]


def on_page(fault, *numbers):
    """A fault of the single requests of pages with these numbers, of the second page if none."""
    return lambda parameters, number: fault if "count" in parameters and number in (numbers or (1,)) else None


@pytest.mark.parametrize("size", [1, 3, 5, 9, 10, 11])
def test_all_come_once_in_order_whatever_the_size_of_a_page(fetch, size):
    assert ids(fetch(size)) == ALL


@pytest.mark.parametrize(
    "fault",
    ["500", "429", "slow", "reset", "truncated", "exception", "html", "no json", "short", "repeated"],
)
def test_what_may_pass_is_asked_again(server, fetch, fault):
    server.faults = on_page(fault)
    assert ids(fetch()) == ALL
    assert server.starts() == [0, 4, 4, 8]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("refused", "refuses the request: InvalidParameterValue: Illegal property name"),
        ("404", "status 404"),
        ("degrees", "coordinates in urn:ogc:def:crs:EPSG::4326"),
    ],
)
def test_what_will_not_pass_is_an_error_at_once(server, fetch, fault, message):
    server.faults = on_page(fault)
    with pytest.raises(ValueError, match=message):
        fetch()
    assert server.starts() == [0, 4]


@pytest.mark.parametrize("fault", ["500", "html", "exception"])
def test_a_server_that_stays_away_is_given_up_and_the_pages_stay(server, fetch, fault):
    server.faults = on_page(fault, *range(1, 99))
    with pytest.raises(GaveUpError, match="features from 5 on of v1:stand.*same command goes on"):
        fetch()
    server.faults = lambda parameters, number: None
    server.requests.clear()
    assert ids(fetch()) == ALL
    assert server.starts() == [4, 8]


def test_a_server_that_asks_to_wait_for_hours_is_given_up(server, fetch):
    server.wait, server.faults = "7200", on_page("429")
    with pytest.raises(GaveUpError, match=r"status 429 \(tries: 1\)"):
        fetch()


def test_a_layer_without_an_order_asks_for_a_column(server, fetch):
    server.texts["exception"] = server.texts["exception"].replace("Connection", "Cannot do natural order without a key")
    server.faults = on_page("exception")
    with pytest.raises(ValueError, match="name a column by `sort_by`"):
        fetch()


def test_a_count_that_is_wrong_once_is_noticed_and_all_is_fetched_again(server, fetch, caplog):
    server.faults = on_page("12")
    assert ids(fetch()) == ALL
    assert server.starts() == [0, 4, 8] * 2
    assert "it counts 12 features and sent 10 different ones (0 twice); all pages are fetched again" in caplog.text


@pytest.mark.parametrize("fault", ["12", "repeated"])
def test_features_that_never_come_are_an_error_unless_allowed(server, fetch, fault):
    server.faults = on_page(fault, *range(99))
    with pytest.raises(ValueError, match=r"it counts 1\d features and sent \d+ different ones .* 3 times.*missing=\d"):
        fetch()


def test_missing_features_can_be_allowed_and_are_said(server, fetch, caplog):
    server.faults = on_page("12", *range(99))
    pages = fetch(missing=2)
    assert (ids(pages), pages.lacking) == (ALL, 2)
    assert "the server counted 10 and 12, 2 are missing" in caplog.text


def test_features_beyond_the_count_are_fetched_and_said(server, fetch, caplog):
    server.faults = lambda parameters, number: "8"
    assert ids(fetch()) == ALL
    assert "10 features were fetched; the server counted 8" in caplog.text


def test_a_server_that_changes_between_pages_is_fetched_again(server, fetch, caplog):
    def insert(parameters, number):
        if "count" in parameters and number == 1:
            server.layers["v1:stand"].insert(0, stand(-1))

    server.faults = insert
    assert ids(fetch()) == ["stand.999", *ALL]
    assert "all pages are fetched again" in caplog.text


def test_a_server_that_does_not_count_is_read_to_its_end_and_said(server, fetch, caplog):
    server.counts = False
    assert ids(fetch()) == ALL
    assert "whether all came cannot be checked" in caplog.text


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_server_that_sends_less_a_page_is_followed(server, fetch, is_announced):
    server.most, server.announces = 3, is_announced
    assert ids(fetch(8)) == ALL
    assert server.starts() == [0, 3, 6, 9]


def test_a_server_without_pages_is_refused_if_it_needs_them(server, fetch):
    server.paging = False
    with pytest.raises(ValueError, match="has no pages, and 10 features match; ask for a smaller area"):
        fetch()
    assert ids(fetch(10)) == ALL


def test_nothing_is_nothing(server, fetch):
    assert ids(fetch(query=Query("EPSG:3067", (0, 0, 1, 1)))) == []


def test_ids_that_the_server_makes_up_tell_nothing(server, fetch):
    rows = server.layers["v1:stand"]
    rows[:] = [row | {"id": f"fid-{number}"} for number, row in enumerate([*rows, rows[0]])]
    with pytest.raises(ValueError, match="it counts 11 features and sent 10 different ones"):
        fetch(20)


def test_a_count_that_has_changed_since_is_said_and_nothing_old_is_kept(server, fetch, caplog):
    server.faults = on_page("404")
    with pytest.raises(ValueError, match="404"):
        fetch()
    server.faults = lambda parameters, number: None
    del server.layers["v1:stand"][0]
    assert ids(fetch()) == ALL[1:]
    assert "counted 10 features on" in caplog.text
    assert "counts 9 now: all pages are fetched again" in caplog.text


@pytest.mark.parametrize("content", [b"", b'{"type": "FeatureCollection", "features": [', b"\x00\xff"])
def test_a_corrupt_page_is_fetched_again(server, fetch, tmp_path, caplog, content):
    fetch()
    (tmp_path / "pages" / "000001.page").write_bytes(content)
    server.requests.clear()
    assert ids(fetch()) == ALL
    assert server.starts() == [4]
    assert "000001.page is corrupt" in caplog.text


def test_a_folder_of_another_request_is_refused(fetch):
    fetch()
    with pytest.raises(ValueError, match="has pages of another request.*delete it or name another folder"):
        fetch(query=Query("EPSG:3067", (400_000, 6_900_000, 400_500, 6_900_500)))


def test_a_page_is_what_the_server_sent(server, fetch, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    fetch()
    pages = [json.loads(path.read_bytes()) for path in sorted((tmp_path / "pages").glob("*.page"))]
    assert [row for page in pages for row in page["features"]] == json.loads(json.dumps(server.layers["v1:stand"]))
    assert [record.message for record in caplog.records][-1] == "page 3 of 3 of v1:stand"
