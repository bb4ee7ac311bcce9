"""Single items that cannot be used are left out with a warning; many of them are an error."""

import json
import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rojsat.config import file_names
from rojsat.geo.scenes import catalog
from rojsat.geo.sources.stac import asset_links, items, query, source
from rojsat.geo.sources.stac.unusable_items import UnusableItemError, UnusableItems
from tests.support import archive as archives

DAYS = range(1, 6)
OPTIONS = {"bands": ["B02"], "first_wait": 0.01, "tries": 3, "timeout": 20.0}
PERIOD = {"start": "2023-07-01", "end": "2023-07-31"}


def href(text):
    return lambda item: item["assets"]["blue"].update(href=text)


def announced(**fields):
    return lambda item: item["assets"]["blue"].update({key.replace("_", ":"): value for key, value in fields.items()})


def stating(**fields):
    return lambda item: item["properties"].update({key.replace("__", ":"): value for key, value in fields.items()})


FAULTS = {
    "missing": (href("{url}/files/d1/nothing.tif"), "status 404"),
    "removed": (href("{url}/files/gone.tif"), "status 410"),
    "refused": (href("{url}/files/refused.tif"), "status 403.*credentials"),
    "no_raster": (href("{url}/files/text.tif"), "incomplete or no raster"),
    "cut": (href("{url}/files/cut.tif"), "incomplete or no raster"),
    "shape": (announced(proj_shape=[10980, 10980]), "not what its item announces: shape"),
    "no_shape": (announced(proj_shape=["many", None]), "its asset blue"),
    "crs": (announced(proj_code="EPSG:None"), "announces the CRS 'EPSG:None', which is none"),
    "file": (href("file:///etc/passwd"), "no URL of a web server"),
    "path": (href("/etc/passwd"), "no URL of a web server"),
    "vsicurl": (href("/vsicurl/{url}/files/d1/B02.tif"), "no URL of a web server"),
    "way_out": (href("{url}/files/d1/../d1/B02.tif"), "by a way around"),
    "coded_way_out": (href("{url}/files/d1/%2e%2e/d1/B02.tif"), "by a way around"),
    "tile": (stating(grid__code="MGRS-../../../EVIL"), "a tile is as 33VWE"),
    "platform": (stating(platform="../../evil"), "a platform is as sentinel-2a"),
    "orbit": (stating(sat__relative_orbit=999999), "relative orbit is 999999"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Collections of five dates of which that of 3 July has one fault."""
    folder = tmp_path_factory.mktemp("archive")
    archive = archives.Archive(folder)
    archives.write_tile(folder / "d1", 1, raised=True, bands=("B02",))
    content = (folder / "d1" / "B02.tif").read_bytes()
    (folder / "text.tif").write_text("<html>sorry</html>")
    (folder / "cut.tif").write_bytes(content[:4000])
    served = []
    for name, (damage, _) in (FAULTS | {"signed": (href("{url}/files/d1/B02.tif?sig=TOKEN-OF-NOW"), "")}).items():
        for day in DAYS:
            item = archives.item(archive, day, folder="d1", bands=("B02",)) | {"collection": name}
            item["id"] = f"{name}-{day}"
            if day == 3 or name == "signed":
                damage(item)
                asset = item["assets"]["blue"]
                asset["href"] = asset["href"].replace("{url}", archive.url)
            served.append(item)
    archive.serve(served)
    yield archive
    archive.close()


@pytest.fixture(autouse=True)
def statuses(archive):
    """Files that are not there any more, or not for everyone."""
    answers = {"/files/gone.tif": "410", "/files/refused.tif": "403"}
    archive.token, archive.requests, archive.faults = None, [], lambda path, number: answers.get(path)


def fetch(archive, destination, collection, **options):
    options = OPTIONS | {"api": archive.url, "collection": collection} | options
    source.write(destination, archives.regions((300, 300)), **PERIOD, **options)
    return [scene.datetime.day for scene in catalog.read(destination)]


@pytest.mark.parametrize("name", FAULTS)
def test_one_unusable_item_of_several_is_left_out_with_a_warning(archive, tmp_path, caplog, name):
    with caplog.at_level(logging.WARNING, logger="rojsat"):
        assert fetch(archive, tmp_path / "data", name) == [1, 2, 4, 5]
    (message,) = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert f"1 items of the archive are left out because they cannot be used, 4 are taken. {name}-3: " in message
    written = json.loads((tmp_path / "data" / "catalog.json").read_text())["description"]
    assert f"Left out as unusable: {name}-3: " in written
    with pytest.raises(ValueError, match=FAULTS[name][1]):
        raise ValueError(written)
    assert not list(tmp_path.rglob("*20230703*"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]  # nothing beside the data set
    assert archive.asked("/etc") == []


def test_a_share_of_0_takes_none(archive, tmp_path):
    with pytest.raises(ValueError, match=r"1 of 5 items cannot be used, more than the option `unusable_share`"):
        fetch(archive, tmp_path / "data", "missing", unusable_share=0)


def test_what_is_to_be_skipped_is_not_asked_for(archive, tmp_path):
    assert fetch(archive, tmp_path / "data", "missing", unusable_share=0, skip=["missing-3"]) == [1, 2, 4, 5]
    assert archive.asked("nothing.tif") == []
    with pytest.raises(ValueError, match="'missing-7' does not exist"):
        fetch(archive, tmp_path / "other", "missing", skip=["missing-7"])


def test_pages_without_end_are_left(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(query, "MOST_ITEMS", 4)
    with pytest.raises(ValueError, match="more than 4 items .* narrow start and end"):
        fetch(archive, tmp_path / "data", "missing")


@pytest.mark.parametrize(
    ("total", "share", "unusable", "is_error"),
    [
        (1, 0.2, 1, True),
        (2, 0.2, 1, False),
        (5, 0.2, 2, True),
        (10, 0.2, 2, False),
        (10, 0.2, 3, True),
        (9, 0, 1, True),
    ],
)
def test_more_than_the_share_is_an_error(total, share, unusable, is_error):
    items = UnusableItems(total, share)
    for number in range(unusable - 1):
        items.add(f"a{number}", "status 404")
    if is_error:
        with pytest.raises(ValueError, match=f"{unusable} of {total} items cannot be used.*more likely to be wrong"):
            items.add("last", "status 404")
    else:
        items.add("last", "status 404")
        assert len(items.reasons()) == unusable


def test_the_reason_of_an_item_is_that_of_its_first_asset_whichever_came_first():
    items = UnusableItems(10, 0.2)
    items.add("a", "third", 3)
    items.add("a", "first", 1)
    assert items.reasons() == {"a": "first"}


def test_links_that_the_api_signed_are_asked_for_again_when_they_expire(archive, tmp_path):
    archive.token = "one"

    def expire(path, number):
        if path == "/files/d1/B02.tif" and archive.token == "one" and number == 2:
            archive.token = "two"

    archive.faults = expire
    assert fetch(archive, tmp_path / "data", "signed", connections=1) == [*DAYS]
    written = "".join(path.read_text() for path in (tmp_path / "data").rglob("*.json") if path.name != "search.json")
    assert "sig=" not in written


HOSTILE = st.one_of(st.text(max_size=30), st.sampled_from(["../../evil", "/etc/passwd", "33VWE", "S2A/..", "\0"]))
PROPERTIES = ("platform", "s2:mgrs_tile", "grid:code", "s2:product_uri", "title", "s2:datastrip_id", "mgrs:grid_square")


@given(HOSTILE, st.dictionaries(st.sampled_from(PROPERTIES), HOSTILE))
@example("../../../../EVIL", {})
@example("a" * 1000, {})
def test_whatever_an_item_says_its_scene_names_a_file_of_the_folder(name, properties):
    geometry = {"type": "Point", "coordinates": [15, 57]}
    item = {"id": name, "geometry": geometry, "assets": {}, "properties": properties | {"datetime": "2023-07-01"}}
    try:
        items.check(item)
    except UnusableItemError:
        return
    assert [file_names.fault(scene) for scene in source._names([item, item])] == [None, None]


def test_unsigned_keeps_what_names_the_file():
    assert asset_links.unsigned("https://a.org/x?file=B02.tif&X-Amz-Signature=1&se=2") == "https://a.org/x?file=B02.tif"
    assert asset_links.unsigned("https://a.org/x.tif") == "https://a.org/x.tif"


@pytest.mark.parametrize(
    "text", [None, 7, "http://", "http://[::1/x", "gopher://a.org/x", "https://a.org/a\\..\\b", "vrt://x"]
)
def test_urls_of_other_kinds_are_unusable(text):
    with pytest.raises(UnusableItemError):
        asset_links.check(text)
