import json

import pytest

from rojsat.config import checks, compose, decides, label_extents, lookup, recipes


def test_a_folder_is_made_once(tmp_path):
    calls = []

    def write(folder):
        calls.append(folder)
        (folder / "a").write_text("b")

    for _ in range(2):
        recipes.make(tmp_path / "x", {"seed": 1}, write)
    assert len(calls) == 1
    assert (tmp_path / "x" / "a").read_text() == "b"
    assert recipes.read(tmp_path / "x") == {"seed": 1}


def test_nothing_stays_of_a_failure(tmp_path):
    def write(folder):
        (folder / "half").write_text("")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        recipes.make(tmp_path / "x", {}, write)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".lock")] == []


def test_what_a_killed_process_left_is_removed(tmp_path):
    stale = tmp_path / ".partial-x"
    stale.mkdir()
    (stale / "half").write_text("")
    recipes.make(tmp_path / "x", {}, lambda folder: (folder / "complete").touch())
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["complete", "recipe.json"]


def test_another_recipe_overwrites_nothing(tmp_path):
    recipes.make(tmp_path / "x", {"options": {"seed": 1}}, lambda folder: None)
    with pytest.raises(ValueError, match=r"options.seed: 1, not 2.*data.name"):
        recipes.make(tmp_path / "x", {"options": {"seed": 2}}, lambda folder: None)


def test_a_folder_of_unknown_origin_is_refused(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine").touch()
    with pytest.raises(ValueError, match="rojsat did not make it"):
        recipes.is_made(tmp_path / "x", {})


def test_each_stage_adds_what_it_depends_on():
    experiment = compose.load("unet_roi6")
    stage_recipes = [recipes.recipe(stage, experiment) for stage in recipes.FOLDERS]
    assert [len(stage_recipe) for stage_recipe in stage_recipes] == [5, 6, 7]
    json.dumps(stage_recipes)


def test_missing_stages_come_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    experiment = compose.load("unet_roi6")
    assert recipes.missing(experiment) == ["raw", "masks", "chips"]
    recipes.make(recipes.folder("raw", experiment), recipes.recipe("raw", experiment), lambda folder: None)
    assert recipes.missing(experiment) == ["masks", "chips"]
    recipes.make(recipes.folder("chips", experiment), recipes.recipe("chips", experiment), lambda folder: None)
    assert recipes.missing(experiment) == []


def broken(folder):
    (folder / "half").write_text("1")
    raise OSError("disk full")


def test_what_can_be_resumed_goes_on_where_it_was_interrupted(tmp_path):
    with pytest.raises(OSError, match="disk full"):
        recipes.make(tmp_path / "x", {"seed": 1}, broken, resume="same")
    resumed = []
    recipes.make(tmp_path / "x", {"seed": 1}, lambda folder: resumed.append((folder / "half").exists()), resume="same")
    assert resumed == [True]
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["half", "recipe.json"]


@pytest.mark.parametrize(("seed", "state"), [(2, "same"), (1, "other")])
def test_what_was_begun_otherwise_starts_from_scratch(tmp_path, seed, state):
    with pytest.raises(OSError, match="disk full"):
        recipes.make(tmp_path / "x", {"seed": 1}, broken, resume="same")
    recipes.make(tmp_path / "x", {"seed": seed}, lambda folder: None, resume=state)
    assert not (tmp_path / "x" / "half").exists()


def test_a_fingerprint_changes_with_what_it_is_taken_of(tmp_path):
    (tmp_path / "a.py").write_text("1")
    before = recipes.fingerprint(tmp_path)
    (tmp_path / "a.py").write_text("12")
    assert recipes.fingerprint(tmp_path) != before


def test_a_recipe_names_a_margin_only_where_there_is_one():
    plain, wide = (compose.load("unet_roi6", more) for more in ([], ["data.chips.margin=320"]))
    assert "margin" not in recipes.recipe("chips", plain)["chips"]  # as in stores cut before there was the key
    assert recipes.recipe("chips", wide)["chips"]["margin"] == 320
    assert recipes.recipe("masks", plain) == recipes.recipe("masks", wide)


BEFORE = {"labels": {"source": "gps", "options": {"zeros": True}}}
"""Of a recipe from before labels had an extent: they filled the box."""


def test_masks_from_before_the_outline_counted_are_those_of_boxes_and_of_nothing_else(tmp_path):
    recipes.make(tmp_path / "x", BEFORE, lambda folder: None)
    boxes, outlines = (
        {"labels": {"source": "gps", "options": label_extents.stated("gps", {"zeros": True, **more})}}
        for more in ({"extent": "box"}, {})
    )
    assert recipes.is_made(tmp_path / "x", boxes)
    with pytest.raises(ValueError, match="extent: None, not 'outline'.*data.labels.options.extent=box keeps them"):
        recipes.is_made(tmp_path / "x", outlines)


@pytest.mark.parametrize("data", ["simulated", "objects_9", "objects_27_unscaled", "objects_81", "demo", "beetle"])
def test_recipes_of_kept_data_sets_are_what_they_were(data):
    experiment = compose.parse([f"data={data}"])
    assert experiment.data.labels.options["extent"] == "box"
    assert "extent" not in recipes.recipe("masks", experiment)["labels"]["options"]
    del experiment.data.labels.options["extent"]
    assert recipes.recipe("masks", experiment)["labels"]["options"]["extent"] == "outline"


def test_keys_of_region_files_that_came_later_are_stated_only_where_they_differ_from_before():
    word = "data.regions=[{path: a.gpkg, role: stand, %s}]"
    before, same, other = (
        recipes.recipe("raw", compose.parse(["data=safe", word % keys]))["regions"][0]
        for keys in ("label: need", "label: need, labels: {}, encoding: null, parts: together", "labels: {R: need}")
    )
    assert (
        before
        == same
        == {"path": "a.gpkg", "role": "stand", "label": "need", "id_field": None, "prefix": "", "layer": None}
    )
    assert other["labels"] == {"R": "need"}
    with pytest.raises(ValueError, match=r"data.regions\[0\].parts 'region' does not exist. Did you mean 'regions'"):
        checks.check(compose.parse(["data=safe", word % "parts: region"]))


def test_labels_without_an_extent_state_none():
    assert label_extents.stated("polygons", {"touched": True}) == {"touched": True}
    assert label_extents.stated("no_such_source", {}) == {}


def test_harvests_and_years_are_stated_only_where_there_are_some():
    experiment = compose.load("unet_roi6")
    plain, results = recipes.recipe("chips", experiment), decides.results(experiment)
    assert "harvests" not in plain and not {"youngest", "oldest"} & {*plain["chips"]}
    assert not [key for key in results if "harvests" in key or "youngest" in key or "oldest" in key]
    words = ["data.harvests=[{path: a.gpkg, register: utford_avverkning}]", "data.chips.oldest=0"]
    changed = compose.load("unet_roi6", words)
    recipe, results = recipes.recipe("chips", changed), decides.results(changed)
    assert recipe["harvests"] == results["data.harvests"] == [{"path": "a.gpkg", "register": "utford_avverkning"}]
    assert recipe["chips"]["oldest"] == results["data.chips.oldest"] == 0
    with pytest.raises(lookup.UnknownNameError, match="utford_avverkning"):
        checks.check(compose.load("unet_roi6", ["data.harvests=[{path: a.gpkg, register: utford}]"]))
