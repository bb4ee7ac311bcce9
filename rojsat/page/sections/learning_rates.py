"""The search of learning rates: table G and figure B."""

import json
from typing import Any

import pandas as pd

from rojsat.config import metric_names
from rojsat.figures import searches
from rojsat.page.cells import head, picture
from rojsat.page.html import Cell, Item, Picture, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import STUDY_EXPERIMENTS, PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number

KEY = "optimizer.lr"

RESULT, TRIALS = "tune.json", "trials.csv"
"""What `rojsat.tune` leaves of a search."""


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [inputs.search(name).need(RESULT, TRIALS) for name in inputs.pipeline.searches]


def _result(inputs: PageInputs, name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """The result of the search of an experiment, and its trials."""
    folder = inputs.search(name).path
    return json.loads((folder / RESULT).read_text()), pd.read_csv(folder / TRIALS)


def items(inputs: PageInputs) -> list[Item]:
    """Table G, and figure B where something was searched."""
    searched = [name for name in STUDY_EXPERIMENTS if name in inputs.pipeline.searches]
    commands = [inputs.search(name).command for name in searched]
    columns = ["experiment", "own rate", "best rate", "loss at own rate", "loss at best rate", "trials"]
    table = Item(
        [Number("Table", "G")],
        "Learning rates: the experiment's own, tried first, and the best that the search found, each with the smallest "
        "validation loss of its trial. The test part plays no part in the search.",
        commands or [inputs.command],
        table=Table(columns, [_row(inputs, name) for name in STUDY_EXPERIMENTS]),
        note="" if searched else f"No rate is searched at size {inputs.size}.",
    )
    if not searched:
        return [table]
    pictures = [_history(inputs, name) for name in searched]
    caption = f"The searches, trial by trial: {', '.join(searched)}."
    return [table, Item([Number("Fig.", "B")], caption, commands, pictures)]


def _row(inputs: PageInputs, name: str) -> list[Cell]:
    rate = Cell(f"{inputs.report(name).experiment.optimizer.lr:g}")
    if name not in inputs.pipeline.searches:
        return [head(name), rate, Cell("not searched"), *(Cell("") for _ in range(3))]
    result, trials = _result(inputs, name)
    own_loss = trials.loc[trials["trial"] == 0, "value"]
    best = result["best"]
    return [
        head(name),
        rate,
        Cell(f"{best['values'][KEY]:.2g}"),
        Cell(f"{own_loss.iloc[0]:.2g}" if len(own_loss) else "n/a"),
        Cell(f"{best['value']:.2g}"),
        Cell(str(result["trials"])),
    ]


def _history(inputs: PageInputs, name: str) -> Picture:
    result, trials = _result(inputs, name)
    loss = metric_names.axis(inputs.report(name).experiment.loss.name)
    figure = searches.history(trials, f"validation {loss}", str(result["mode"]), title=name)
    own, best = trials["value"].dropna().iloc[0], result["best"]["value"]
    return picture(
        figure, f"A dot a trial, {len(trials)} in all: from {own:.2g} in the first to {best:.2g} in the best.", 460
    )


SECTION = SectionPlan(
    "Search of learning rates",
    [
        "The study states its learning rates and no search. Here the experiment's own rate, at size full that of the "
        "study, is the first trial of a search with Optuna, and the validation loss alone decides.",
    ],
    items=items,
    needs=needs,
)
