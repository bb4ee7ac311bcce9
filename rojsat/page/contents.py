"""The page of the study: its sections in their order."""

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
    lead,
    learning_rates,
    masks_from_points,
    odd_spots,
    region_split,
    satellite_data,
    segmentation,
    segmenter_metrics,
    shortcomings,
    stands_and_chips,
)

SECTIONS = (
    satellite_data.SECTION,
    classification.INTRODUCTION,
    stands_and_chips.SECTION,
    classification.TRUE_COLOUR,
    classification.INDICES,
    segmentation.SECTION,
    masks_from_points.SECTION,
    date_split.SECTION,
    region_split.SECTION,
    segmenter_metrics.SECTION,
    discussion.SECTION,
    odd_spots.SECTION,
    future_work.SECTION,
    learning_rates.SECTION,
)

FULL_LENGTH = (
    classification.TRUE_COLOUR,
    classification.INDICES,
    date_split.SECTION,
    region_split.SECTION,
    segmenter_metrics.SECTION,
    discussion.SECTION,
    odd_spots.SECTION,
    future_work.SECTION,
)
"""Sections that are drawn of the results at full length too."""


def make(inputs: PageInputs) -> Page:
    """The page; everything that `needs` names must exist."""
    sections = [plan.write(inputs) for plan in _plans(inputs)]
    if inputs.full is not None:
        behind_full_length = len(SECTIONS) + 1
        sections[behind_full_length:behind_full_length] = saved.read(inputs.full_sections.path)
    opening = first_look.SECTION.write(inputs) if inputs.evaluations else None
    return Page(lead.TITLE, lead.lead(inputs), sections, lead.foot(inputs), opening)


def _plans(inputs: PageInputs) -> list[SectionPlan]:
    """The sections of a page; results at full length only beside shorter ones."""
    return [*SECTIONS, *([] if inputs.full is None else [full_length.SECTION]), shortcomings.SECTION]


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
    return [drawing for plan in SECTIONS for drawing in plan.drawings]


def roles() -> dict[str, str]:
    """Roles that the data set must have chips of, and what for."""
    return {role: use for plan in SECTIONS for role, use in plan.roles.items()}
