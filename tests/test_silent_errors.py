"""Planted mistakes: the suite cannot rot."""

import pytest

from bench.silent_errors import modules, trials

modules.load()

CHEAP = {
    "offset_applied_twice": (trials.CAUGHT, trials.SILENT),
    "raster_without_crs": (trials.CAUGHT, trials.CAUGHT),
    "northing_before_easting": (trials.CAUGHT, trials.UNCLEAR),
    "outline_crosses_itself": (trials.CAUGHT, trials.SILENT),
    "another_language": (trials.CAUGHT, trials.SILENT),
}
"""Cases that end before anything long starts: what comes of each, for rojsat and for the script."""


@pytest.mark.parametrize("name", CHEAP)
def test_cheap_mistakes_are_caught(tmp_path, name):
    row = trials.attempt(trials.CASES[name], tmp_path)
    assert (row["rojsat"], row["by hand"]) == CHEAP[name], row


def test_every_case_says_what_is_wrong():
    assert len(trials.CASES) >= 40
    assert [each.name for each in trials.CASES.values() if len(each.mistake) < 20 or not each.names] == []


def fixed(value, text):
    """The outcome of a case that gives a value and prints a text."""
    case = trials.Case("a", "a mistake", "offset", "kind", lambda sandbox: trials.Trial(1.0, lambda: value))
    trial = trials.Trial(1.0, lambda: value)
    return trials._weighed(case, trial, value, text).outcome


@pytest.mark.parametrize(
    ("value", "text", "outcome"),
    [
        (1.0, "nothing", trials.RIGHT),
        (1.1, "nothing", trials.SILENT),
        (1.1, "the Offset is odd", trials.WARNED),
        (float("nan"), "nothing", trials.SILENT),
        ("a score", "nothing", trials.SILENT),
    ],
)
def test_a_wrong_value_without_a_word_is_silently_wrong(value, text, outcome):
    assert fixed(value, text) == outcome
