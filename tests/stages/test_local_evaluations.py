"""A curve by local labels from end to end: interrupted, gone on with, drawn."""

import json

import pandas as pd
import pytest

from rojsat import evaluate
from rojsat.config import compose
from rojsat.config.keys import ConfigError
from rojsat.config.lookup import UnknownNameError
from rojsat.stages import train
from rojsat.stages._folds import local_evaluations
from tests.support import stores

WORDS = ["exp=resnet18_s2", "variant=ridge", "tracking.images=false", "evaluate.seeds=[0]", "evaluate.draws=2"]
WORDS += ["evaluate.folds=by_column", "evaluate.fold_options.column=municipality", "evaluate.local=[0,2]"]

MUNICIPALITIES = ("Enonkoski", "Kitee", "Savonlinna")


def experiment(*words):
    return compose.parse([*WORDS, *words])


@pytest.fixture
def chips(at):
    """A store with eight stands in each of three municipalities, every other one in need."""
    folder = at / "data" / "processed" / "simulated"
    kept = folder.rename(folder.with_name("kept"))
    stands = [("stand", f"{number:02d}", "need" if number % 2 else "clear") for number in range(24)]
    stores.write(folder, stands, ["2019-07-11", "2019-08-11"], experiment=experiment(), size=20)
    facts = json.loads((folder / "chips.json").read_text())
    facts["regions"] = {region: {"kept_municipality": MUNICIPALITIES[int(region) // 8]} for _, region, _ in stands}
    (folder / "chips.json").write_text(json.dumps(facts))
    yield folder
    folder.rename(folder.with_name("of_local_labels"))
    kept.rename(folder)


@pytest.mark.slow
def test_a_curve_goes_on_where_it_was_interrupted_and_says_what_local_labels_are_worth(chips, monkeypatch, capsys):
    trained, run = [], train.run

    def counted(settings, **more):
        if len(trained) == 4:
            trained.append(None)
            raise KeyboardInterrupt
        trained.append(settings.split.options["count"])
        run(settings, **more)

    monkeypatch.setattr(train, "run", counted)
    lines = evaluate.plan(experiment())
    assert "3 evaluations of 3 folds, each with seeds 0: 9 trainings, 0 done" in "\n".join(lines)
    with pytest.raises(KeyboardInterrupt):
        evaluate.run(experiment())
    folder = local_evaluations.folder(experiment())
    assert not folder.exists()
    evaluate.run(experiment())
    assert trained == [0, 0, 0, 2, None, 2, 2, 2, 2, 2]
    curve = json.loads((folder / "local_curve.json").read_text())
    assert (curve["counts"], curve["draws"], curve["folds"], curve["interval_over"]) == ([0, 2], 2, 3, "stands")
    assert curve["stands"] == 12  # half of each municipality
    for point in curve["points"]:
        assert {"model", "local", "constant", "box_size"} == set(point["metrics"])
        assert {"accuracy", "kappa", "f1_macro"} == set(point["metrics"]["model"])
    assert (folder / "figures" / "local_curve.png").stat().st_size > 10_000
    assert len(pd.read_csv(folder / "local_curve.csv")) == 8
    printed = capsys.readouterr().out
    assert "3 folds, each held out: 12 stands test, the same at every number of local ones" in printed
    assert "Korhonen et al. 2013" in printed
    with pytest.raises(ValueError, match=r"asks for 9 local stands, and of some folds fewer can be drawn \(fold 0: 4"):
        evaluate.run(experiment("evaluate.local=[0,9]"))


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"local": [1, 2]}, ConfigError, "ascending numbers of stands from 0"),
        ({"local": [0]}, ConfigError, "ascending numbers of stands from 0"),
        ({"folds": "leave_one_year_out", "fold_options": {}}, UnknownNameError, "'leave_one_year_out' does not exist"),
        ({"model": "a.onnx"}, ConfigError, "trains nothing: leave one out"),
    ],
)
def test_what_cannot_be_is_refused(values, error, message):
    changed = {f"evaluate.{key}": value for key, value in values.items()}
    with pytest.raises(error, match=message):
        local_evaluations.check(compose.with_values(experiment(), changed))
