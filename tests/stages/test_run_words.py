"""What a run prints first and last: the words of its next command, and where it says that it can be looked at."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("mlflow")

from rojsat.config import compose
from rojsat.stages import _run_words
from rojsat.tracking import recorder
from rojsat.tracking.links import Run


@pytest.mark.slow  # composes experiments
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["exp=unet_roi6"], ["exp=unet_roi6"]),
        (["exp=unet_roi6", "seed=4", "split.options={val: ['4'], test: ['5']}"], ["exp=unet_roi6"]),
        (
            ["exp=unet_roi6", "variant=iou,scratch", "size=full"],
            ["exp=unet_roi6", "variant=iou,scratch", "size=full"],
        ),
        (["exp=unet", "data=objects_9", "train.epochs=3"], ["exp=unet", "data=objects_9", "train.epochs=3"]),
        (["exp=unet_roi6", "inputs.channels=[tci]"], ["exp=unet_roi6", "inputs.channels=[tci]"]),
    ],
)
def test_the_words_of_a_run_ask_for_it_again_without_its_split_and_seed(asked, words):
    experiment = compose.parse(asked)
    assert list(_run_words.words(experiment)) == words
    same = compose.with_values(
        compose.parse(words),
        {"seed": experiment.seed, "split.name": experiment.split.name, "split.options": experiment.split.options},
    )
    assert compose.run_name(same) == compose.run_name(experiment)


def test_a_link_is_shown_only_where_it_leads_to_the_run(monkeypatch, tmp_path):
    monkeypatch.setattr(recorder, "STORE", tmp_path)
    run = Run("abc", "1")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert run.link in _run_words.where(run) and "`make ui`" in _run_words.where(run)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@mlflow.example.org:5000")
    assert "http://mlflow.example.org:5000/#/" in _run_words.where(run)
    assert "make ui" not in _run_words.where(run) and "secret" not in _run_words.where(run)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql+psycopg2://me:secret@host/mlflow")
    assert _run_words.where(run) == "MLflow:  run abc in postgresql+psycopg2://host/mlflow"
