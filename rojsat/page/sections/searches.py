"""The search of learning rates: which rate each experiment has, which one the search found."""

import json

import pandas as pd

from rojsat.figures import searches
from rojsat.page.cells import UNITS, number, picture
from rojsat.page.html import Cell, Grid, Item
from rojsat.page.inputs import CLASSIFIERS, DATES, REGIONS, Study

KEY = "optimizer.lr"

EXPERIMENTS = (*CLASSIFIERS, DATES, *REGIONS.values())
"""The study's own."""


def items(study: Study) -> list[Item]:
    """Table G, and figure B where something was searched."""
    rows, commands, pictures = [], [], []
    for name in EXPERIMENTS:
        report = study.report(name)
        own = f"{report.experiment.optimizer.lr:g}"
        if name not in study.pipeline.searches:
            rows.append([Cell(name, heads=True), Cell(own), Cell("not searched"), *(Cell("") for _ in range(3))])
            continue
        folder, command = study.search(name)
        found, trials = json.loads((folder / "tune.json").read_text()), pd.read_csv(folder / "trials.csv")
        commands.append(command)
        first = trials.loc[trials["trial"] == 0, "value"]
        best = found["best"]
        values = [f"{best['values'][KEY]:.3g}", number(_only(first), 4), number(best["value"], 4), str(found["trials"])]
        rows.append([Cell(name, heads=True), Cell(own), *(Cell(value) for value in values)])
        loss = str(report.experiment.loss.name)
        figure = searches.history(trials, f"validation {UNITS.get(loss, loss)}", str(found["mode"]), title=name)
        pictures.append(picture(figure, f"Validation loss of every trial of the search of {name}", 460))
    columns = ["experiment", "own rate", "best rate", "loss at own rate", "loss at best rate", "trials"]
    table = Item(
        ["Table G"],
        "Learning rates: the experiment's own, tried first, and the best that the search found, each with the smallest "
        "validation loss of its trial. The test part plays no part in the search.",
        commands or [study.command],
        grid=Grid(columns, rows),
        note="" if commands else f"No rate is searched at size {study.experiment.size}.",
    )
    if not pictures:
        return [table]
    named = ", ".join(study.pipeline.searches)
    return [table, Item(["Fig. B"], f"The searches, trial by trial: {named}.", commands, pictures)]


def _only(values: pd.Series) -> float:
    return float(values.iloc[0]) if len(values) else float("nan")
