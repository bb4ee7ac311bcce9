"""Folders of data know the files that they were made from: a change is seen, a copy of the same is none."""

import copy
import functools
import os
import shutil

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from rojsat.config import compose, input_files, recipes
from rojsat.stages import _making
from tests.support import safe_products

WORDS = [
    "data=beetle",
    "data.name=mine",
    "data.regions=[{path: stands.shp, role: stand}]",
    "data.gps.files=['*.csv']",
    "data.options.files=[{pattern: 'scene_{date}.tif', bands: [B04]}]",
    "data.options.valid_rasters=null",
]


def raster(path, value=1):
    """A GeoTIFF whose size does not depend on what it holds."""
    path.parent.mkdir(exist_ok=True)
    grid = {"height": 8, "width": 8, "crs": "EPSG:32633", "transform": from_origin(600000, 6500040, 10, 10)}
    with rasterio.open(path, "w", driver="GTiff", count=1, dtype="uint16", **grid) as file:
        file.write(np.full((1, 8, 8), value, "uint16"))


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Files of a data set: regions, points, a scene and a label raster."""
    monkeypatch.setattr(compose, "ROOT", tmp_path / "repository")
    folder = tmp_path / "archive"
    folder.mkdir()
    for name in ("stands.shp", "stands.dbf", "phone.csv", "watch.csv", "notes.txt"):
        (folder / name).write_text(f"{name}: need")
    raster(folder / "scene_20190701.tif")
    raster(folder / "masks" / "all.tif")
    return folder


@functools.cache
def composed(*words):
    return compose.parse(words)


def experiment(folder, if_changed="stop"):
    """The data set of the files in a folder."""
    experiment = copy.deepcopy(composed(*WORDS))
    experiment.data.root, experiment.data.if_changed = str(folder), if_changed
    return experiment


def write(stage, folder):
    """Something for the folder of a stage; raw data list the label raster as the source does."""

    def fill(destination):
        (destination / "made").write_text(stage)
        if stage == "raw":
            (destination / "labels.json").write_text(f'[{{"label": "{folder}/masks/all.tif", "valid": null}}]')

    return fill


def make(stages, data_set, folder):
    for stage in stages:
        _making.make(stage, data_set, write(stage, folder))


def mend(path):
    """Another word of the same length, with the old times."""
    state = path.stat()
    path.write_text(path.read_text().replace("need", "weed"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


CHANGES = {
    "labels mended, same size": (lambda folder: mend(folder / "stands.dbf"), "changed: stands.shp", "raw"),
    "scene added": (lambda folder: raster(folder / "scene_20190801.tif"), "new: scene_20190801.tif", "raw"),
    "scene replaced": (lambda folder: raster(folder / "scene_20190701.tif", 2), "changed: scene_20190701.tif", "raw"),
    "scene gone": (lambda folder: (folder / "scene_20190701.tif").unlink(), "gone: scene_20190701.tif", "raw"),
    "points gone": (lambda folder: (folder / "watch.csv").unlink(), "gone: watch.csv", "raw"),
    "points added": (lambda folder: (folder / "tablet.csv").write_text("lon,lat"), "new: tablet.csv", "raw"),
    "mask replaced": (lambda folder: raster(folder / "masks" / "all.tif", 0), "masks/all.tif", "masks"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_named_by_every_stage_from_the_one_that_reads_the_file(archive, change):
    alter, said, first = CHANGES[change]
    make(_making.STAGES, experiment(archive), archive)
    alter(archive)
    for number, stage in enumerate(_making.STAGES):
        if number < _making.STAGES.index(first):
            _making.make(stage, experiment(archive), write(stage, archive))
            continue
        with pytest.raises(ValueError, match=rf"(?s)has changed since.*{said}.*To be made again.*make_again"):
            _making.make(stage, experiment(archive), write(stage, archive))
    with pytest.raises(ValueError, match=said):
        _making.missing(experiment(archive))
    again = experiment(archive, "make_again")
    stale = _making.STAGES[_making.STAGES.index(first) :]
    assert tuple(_making.missing(again)) == stale
    make(stale, again, archive)
    assert _making.missing(experiment(archive)) == []


def test_touching_copying_and_files_of_no_use_change_nothing(archive, capsys):
    make(_making.STAGES, experiment(archive), archive)
    for path in archive.rglob("*.*"):
        os.utime(path, ns=(1, 1))
        shutil.copyfile(path, path.with_name("copy"))  # another inode
        path.with_name("copy").replace(path)
    (archive / "notes.txt").write_text("other")
    (archive / "scene_20190701.tif.aux.xml").write_text("<PAMDataset/>")
    capsys.readouterr()
    make(_making.STAGES, experiment(archive), archive)
    made = [f"made already: data/{folder}/mine" for folder in ("raw", "masks", "processed")]
    assert capsys.readouterr().out.splitlines() == made


def test_raw_data_made_again_are_noticed_by_the_stages_after_them(archive):
    make(_making.STAGES, experiment(archive), archive)
    mend(archive / "phone.csv")
    make(["raw"], experiment(archive, "make_again"), archive)
    with pytest.raises(ValueError, match=r"(?s)data/masks/mine\n  made again since: raw.*data/processed/mine"):
        make(["masks"], experiment(archive), archive)
    shutil.rmtree(recipes.folder("masks", experiment(archive)))
    with pytest.raises(ValueError, match=r"(?s)data/processed/mine\n  made again since: masks, raw"):
        make(["masks", "chips"], experiment(archive), archive)


@pytest.mark.slow
def test_chips_on_s3_are_made_made_again_and_named_as_on_the_disk(archive, capsys):
    def of(if_changed="stop"):
        data_set = experiment(archive, if_changed)
        data_set.data.store = "s3://rojsat/stores"
        return data_set

    with pytest.importorskip("tests.support.s3_server").served():
        make(_making.STAGES, of(), archive)
        make(_making.STAGES, of(), archive)
        assert "made already: s3://rojsat/stores/mine" in capsys.readouterr().out.splitlines()
        assert _making.missing(experiment(archive)) == ["chips"]  # none on the disk
        mend(archive / "phone.csv")
        with pytest.raises(
            ValueError, match=r"To be made again: data/raw/mine, data/masks/mine, s3://rojsat/stores/mine"
        ):
            _making.missing(of())
        make(_making.STAGES, of("make_again"), archive)
        assert _making.missing(of()) == []


def test_what_was_made_can_be_kept(archive, capsys):
    make(_making.STAGES, experiment(archive), archive)
    mend(archive / "phone.csv")
    assert _making.missing(experiment(archive, "keep")) == []
    assert "kept all the same" in capsys.readouterr().out


def test_a_failure_to_make_again_leaves_what_was_there(archive):
    make(["raw"], experiment(archive), archive)
    mend(archive / "phone.csv")

    def fail(destination):
        (destination / "half").touch()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        _making.make("raw", experiment(archive, "make_again"), fail)
    folder = recipes.folder("raw", experiment(archive))
    assert (folder / "made").exists()
    assert [path.name for path in folder.parent.iterdir() if "lock" not in path.name] == ["mine"]


def test_folders_made_before_there_were_records_are_accepted_and_recorded_once(archive, capsys):
    make(_making.STAGES, experiment(archive), archive)
    for stage in _making.STAGES:
        (recipes.folder(stage, experiment(archive)) / input_files.NAME).unlink()
    assert _making.missing(experiment(archive)) == []
    capsys.readouterr()
    make(_making.STAGES, experiment(archive), archive)
    assert capsys.readouterr().out.count("made without a record") == 3
    make(_making.STAGES, experiment(archive), archive)
    assert "made without a record" not in capsys.readouterr().out
    mend(archive / "phone.csv")
    with pytest.raises(ValueError, match=r"changed: phone.csv"):
        _making.missing(experiment(archive))


def test_masks_older_than_raw_data_with_a_record_are_not_taken_for_theirs(archive):
    make(_making.STAGES, experiment(archive), archive)
    (recipes.folder("masks", experiment(archive)) / input_files.NAME).unlink()
    with pytest.raises(ValueError, match=r"data/masks/mine\n  made again since: raw"):
        _making.missing(experiment(archive))


def test_a_machine_without_the_archive_goes_on_and_says_so(archive, capsys):
    make(_making.STAGES, experiment(archive), archive)
    archive.rename(archive.with_name("elsewhere"))
    assert _making.missing(experiment(archive)) == []
    assert "cannot be seen from here" in capsys.readouterr().out
    shutil.rmtree(recipes.folder("raw", experiment(archive)))
    assert _making.missing(experiment(archive)) == []


def test_simulated_data_keep_their_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    simulated = compose.parse(["data=simulated"])
    make(_making.STAGES, simulated, tmp_path)
    for stage in _making.STAGES:
        names = {path.name for path in recipes.folder(stage, simulated).iterdir()}
        assert names - {"labels.json"} == {"made", "recipe.json"}


def products(folder, words=()):
    """What is recorded of the products below a folder."""
    data_set = compose.parse(["data=safe", "data.name=mine", f"data.root={folder}", *words])
    return set(input_files.record(_making._groups("raw", data_set))["files"])


def test_products_are_listed_by_what_they_hold_and_chosen_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path / "repository")
    first = safe_products.write_product(tmp_path / "archive" / "deep", sensing="20190723T101031")
    safe_products.write_product(tmp_path / "archive", sensing="20200723T101031", zipped=True)
    both = products(tmp_path / "archive")
    assert f"deep/{first.name}" in both
    assert len(both) == 2
    assert products(tmp_path / "archive", ["data.options.end='2019-12-31'"]) == {f"deep/{first.name}"}


def test_an_image_exchanged_inside_a_product_changes_it(tmp_path):
    product = safe_products.write_product(tmp_path)
    images = sorted(product.rglob("*B05_20m.jp2")) + sorted(product.rglob("*B06_20m.jp2"))
    group = {"x": input_files.FileGroup(product, tuple(str(path.relative_to(product)) for path in images))}
    recorded = input_files.record(group)
    content = [path.read_bytes() for path in images]
    for path, other in zip(images, reversed(content), strict=True):
        path.write_bytes(other)
    assert input_files.compare(recorded, group, {}).changed == ["x"]


def test_of_large_files_with_another_time_the_ends_are_compared_and_that_is_said(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(bytes(input_files.IN_FULL + 1))
    group = {"large": input_files.FileGroup(tmp_path, ("large",))}
    recorded = input_files.record(group)
    os.utime(path, ns=(1, 1))
    changes = input_files.compare(recorded, group, {})
    assert (bool(changes), changes.retimed) == (False, ["large"])
    path.write_bytes(bytes(input_files.IN_FULL) + b"1")
    assert input_files.compare(recorded, group, {}).changed == ["large"]
