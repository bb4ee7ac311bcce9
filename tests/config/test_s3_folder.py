"""Stores of chips on S3, against a server on this machine: the bits of a disk, half-written ones refused."""

import json

import pandas as pd
import pytest

from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes, s3_client, s3_folder
from rojsat.config.s3_folder import S3Folder
from tests.support import stores

pytest.importorskip("s3fs")
pytest.importorskip("moto")
pytestmark = pytest.mark.slow
s3_server = pytest.importorskip("tests.support.s3_server")

REGIONS = [("clearing", "1", "need"), ("clearing", "2", "clear"), ("stand", "3", "clear")]
DATES = [f"2019-07-{day:02}" for day in range(1, 10)]
MADE_BY = {"chips": {"size": 36}}


@pytest.fixture(scope="module")
def server():
    with s3_server.served() as app:
        yield app


@pytest.fixture(scope="module")
def stored(server, tmp_path_factory):
    """One store on the disk and on S3: two chunks of clearing objects, one of stands."""
    path = tmp_path_factory.mktemp("disk") / "store"
    for folder in (path, S3Folder("s3://rojsat/stores/mine")):
        stores.write(folder, REGIONS, DATES, hidden=True, outlines={region: [] for _, region, _ in REGIONS})
    return path


@pytest.fixture
def s3_place(server, request, tmp_path, monkeypatch):
    """A folder of S3 for one test."""
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    return S3Folder(f"s3://rojsat/{request.node.name}")


def test_a_store_on_s3_has_the_bits_of_one_on_the_disk(stored):
    disk, s3 = Chips(stored), Chips("s3://rojsat/stores/mine/")
    assert (s3.facts, s3.outlines) == (disk.facts, disk.outlines)
    pd.testing.assert_frame_equal(s3.index, disk.index)
    for chip in disk.index["chip"]:
        assert s3.channels(chip, ["tci", "s2"]).tobytes() == disk.channels(chip, ["tci", "s2"]).tobytes()
        assert s3.mask(chip).tobytes() == disk.mask(chip).tobytes()


def test_a_connection_that_breaks_is_taken_up_again(stored, server, monkeypatch):
    chips, disk = Chips("s3://rojsat/stores/mine"), Chips(stored)
    chip = disk.index["chip"].iloc[0]
    monkeypatch.setattr(server, "part", "/boa/c")
    monkeypatch.setattr(server, "breaks", 2)
    assert chips.channels(chip, ["B04"]).tobytes() == disk.channels(chip, ["B04"]).tobytes()
    assert server.breaks == 0
    monkeypatch.setattr(server, "breaks", 1000)
    with pytest.raises(ValueError, match="s3://rojsat at http.* does not answer .*goes on from what is done"):
        chips.apart().channels(chip, ["B04"])


REFUSED = {
    "no bucket": ("s3://none/mine", {}, "not there .*make the bucket, or correct data.store"),
    "no store": (
        "s3://rojsat/none",
        {},
        "no .finished. chips; `.* data=none data.store=s3://rojsat` cuts",
    ),
    "no keys": (
        "s3://rojsat/stores/mine",
        {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SHARED_CREDENTIALS_FILE": "/none"},
        "there are no credentials .*set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    ),
    "no server": (
        "s3://rojsat/stores/mine",
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"},
        "s3://rojsat at http://127.0.0.1:1 does not answer as it should",
    ),
    "no prefix": ("s3://rojsat", {}, "is no folder of S3: s3://BUCKET/PREFIX"),
    "no s3": ("https://server/mine", {}, "is no folder of S3: s3://BUCKET/PREFIX"),
}


@pytest.mark.parametrize(("url", "environment", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_store_is_refused_with_what_to_do(stored, monkeypatch, url, environment, words):
    for name, value in environment.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    s3_client.forget()
    with pytest.raises(ValueError, match=words):
        Chips(url)
    s3_client.forget()


def test_a_folder_is_made_when_its_recipe_is_there_and_goes_on_where_it_was(s3_place):
    def interrupted(folder):
        s3_folder.write_at_once(folder / "first", "1")
        raise KeyboardInterrupt

    def write(folder):
        seen.append([file.name for file in s3_folder.files(folder)])
        s3_folder.write_at_once(folder / "second", "2")

    seen = []
    with pytest.raises(KeyboardInterrupt):
        recipes.make(s3_place, MADE_BY, interrupted, resume="state")
    assert not recipes.is_made(s3_place, MADE_BY)
    assert recipes.make(s3_place, MADE_BY, write, resume="state") and recipes.is_made(s3_place, MADE_BY)
    assert not recipes.make(s3_place, MADE_BY, write, resume="state")
    assert seen == [["first", recipes.RESUME]]
    assert [file.name for file in s3_folder.files(s3_place)] == ["first", recipes.RECIPE, "second"]
    with pytest.raises(ValueError, match="was made differently"):
        recipes.is_made(s3_place, {"chips": {"size": 48}})


def test_what_was_begun_otherwise_or_from_other_files_is_made_anew_and_foreign_files_stay(s3_place):
    def write(folder):
        seen.append([file.name for file in s3_folder.files(folder)])
        (folder / "store" / "chunk").write_text("1")

    def fail(folder):
        write(folder)
        raise OSError

    seen = []
    with pytest.raises(OSError):
        recipes.make(s3_place, MADE_BY, fail, resume="old code")
    recipes.make(s3_place, MADE_BY, write, resume="new code")
    recipes.make(s3_place, MADE_BY, write, resume="new code", made_from={"files": {"a": {"content": "1"}}}, again=True)
    assert seen == [[recipes.RESUME]] * 3
    assert json.loads((s3_place / "inputs.json").read_text()) == {"files": {"a": {"content": "1"}}}
    foreign = s3_place / "foreign"
    (foreign / "holiday.jpg").write_text("")
    with pytest.raises(ValueError, match="rojsat did not make it"):
        recipes.make(foreign, MADE_BY, write)
