"""Lines of commands side by side, and the time that is left."""

import io

import pytest

from rojsat.repro import stage_lines
from rojsat.repro.stage_lines import Progress

AFTER = {"raw": frozenset(), "chips": frozenset({"raw"}), "train@a": frozenset({"raw", "chips"}), "other": frozenset()}
EXPECTED = {"raw": 10.0, "chips": 20.0, "train@a": 40.0, "other": 4.0}


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still; `clock[0]` sets it."""
    now = [100.0]
    monkeypatch.setattr(stage_lines.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(("seconds", "words"), [(33, "33 s"), (240, "4 min"), (4800, "1 h 20 min")])
def test_a_time_is_said_in_the_unit_that_it_has(seconds, words):
    assert stage_lines.duration(seconds) == words


def test_the_time_left_is_that_of_the_longest_row_or_of_all_work_shared(clock):
    assert Progress(AFTER, 2, expected=EXPECTED).left() == 70  # raw, chips and train wait for each other
    assert Progress(dict.fromkeys(AFTER, frozenset()), 2, expected=EXPECTED).left() == 40
    assert Progress(dict.fromkeys(AFTER, frozenset()), 1, expected=EXPECTED).left() == 74


def test_the_time_left_shrinks_while_a_command_runs_and_follows_how_slow_this_machine_is(clock):
    lines = Progress(AFTER, 1, expected=EXPECTED, stream=io.StringIO())
    lines.start("raw")
    clock[0] += 6
    assert lines.left() == 68
    lines.end("raw", 20.0)  # twice as long as expected: so will be the others
    assert lines.left() == 128
    lines.start("chips")
    lines.end("chips", 1.0, is_cached=True)  # tells nothing of the others
    assert lines.left() == 88


def test_a_command_that_is_late_makes_those_after_it_later(clock):
    lines = Progress({"a": (), "b": ("a",)}, 1, expected={"a": 10.0, "b": 10.0})
    lines.start("a")
    clock[0] += 30
    assert lines.left() == 30


def test_no_time_is_named_where_one_is_unknown(clock):
    stream = io.StringIO()
    lines = Progress(AFTER, 1, expected=EXPECTED | {"new": 1.0}, stream=stream)
    assert lines.left() is not None
    assert Progress({**AFTER, "new": ()}, 1, expected=EXPECTED).left() is None
    plain = Progress({"a": (), "b": ()}, 1, stream=stream)
    plain.start("a")
    plain.end("a", 3.0)
    assert stream.getvalue() == "1/2 a … 3 s\n"


def test_a_file_gets_plain_lines_and_a_terminal_one_that_is_written_over(clock):
    for stream, shown in ((io.StringIO(), False), (Terminal(), True)):
        lines = Progress(AFTER, 1, expected=EXPECTED, describe=lambda name: f"{name} is good", stream=stream)
        lines.start("train@a")
        clock[0] += 2
        lines.show()
        lines.end("train@a", 40.0)
        text = stream.getvalue()
        assert text.endswith("1/4 train a … train@a is good, 40 s; about 34 s left\n")
        assert ("\rrunning" in text.replace("\x1b[K", "")) is shown
        assert ("running: train a 2 s; about 72 s left" in text) is shown


def test_a_command_without_a_line_has_one_when_it_fails(clock):
    stream = io.StringIO()
    lines = Progress({"a": (), "b": ()}, 1, is_listed=False, stream=stream)
    for name, status in (("a", 0), ("b", 3)):
        lines.start(name)
        lines.end(name, 1.0, status)
    assert stream.getvalue() == "b … FAILED with status 3, 1 s\n"
