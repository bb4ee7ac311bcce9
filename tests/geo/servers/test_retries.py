"""Patience."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from rojsat.geo.servers.retries import GaveUpError, PassingFault, Patience, StoppedError, persist, retry_after


class Failing:
    def __init__(self, times, after=None):
        self.calls, self.times, self.after = 0, times, after

    def __call__(self):
        self.calls += 1
        if self.calls <= self.times:
            raise PassingFault("status 503", self.after)
        return "done"


def test_tries_until_it_succeeds():
    call = Failing(2)
    assert persist(call, "it", Patience(tries=3, first_wait=0)) == "done"
    assert call.calls == 3


def test_gives_up_after_so_many_tries():
    call = Failing(9)
    with pytest.raises(GaveUpError, match=r"it: status 503 \(tries: 3\).*same command goes on"):
        persist(call, "it", Patience(tries=3, first_wait=0))
    assert call.calls == 3


def test_waits_at_least_as_long_as_asked_and_no_hours():
    began = time.monotonic()
    persist(Failing(1, after=0.2), "it", Patience(tries=2, first_wait=0))
    assert time.monotonic() - began >= 0.2
    call = Failing(1, after=7200)
    with pytest.raises(GaveUpError):
        persist(call, "it", Patience(tries=5, first_wait=0))
    assert call.calls == 1


def test_the_wait_grows_and_is_random(monkeypatch):
    waits = []
    patience = Patience(tries=6, first_wait=1.0, longest_wait=4.0)
    monkeypatch.setattr(patience.stopped, "wait", waits.append)
    with pytest.raises(GaveUpError):
        persist(Failing(9), "it", patience)
    for wait, top in zip(waits, [1, 2, 4, 4, 4], strict=True):
        assert top / 2 <= wait <= top
    assert len(set(waits)) == 5


def test_other_errors_are_not_repeated():
    def call():
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        persist(call, "it", Patience(tries=9, first_wait=99))


def test_a_stop_ends_the_waiting():
    patience = Patience(first_wait=100)
    patience.stopped.set()
    with pytest.raises(StoppedError):
        persist(Failing(1), "it", patience)


def test_retry_after_is_a_number_or_a_date():
    assert retry_after("7") == 7
    assert retry_after(None) is None
    assert retry_after("soon") is None
    assert 50 < retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)) <= 60
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT") == 0


@pytest.mark.parametrize("numbers", [{"tries": 0}, {"first_wait": -1}, {"timeout": 0}])
def test_impossible_numbers(numbers):
    with pytest.raises(ValueError, match="at least one try"):
        Patience(**numbers)
