"""A project folder that is moved or copied: every file is found where it lies, and nothing is written elsewhere."""

import logging
import multiprocessing
import shutil
from pathlib import Path

import mlflow
import numpy as np
import pytest

from rojsat.tracking import recorder, registry, relocation

pytestmark = pytest.mark.slow

NAME, EXPERIMENT = "ground-segmentation", "ground segmentation"


@pytest.fixture(autouse=True)
def no_server(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    yield
    mlflow.set_tracking_uri(None)


def elsewhere(function, *words):
    """What a function gives in a process of its own: MLflow remembers for a process where files of a run are."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(function, words)


def _make(project, parts):
    recorder.STORE = project / "mlruns"
    run = recorder.start(EXPERIMENT, "unet", {}, {})
    recorder.log_files(run, parts / "figures", "figures")
    recorder.log_model(run, parts / "saved", NAME, {})
    recorder.finish(run)
    return run.id


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project in a folder with a space, with a run that has a figure and a registered model; its identifier."""
    project, parts = tmp_path_factory.mktemp("first place"), tmp_path_factory.mktemp("parts")
    (parts / "figures").mkdir()
    (parts / "figures" / "a.png").write_bytes(b"figure")
    np.savez(parts / "model.npz", sizes=np.array([[2, 2]]), values=np.full((1, 2, 2), 0.25, np.float32))
    settings, about = {"channels": ["b4"]}, {"classes": []}
    example = np.zeros((2, 1, 2, 2), np.float32)
    registry.save(parts / "saved", "frame", parts / "model.npz", settings, example, (-1, 1, -1, -1), about)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        return project, elsewhere(_make, project, parts)


def _read(project, run_id):
    """What figure and model of the run say, as a project in the folder `project` has them."""
    recorder.STORE = project / "mlruns"
    recorder.find(run_id)
    figure = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="figures/a.png")).read_bytes()
    model, _ = registry.load(registry.of_run(NAME, run_id))
    return figure, float(model({"b4": np.zeros((1, 2, 2), np.float32)}).max())


def _write(project, run_id):
    """Record a file of the run and a run of its own; its identifier."""
    recorder.STORE = project / "mlruns"
    recorder.log_text(recorder.find(run_id), "text", "figures/b.txt")
    later = recorder.start(EXPERIMENT, "later", {}, {})
    recorder.log_text(later, "text", "note.txt")
    return later.id


def contents(folder):
    """Every file below a folder, with what it holds."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_reads_its_own_files_and_writes_nothing_into_the_original(made, tmp_path):
    project, run_id = made
    before, copy = contents(project), tmp_path / "copy"
    shutil.copytree(project, copy)
    next(copy.rglob("a.png")).write_bytes(b"figure of the copy")
    assert elsewhere(_read, copy, run_id) == (b"figure of the copy", 0.25)
    later = elsewhere(_write, copy, run_id)
    assert [path.parts[-3] for path in copy.rglob("note.txt")] == [later]
    assert len(list(copy.rglob("b.txt"))) == 1
    assert contents(project) == before


def test_a_moved_project_keeps_figure_and_model(made, tmp_path):
    project, run_id = made
    shutil.copytree(project, tmp_path / "second")
    (tmp_path / "second").rename(tmp_path / "third")
    project.rename(project.with_name("away"))  # what is read cannot be the original's
    try:
        assert elsewhere(_read, tmp_path / "third", run_id) == (b"figure", 0.25)
    finally:
        project.with_name("away").rename(project)


def test_files_that_stayed_behind_are_reported_with_the_command_that_copies_them(made, tmp_path, monkeypatch, caplog):
    project, run_id = made
    shutil.copytree(project, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "mlruns" / "artifacts" / "ground_segmentation" / run_id)
    monkeypatch.setattr(recorder, "STORE", tmp_path / "copy" / "mlruns")
    with caplog.at_level(logging.INFO, "rojsat"):
        recorder.find(run_id)
        assert f"the files of 1 run are in {project / 'mlruns'} alone; `cp -rn '" in caplog.text
        caplog.clear()
        recorder.find(run_id)
        assert caplog.text == ""  # once


def test_an_experiment_that_somebody_placed_elsewhere_stays_there(made, tmp_path):
    project, _ = made
    shutil.copytree(project, tmp_path / "copy")
    outside, store = (tmp_path / "big disk" / "artifacts").as_uri(), tmp_path / "copy" / "mlruns"
    mlflow.set_tracking_uri(f"sqlite:///{store / 'mlflow.db'}")
    mlflow.create_experiment("theirs", artifact_location=outside)
    relocation.relocate(store)
    assert mlflow.get_experiment_by_name("theirs").artifact_location == outside
    own = mlflow.get_experiment_by_name(EXPERIMENT).artifact_location
    assert own == relocation.location(store, EXPERIMENT)


def test_a_new_store_shows_no_empty_experiment(made):
    project, _ = made
    mlflow.set_tracking_uri(f"sqlite:///{project / 'mlruns' / 'mlflow.db'}")
    assert [experiment.name for experiment in mlflow.search_experiments()] == [EXPERIMENT]
