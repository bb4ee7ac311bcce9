"""The simulated schedule beside what is known in closed form."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.scale.schedule import Cluster, Jobs, run, spread


@pytest.mark.parametrize(
    ("jobs", "machines", "cores", "of_a_job", "wall"),
    [
        (10, 1, 1, 1, 100.0),  # one after the other
        (10, 2, 4, 1, 20.0),  # eight, then two
        (10, 1, 4, 2, 50.0),  # two at a time
        (3, 1, 4, 4, 30.0),
        (1, 100, 16, 1, 10.0),  # the one job, whatever there is
    ],
)
def test_equal_jobs_take_as_many_rounds_as_there_are_slots(jobs, machines, cores, of_a_job, wall):
    outcome = run(Jobs(np.full(jobs, 10.0), cores=of_a_job), Cluster(machines, cores))
    assert outcome.wall == pytest.approx(wall)
    assert outcome.useful == pytest.approx(10 * jobs * of_a_job)
    assert outcome.efficiency == pytest.approx(10 * jobs * of_a_job / (wall * machines * cores))
    assert (outcome.lost, outcome.failures, outcome.queued) == (0, 0, 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=40), st.integers(1, 5), st.integers(1, 4))
def test_the_wall_lies_within_grahams_bounds(seconds, machines, cores):
    """Graham (1969): a list schedule lasts at most sum / m + (1 - 1 / m) of the longest job."""
    outcome, slots = run(Jobs(np.array(seconds)), Cluster(machines, cores)), machines * cores
    assert outcome.wall >= max(max(seconds), sum(seconds) / slots) - 1e-9
    assert outcome.wall <= sum(seconds) / slots + (1 - 1 / slots) * max(seconds) + 1e-9


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_one_database_takes_what_the_repairman_model_allows(workers):
    """Closed queue of exponential times (machine repairman): throughput (1 - p0) / service."""
    rng, think, service, count = np.random.default_rng(0), 10.0, 1.0, 40_000
    jobs = Jobs(rng.exponential(think, count), commit=rng.exponential(service, count))
    idle = 1 / sum(math.perm(workers, n) * (service / think) ** n for n in range(workers + 1))
    assert count / run(jobs, Cluster(workers, 1)).wall == pytest.approx((1 - idle) / service, rel=0.02)


@pytest.mark.parametrize("server", ["fetch", "commit"])
def test_beyond_its_wall_a_server_alone_decides(server):
    jobs = Jobs(np.full(1000, 10.0), **{server: np.full(1000, 0.5)})
    walls = [run(jobs, Cluster(machines, 1)).wall for machines in (1, 10, 40, 80)]
    assert walls[0] == pytest.approx(10_500)
    assert walls[1] == pytest.approx(1050, rel=0.02)
    assert walls[2:] == pytest.approx([510, 510], rel=0.01)  # 1000 requests of half a second, one job beside them


def test_a_job_begun_again_takes_as_long_as_without_memory():
    """Expected seconds of a job that must run through, and of the repairs: (e^(t/f) - 1) (f + repair)."""
    count, seconds, failure, repair = 3000, 10.0, 20.0, 5.0
    outcome = run(Jobs(np.full(count, seconds)), Cluster(1, 1, failure=failure, repair=repair), seed=1)
    assert outcome.wall / count == pytest.approx((math.exp(seconds / failure) - 1) * (failure + repair), rel=0.03)
    assert outcome.useful == pytest.approx(count * seconds)
    assert outcome.failures / count == pytest.approx(math.exp(seconds / failure) - 1, rel=0.05)
    assert outcome.lost + outcome.useful + repair * outcome.failures == pytest.approx(outcome.wall)


def test_a_checkpoint_bounds_what_a_failure_loses():
    cluster = Cluster(2, 4, failure=500.0, repair=0.0)
    lost, kept = (run(Jobs(np.full(40, 1000.0), checkpoint=step), cluster, seed=2) for step in (None, 60.0))
    assert kept.lost / kept.failures < 4 * 60 < lost.lost / lost.failures
    assert kept.wall < lost.wall


def test_all_jobs_are_done_though_every_machine_fails_again_and_again():
    jobs = Jobs(np.full(200, 10.0), np.full(200, 0.1), np.full(200, 0.1))
    outcome = run(jobs, Cluster(5, 4, failure=60.0, repair=30.0), seed=3)
    assert outcome.failures > 5 and outcome.lost > 0
    assert outcome.wall > 2000 / 20


def test_slow_machines_make_it_longer_and_take_fewer_jobs():
    jobs = Jobs(np.full(2000, 10.0))
    usual, slow = run(jobs, Cluster(10, 2)), run(jobs, Cluster(10, 2, slow=1.0, slowness=3.0))
    some = run(jobs, Cluster(10, 2, slow=0.3, slowness=3.0), seed=1)
    assert slow.wall == pytest.approx(3 * usual.wall)
    assert usual.wall < some.wall < 1.5 * usual.wall  # dealt out evenly it would be 3


def test_a_seed_decides():
    jobs = Jobs(spread(300, 10, 0.5, np.random.default_rng(0)), commit=np.full(300, 0.2))
    cluster = Cluster(5, 4, failure=200.0, repair=20.0, slow=0.2, slowness=2.0)
    assert run(jobs, cluster, 7) == run(jobs, cluster, 7) != run(jobs, cluster, 8)


def test_spread_keeps_the_mean():
    seconds = spread(200_000, 30, 0.5, np.random.default_rng(0))
    assert seconds.mean() == pytest.approx(30, rel=0.01)
    assert np.log(seconds).std() == pytest.approx(0.5, rel=0.01)


def test_a_job_that_fits_no_machine_is_refused():
    with pytest.raises(ValueError, match="jobs of 8 cores need a machine of as many"):
        run(Jobs(np.ones(1), cores=8), Cluster(1, 4))
