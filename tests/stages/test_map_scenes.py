import pytest

from rojsat.config import compose
from rojsat.stages import _map_scenes
from tests.support import map_scenes


@pytest.fixture
def stac(tmp_path, monkeypatch):
    """A data set of an API, and what would be downloaded."""
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    asked = []

    def write(destination, **what):
        asked.append(what)
        (destination / "catalog.json").write_text("{}")

    monkeypatch.setattr(_map_scenes.raw, "write", write)
    return compose.load("default", ["data=stac"]), asked


def test_an_api_is_asked_for_the_outlines_of_the_map_alone_and_once(stac, tmp_path):
    experiment, asked = stac
    area = tmp_path / "stands.gpkg"
    map_scenes.stands((0, 0, 9, 9)).to_file(area)
    outlines = {"path": str(area), "role": "control"}
    for _ in range(2):
        assert _map_scenes.folder(experiment, outlines, tmp_path / "map") == tmp_path / "map" / "scenes"
    (what,) = asked
    assert what["source"] == "stac" and what["regions"] == [outlines] and what["gps"]["files"] == []


def test_complete_scenes_of_an_api_are_refused(stac, tmp_path):
    experiment, asked = stac
    with pytest.raises(ValueError, match="downloads what outlines need: name a file of outlines by area=FILE"):
        _map_scenes.folder(experiment, None, tmp_path / "map")
    assert asked == [] and not (tmp_path / "map").exists()
