"""The page of the study: its sections in their order."""

import dataclasses
from collections.abc import Iterator

from rojsat.page import saved
from rojsat.page.html import Page, Section
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import Drawing, SectionPlan
from rojsat.page.sections import (
    classification,
    date_split,
    discussion,
    first_look,
    full_length,
    future_work,
    in_minutes,
    lead,
    leak_of_stands,
    learning_rates,
    masks_from_points,
    odd_spots,
    readings,
    region_split,
    satellite_data,
    segmentation,
    segmenter_metrics,
    shortcomings,
    stands_and_chips,
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
"""Sections on what is trained at the size of the page."""

FULL_LENGTH = TRAINED[:-1]
"""Sections that are drawn of the results at full length too; no learning rate is searched at that length."""


def make(inputs: PageInputs) -> Page:
    """The page; everything that `needs` names must exist. Results at full length come before those of minutes."""
    opening = first_look.SECTION.write(inputs) if inputs.evaluations else None
    sections = [plan.write(inputs) for plan in (*_beside_evaluations(inputs), *DATA)]
    if inputs.full is None:
        sections += [plan.write(inputs) for plan in TRAINED]
    else:
        sections += [full_length.SECTION.write(inputs), *_kept(inputs)]
        sections += [in_minutes.SECTION.write(inputs), *(plan.write_short(inputs) for plan in TRAINED)]
    sections.append(shortcomings.SECTION.write(inputs))
    return Page(lead.TITLE, lead.lead(inputs), sections, lead.foot(inputs), opening)


def _beside_evaluations(inputs: PageInputs) -> list[SectionPlan]:
    """What explains the answer that the page opens with; on a page of other data, what its own networks read."""
    return [readings.SECTION, *([leak_of_stands.SECTION] if inputs.evaluations else [])]


def _kept(inputs: PageInputs) -> list[Section]:
    """The sections of the results at full length, each with the words on what it shows."""
    kept = saved.read(inputs.full_sections.path)
    return [
        dataclasses.replace(section, text=[*plan.prose, *section.text])
        for plan, section in zip(FULL_LENGTH, kept, strict=True)
    ]


def _plans(inputs: PageInputs) -> list[SectionPlan]:
    """The sections of a page; results at full length only beside shorter ones."""
    beside = [] if inputs.full is None else [full_length.SECTION, in_minutes.SECTION]
    return [*_beside_evaluations(inputs), *DATA, *TRAINED, *beside, shortcomings.SECTION]


def make_full(inputs: PageInputs) -> list[Section]:
    """The sections of the results at full length; everything that `needs_full` names must exist."""
    return [plan.write_full(inputs) for plan in FULL_LENGTH]


def needs(inputs: PageInputs) -> Iterator[NeededFiles]:
    """The files that the page is made of."""
    yield from lead.needs(inputs)
    for plan in _plans(inputs):
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
