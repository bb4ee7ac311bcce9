import pytest

from rojsat.evaluation.metrics import NonFiniteError
from rojsat.learn import other_processes


def failing(error):
    yield 1
    raise error


def test_the_end_of_another_process_is_named_and_no_other_error():
    with pytest.raises(other_processes.LostProcessError, match="the same command goes on from the last checkpoint"):
        list(other_processes.together(failing(RuntimeError("pair.cc: Connection reset by peer"))))
    with pytest.raises(RuntimeError, match="out of memory"):
        list(other_processes.together(failing(RuntimeError("out of memory"))))


def test_other_processes_than_the_first_report_no_divergence_and_read_nothing_after_the_last_epoch():
    assert other_processes.follow(failing(NonFiniteError("nan")), 2) == []
    assert other_processes.follow(failing(AssertionError("read")), 1) == []
