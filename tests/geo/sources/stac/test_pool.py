"""Several downloads at once."""

import threading
import time

import pytest

from rojsat.geo.servers.retries import Patience, StoppedError
from rojsat.geo.sources.stac import pool


def test_results_come_in_the_order_of_the_jobs():
    def work(job):
        time.sleep(0.02 / (job + 1))
        return job * job

    assert pool.run(work, range(6), connections=3, patience=Patience(), what="x") == [0, 1, 4, 9, 16, 25]


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()], ids=["failure", "interrupt"])
def test_the_first_failure_ends_all(error):
    patience, begun, lock = Patience(), [], threading.Lock()

    def work(job):
        with lock:
            begun.append(job)
        if job == 0:
            raise error
        if not patience.stopped.wait(5):
            raise TimeoutError
        raise StoppedError

    with pytest.raises(type(error)):
        pool.run(work, range(50), connections=2, patience=patience, what="x")
    assert len(begun) < 50
