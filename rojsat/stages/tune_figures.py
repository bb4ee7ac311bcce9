"""Draw the figures of a finished search and record them in its MLflow run. Trains nothing."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from rojsat.config import command, compose, metric_names
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.figures import searches
from rojsat.search import space
from rojsat.tracking import recorder

COMMAND = Command("rojsat.stages.tune_figures", __doc__, "exp=resnet18_tci tune.trials=3")


def run(experiment: Experiment) -> None:
    """Draw every figure of the search into `reports/searches/<name>/figures/`, then record all of it."""
    place = compose.search_folder(experiment)
    found, table = json.loads((place / "tune.json").read_text()), pd.read_csv(place / "trials.csv")
    drawn = place / "figures"
    shutil.rmtree(drawn, ignore_errors=True)
    drawn.mkdir()
    for name, figure in _all(experiment, found, table):
        figure.savefig(drawn / f"{name}.png")
    recorded = recorder.find(json.loads((place / "run.json").read_text())["run"])
    recorder.log_files(recorded, place, "search")
    recorder.log_metrics(recorded, _numbers(found), 0)
    recorder.tag(recorded, {"mlflow.note.content": _note(experiment, found)})


def _all(experiment: Experiment, search: dict[str, Any], table: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Names and figures."""
    logs = {bounds.key: bounds.log for bounds in space.read(experiment)}
    metric, mode = _metric(experiment), str(search["mode"])
    yield "history", searches.history(table, metric, mode)
    yield "slice", searches.slices(table, logs, metric)
    yield "parallel", searches.parallel(table, logs, metric, mode)
    if search["importance"]:
        yield "importance", searches.importance(search["importance"], metric)


def _metric(experiment: Experiment) -> str:
    """The metric of the search with its unit, as an axis says it."""
    name = experiment.tune.metric
    name = experiment.loss.name if name == "loss" else name
    return f"validation {metric_names.axis(name)}"


def _numbers(search: dict[str, Any]) -> dict[str, float]:
    """What the search's run shows beside other runs."""
    tests = pd.DataFrame([seed["test"] for seed in search["again"]])
    values = pd.Series([seed["value"] for seed in search["again"]])
    numbers = {f"best/{search['metric']}": search["best"]["value"], "best/trial": search["best"]["trial"]}
    numbers |= {f"seeds/{search['metric']}": values.mean(), f"seeds/{search['metric']} std": values.std()}
    numbers |= {f"seeds/test/{name}": value for name, value in tests.mean().items()}
    numbers |= {f"seeds/test/{name} std": value for name, value in tests.std().items()}
    states = {f"trials/{state}": count for state, count in search["states"].items()}
    return {str(key): float(value) for key, value in (numbers | states).items()}


def _note(experiment: Experiment, search: dict[str, Any]) -> str:
    """The description of the search's run, Markdown."""
    names = ("accuracy", "f1_macro") if experiment.task == "classification" else ("rmse", "r2", "iou", "f1")
    values = ", ".join(f"`{key}={value}`" for key, value in search["best"]["values"].items())
    states = ", ".join(f"{count} {state}" for state, count in search["states"].items())
    lines = [
        f"{search['trials']} trials ({states}). Best: trial {search['best']['trial']}, {values}, "
        f"{_metric(experiment)} {search['best']['value']:.4g}.",
        "",
        "The best trained again; the search did not use the test part:",
        "",
        f"| seed | {search['metric']} | {' | '.join(f'test {name}' for name in names)} |",
        "|---" * (len(names) + 2) + "|",
    ]
    for seed in search["again"]:
        tests = " | ".join(f"{seed['test'].get(name, float('nan')):.3f}" for name in names)
        lines.append(f"| {seed['seed']} | {seed['value']:.4g} | {tests} |")
    return "\n".join(lines)


if __name__ == "__main__":
    command.execute(run, COMMAND)
