"""The page of the study: its first screen, its sections in their order, and those folded behind them."""

import dataclasses
from collections.abc import Iterator, Sequence

from rojsat.page import saved
from rojsat.page.html import Item, Page, Section
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import Drawing, SectionPlan
from rojsat.page.sections import (
    classification,
    date_split,
    discussion,
    full_length,
    future_work,
    in_minutes,
    lead,
    leak_of_stands,
    learning_rates,
    masks_from_points,
    odd_spots,
    opening,
    readings,
    region_split,
    satellite_data,
    segmentation,
    segmenter_metrics,
    shortcomings,
    stands_and_chips,
    which_model,
)

DATA = (
    satellite_data.SECTION,
    classification.INTRODUCTION,
    stands_and_chips.SECTION,
    segmentation.SECTION,
    masks_from_points.SECTION,
)
"""Sections on the data, and on what is learned from them."""

TRAINED = (
    classification.TRUE_COLOUR,
    classification.INDICES,
    date_split.SECTION,
    region_split.SECTION,
    segmenter_metrics.SECTION,
    discussion.SECTION,
    odd_spots.SECTION,
    future_work.SECTION,
    learning_rates.SECTION,
)
"""Sections on what is trained."""

FULL_LENGTH = TRAINED[:-1]
"""Sections that are drawn of the results at full length too; no learning rate is searched at that length."""

BEST_FIGURE = region_split.SIDE_BY_SIDE
"""The figure that stands on the first screen in the place of its section."""

APPENDIX = "The study, figure by figure"


def make(inputs: PageInputs) -> Page:
    """The page; everything that `needs` names must exist. What exists at full length is shown at that length alone."""
    trained = [plan.write(inputs) for plan in TRAINED] if inputs.full is None else _full_first(inputs)
    trained, below = _taken_out(trained)
    return Page(
        lead.TITLE,
        lead.lead(inputs),
        [plan.write(inputs) for plan in _main(inputs)],
        lead.foot(inputs),
        opening.write(inputs, below),
        [*(plan.write(inputs) for plan in DATA), *trained, *(plan.write(inputs) for plan in _compared(inputs))],
        APPENDIX,
    )


def make_in_minutes(inputs: PageInputs) -> Page:
    """The page of what was trained in minutes, beside a page that shows the results at full length."""
    plans = (in_minutes.SECTION, readings.OF_RUNS, *TRAINED)
    return Page(in_minutes.TITLE, in_minutes.lead(inputs), [plan.write(inputs) for plan in plans], lead.foot(inputs))


def _main(inputs: PageInputs) -> list[SectionPlan]:
    """Sections that are not folded; without evaluations over folds, what the page's own networks read."""
    evaluated = [which_model.SECTION, leak_of_stands.SECTION] if inputs.evaluations else []
    return [*evaluated, readings.SECTION if inputs.evaluations else readings.OF_RUNS, shortcomings.SECTION]


def _compared(inputs: PageInputs) -> list[SectionPlan]:
    """The table of every training at both lengths; only beside results at full length."""
    return [] if inputs.full is None else [full_length.SECTION]


def _full_first(inputs: PageInputs) -> list[Section]:
    """The sections of the results at full length, each with its prose; then those that have no such results."""
    kept = saved.read(inputs.full_sections.path)
    sections = [
        dataclasses.replace(section, text=[*plan.prose, *section.text])
        for plan, section in zip(FULL_LENGTH, kept, strict=True)
    ]
    return [*sections, *(plan.write(inputs) for plan in TRAINED[len(FULL_LENGTH) :])]


def _taken_out(sections: Sequence[Section]) -> tuple[list[Section], list[Item]]:
    """The sections without the best figure, which the section names instead; and that figure."""
    left, best = [], []
    for section in sections:
        items = [item for item in section.items if item.numbers[0] != BEST_FIGURE]
        if len(items) < len(section.items):
            best = [item for item in section.items if item not in items]
            named = " and ".join(f"[{number}]" for item in best for number in item.numbers)
            section = dataclasses.replace(section, items=items, text=[*section.text, f"{named}: above."])
        left.append(section)
    return left, best


def make_full(inputs: PageInputs) -> list[Section]:
    """The sections of the results at full length; everything that `needs_full` names must exist."""
    return [plan.write_full(inputs) for plan in FULL_LENGTH]


def needs(inputs: PageInputs) -> Iterator[NeededFiles]:
    """The files that the page is made of, and the page of minutes beside it."""
    yield from lead.needs(inputs)
    yield from opening.needs(inputs)
    for plan in (*_main(inputs), *DATA, *TRAINED, *_compared(inputs)):
        yield from plan.all_needs(inputs)


def needs_full(inputs: PageInputs) -> Iterator[NeededFiles]:
    """The files that the sections of the results at full length are made of."""
    for plan in FULL_LENGTH:
        yield from plan.all_needs(inputs)


def drawings() -> list[Drawing]:
    """Pictures of the data set that the page shows."""
    return [drawing for plan in (*DATA, *TRAINED) for drawing in plan.drawings]


def roles() -> dict[str, str]:
    """Roles that the data set must have chips of, and what for."""
    return {role: use for plan in (*DATA, *TRAINED) for role, use in plan.roles.items()}
