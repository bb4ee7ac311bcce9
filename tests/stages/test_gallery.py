"""What the gallery draws is among the files of the MLflow runs, where the store has them."""

import json
from types import SimpleNamespace

import pytest

from rojsat.config import compose, pipeline
from rojsat.stages import figures, gallery
from rojsat.tracking import recorder

pytestmark = pytest.mark.slow  # makes an MLflow store


def test_figures_are_recorded_in_the_runs_that_this_store_has(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    monkeypatch.setattr(recorder, "STORE", tmp_path / "mlruns")
    recorder.STORE.mkdir()
    words = {name: ("exp=unet_roi6", f"seed={seed}") for seed, name in enumerate(("ran", "deleted", "pulled"))}
    run = recorder.start("segmentation", "ran", {}, {})
    for name, run_id in {"ran": run.id, "deleted": "0" * 32}.items():
        report = compose.report_folder(compose.parse(list(words[name])))
        report.mkdir(parents=True)
        (report / "run.json").write_text(json.dumps({"run": run_id}))
    listed = {name: pipeline.TrainingRun(of_run, "simulated") for name, of_run in words.items()}
    monkeypatch.setattr(gallery.pipeline, "read", lambda _: SimpleNamespace(runs=listed))

    def draw(experiment, destination):
        destination.mkdir(parents=True)
        (destination / "loss.png").write_text(str(experiment.seed))

    monkeypatch.setattr(figures, "draw", draw)
    gallery.run(compose.parse(["exp=unet_roi6"]))
    (recorded,) = (tmp_path / "mlruns" / "artifacts").glob("*/*/artifacts/figures/loss.png")
    assert (recorded.parents[2].name, recorded.read_text()) == (run.id, "0")
    drawn = sorted(path.parent.name for path in (tmp_path / "reports" / "figures" / "simulated").glob("*/loss.png"))
    assert drawn == ["deleted", "pulled", "ran"]
    assert "has the figures of deleted, pulled; their runs are in no MLflow store" in capsys.readouterr().out
