"""Which model for what: table N; does anything beat a predictor without an image, with how many objects: table J."""

from collections.abc import Iterator, Sequence

from rojsat.page import evaluation_columns
from rojsat.page.evaluation_columns import Column
from rojsat.page.html import Item
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.sections import _choices, _evaluations


def findings(inputs: PageInputs) -> list[str]:
    """The answer in words."""
    columns = evaluation_columns.columns_of(inputs)
    largest = evaluation_columns.largest_of(columns)
    if largest is None:
        return [
            "Not evaluated yet: whether anything beats a predictor without an image on regions not trained on.",
            "A cell of [Table J] without a number shows the command that makes it.",
        ]
    return [_answer(largest), _how_many(columns), *_without_image(largest), _how(inputs, largest)]


def _answer(column: Column) -> str:
    """Whether anything beats a predictor without an image with the most objects, and by how much."""
    if column.winners:
        best = column.winners[0]
        return (
            f"Yes. On regions not trained on, {best.listed.label} beats the best predictor without an image by "
            f"{evaluation_columns.with_interval(best.gain)} of R², with {column.objects} clearing objects."
        )
    best, blind = column.closest, column.best_blind
    but = f"; but {blind.label} has more" if best.beats and blind is not None else ""
    return (
        "No. On regions not trained on, nothing beats the best predictor without an image. Closest is "
        f"{best.listed.label}: {evaluation_columns.with_interval(best.gain, '+')} of R², with {column.objects} "
        f"clearing objects{but}."
    )


def _how_many(columns: Sequence[Column]) -> str:
    """What beats it with how many objects."""
    clauses = []
    for column in columns:
        labels = evaluation_columns.joined([report.listed.label for report in column.winners])
        clauses.append(f"with {column.title} {f'by {labels}' if labels else 'by nothing'}" if column.evaluated else "")
    missing = [f"{column.title} not evaluated yet" for column in columns if not column.evaluated]
    beaten = "; ".join([*filter(None, clauses), *missing])
    return f"How many objects does it take? The best predictor without an image is beaten {beaten}."


def _without_image(column: Column) -> Iterator[str]:
    """What a predictor without an image is, and what position alone reaches in each frame."""
    positions = filter(None, [column.blind("position", frame) for frame in ("window", "box")])
    clauses = [f"{blind.label} R² {evaluation_columns.two_digits(blind.r2.value)}" for blind in positions]
    if clauses:
        yield (
            "Without an image means: by the mean of training, or by where in the frame a pixel lies, and by no pixel's "
            f"value: {evaluation_columns.joined(clauses)} (0: no better than the mean; 1: perfect)."
        )


def _how(inputs: PageInputs, column: Column) -> str:
    """What the numbers are of."""
    simulated = "Simulated landscape; " if inputs.experiment.data.source == "simulated" else ""
    seeds = sorted({len(report.content["seeds"]) for report in column.evaluated})
    trained = f"{' or '.join(map(str, seeds))} seed{'' if seeds == [1] else 's'}"
    return f"{simulated}every object is tested by models not trained on it, {trained}; intervals 95 %, over regions."


def items(inputs: PageInputs) -> list[Item]:
    """Tables N and J, and figure C; without evaluations table J alone, which says how to make them."""
    columns = evaluation_columns.columns_of(inputs)
    if not any(column.evaluated for column in columns):
        return [_evaluations.table(columns)]
    return [_choices.table(inputs, columns), _evaluations.table(columns), _evaluations.figure(columns)]


SECTION = SectionPlan("Which model for what", findings=findings, items=items)
