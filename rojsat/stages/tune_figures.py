"""Draw the figures of a finished search and record them in its MLflow run. Trains nothing."""

import json
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from rojsat.config import command, compose, metric_names
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import search_block
from rojsat.figures import searches
from rojsat.search import space
from rojsat.stages import _run_words
from rojsat.tracking import recorder

COMMAND = Command("rojsat.stages.tune_figures", __doc__, "exp=resnet18_tci tune.trials=3")


def run(experiment: Experiment) -> None:
    """Draw every figure of the search into `reports/searches/<name>/figures/`, then record all of it."""
    folder = compose.search_folder(experiment)
    outcome, table = json.loads((folder / "tune.json").read_text()), pd.read_csv(folder / "trials.csv")
    drawn = folder / "figures"
    shutil.rmtree(drawn, ignore_errors=True)
    drawn.mkdir()
    for name, figure in _all(experiment, outcome, table):
        figure.savefig(drawn / f"{name}.png")
    recorded = recorder.find(json.loads((folder / "run.json").read_text())["run"])
    recorder.log_files(recorded, folder, "search")
    recorder.log_metrics(recorded, _numbers(outcome), 0)
    recorder.tag(recorded, {"mlflow.note.content": _run_words.fenced(block(experiment, outcome))})


def _all(experiment: Experiment, outcome: dict[str, Any], table: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Names and figures."""
    logs = {each.key: each.log for each in space.read(experiment)}
    metric, mode = _metric(experiment), str(outcome["mode"])
    yield "history", searches.history(table, metric, mode)
    yield "slice", searches.slices(table, logs, metric)
    yield "parallel", searches.parallel(table, logs, metric, mode)
    if outcome["importance"]:
        yield "importance", searches.importance(outcome["importance"], metric)


def _metric(experiment: Experiment) -> str:
    """The metric of the search with its unit, as an axis says it."""
    name = experiment.tune.metric
    name = experiment.loss.name if name == "loss" else name
    return f"validation {metric_names.axis(name)}"


def _numbers(outcome: dict[str, Any]) -> dict[str, float]:
    """What the search's run shows beside other runs."""
    tests = pd.DataFrame([trained["test"] for trained in outcome["again"]])
    values = pd.Series([trained["value"] for trained in outcome["again"]])
    numbers = {f"best/{outcome['metric']}": outcome["best"]["value"], "best/trial": outcome["best"]["trial"]}
    numbers |= {f"seeds/{outcome['metric']}": values.mean(), f"seeds/{outcome['metric']} std": values.std()}
    numbers |= {f"seeds/test/{name}": value for name, value in tests.mean().items()}
    numbers |= {f"seeds/test/{name} std": value for name, value in tests.std().items()}
    states = {f"trials/{state}": count for state, count in outcome["states"].items()}
    return {str(key): float(value) for key, value in (numbers | states).items()}


def block(experiment: Experiment, outcome: Mapping[str, Any]) -> str:
    """The block of text that the search ends with, its description too."""
    chosen = [f"{key}={value}" for key, value in outcome["best"]["values"].items()]
    own = [word for word in _run_words.words(experiment) if word.partition("=")[0] not in outcome["best"]["values"]]
    folds = "k_fold_regions" if experiment.task == "classification" else "leave_one_region_out"
    then = " ".join(["rojsat evaluate", *own, *chosen, f"folds={folds}", "seeds=0,1,2"])
    folder = compose.search_folder(experiment).relative_to(compose.ROOT)
    return search_block.searched(outcome, folder=str(folder), then=then)


if __name__ == "__main__":
    command.execute(run, COMMAND)
