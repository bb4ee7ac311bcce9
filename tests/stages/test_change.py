"""From stands that were tended between two scenes to a report, and a model with years since harvest."""

import json

import pytest

from rojsat.config import compose, recipes
from rojsat.stages import train
from tests.support import stores, tended_stands

pytestmark = pytest.mark.slow

FOLDS = ["split.name=k_fold_regions", "split.options={folds: 4, fold: 0}", "split.allow_leaks=true"]
CHANGE = [
    "exp=resnet18_s2",
    "task=change",
    "variant=index_rule",
    "inputs.dates=[difference]",
    "data.name=tended",
    *FOLDS,
]
SPLIT = ["split.name=regions", "split.options={val: ['104'], test: ['105', '102']}", "split.allow_leaks=true"]
YEARS = ["exp=resnet18_s2", "variant=random_forest", "inputs.channels=[B04, years_since_harvest]", "data.name=aged"]


def summary(at, words, folder=None):
    experiment = compose.parse(words)
    store = at / "data" / "processed" / experiment.data.name
    if folder is not None:
        store.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(store)
    (store / recipes.RECIPE).write_text(json.dumps(recipes.recipe("chips", experiment)))
    train.run(experiment)
    return json.loads((compose.report_folder(experiment) / "summary.json").read_text())


def test_a_change_is_trained_and_reported_beside_its_prevalence(at, tmp_path):
    tended_stands.write(tmp_path)
    facts = summary(at, CHANGE, tmp_path / "chips")
    assert facts["test"]["accuracy"] == 1 and set(facts["without_image"]) == {"constant", "box_size"}


def test_years_since_harvest_are_trained_on_beside_what_they_reach_alone(at):
    days = {"101": 4000, "103": 4100, "105": 4200, "100": 10, "102": 20}
    stores.write_small(at / "data" / "processed" / "aged", harvest=days)
    facts = summary(at, [*YEARS, *SPLIT])
    assert facts["without_image"]["years_since_harvest"]["accuracy"] == 1
