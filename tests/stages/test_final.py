"""A final model from end to end: its evaluation over folds, then all regions."""

import json
import shutil

import mlflow
import pytest

from rojsat.config import compose, decides
from rojsat.evaluation import report_files
from rojsat.stages import final
from rojsat.tracking import recorder
from tests.support import made_evaluations

WORDS = ["exp=unet_roi6", "variant=boosting", "model.options.max_iter=3", "tracking.images=false"]
WORDS += ["evaluate.folds=k_fold_regions", "evaluate.fold_options.folds=3", "evaluate.seeds=[0]"]


@pytest.fixture
def at(repository, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(compose, "ROOT", repository)
    monkeypatch.setattr(recorder, "STORE", repository / "mlruns")
    return repository


def evaluated(experiment, digest):
    """A made-up evaluation of the experiment, whose only fold kept its only epoch."""
    name = compose.evaluation_name(experiment)
    folder = made_evaluations.leave(compose.ROOT, name, 0.5, predictions=False, settings_digest=digest, leak=False)
    fold = folder / "folds" / "0_seed0"
    fold.mkdir(parents=True, exist_ok=True)
    report_files.write_json(fold / report_files.SUMMARY, {"best_epoch": 1})


@pytest.mark.slow
def test_it_is_trained_on_all_regions_and_its_record_names_the_evaluation(at):
    experiment = compose.parse(WORDS)
    shutil.rmtree(compose.evaluation_folder(experiment), ignore_errors=True)  # that of another file of tests
    with pytest.raises(ValueError, match=r"evaluation.json is missing: .* rojsat.evaluate exp=unet_roi6"):
        final.run(experiment)
    evaluated(experiment, "other")
    with pytest.raises(ValueError, match="of other settings"):
        final.run(experiment)
    evaluated(experiment, decides.digest_without_split(experiment))
    final.run(experiment)
    content = json.loads(
        (at / "reports" / "final" / f"{compose.run_name(experiment)}_final" / "final.json").read_text()
    )
    assert content["tested_on"] == "nothing" and content["regions"] == 9
    assert content["evaluation"] == compose.evaluation_name(experiment)
    assert "1 of 1 epochs; tested on nothing" in content["words"] and "R²" in content["words"]
    (version,) = mlflow.MlflowClient().search_model_versions(f"name='{content['model']}'")
    assert version.run_id == content["run"] and version.tags["evaluation"] == content["evaluation"]
    run = mlflow.get_run(content["run"])
    assert run.data.tags["tested on"] == "nothing"
    assert not [name for name in run.data.metrics if name.startswith(("test", "val"))]
