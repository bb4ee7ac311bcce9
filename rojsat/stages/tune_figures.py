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
    recorder.tag(recorded, {"mlflow.note.content": _note(experiment, outcome)})


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


def _note(experiment: Experiment, outcome: dict[str, Any]) -> str:
    """The description of the search's run, Markdown."""
    names = metric_names.HEADLINE[experiment.task]
    values = ", ".join(f"`{key}={value}`" for key, value in outcome["best"]["values"].items())
    states = ", ".join(f"{count} {state}" for state, count in outcome["states"].items())
    lines = [
        f"{outcome['trials']} trials ({states}). Best: trial {outcome['best']['trial']}, {values}, "
        f"{_metric(experiment)} {outcome['best']['value']:.4g}.",
        "",
        "The best trained again; the search did not use the test part:",
        "",
        f"| seed | {outcome['metric']} | {' | '.join(f'test {name}' for name in names)} |",
        "|---" * (len(names) + 2) + "|",
    ]
    for trained in outcome["again"]:
        tests = " | ".join(metric_names.cell(name, trained["test"].get(name, float("nan"))) for name in names)
        lines.append(f"| {trained['seed']} | {trained['value']:.4g} | {tests} |")
    return "\n".join(lines)


if __name__ == "__main__":
    command.execute(run, COMMAND)
