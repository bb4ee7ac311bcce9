"""A schedule of jobs on machines, simulated event by event. Knows nothing of what the jobs do.

A free slot takes the next job of the queue. The job may first fetch from a server that all share (an archive), then
computes, then hands its result to another one (a database); a server handles one request at a time, first come, first
served. Machines fail at random and come back; what they had not handed over is done again, from the last checkpoint
where there are checkpoints.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Jobs:
    """Jobs that can run at the same time.

    Attributes:
        compute: (J,) seconds of each on a machine of usual speed; the sequence is that of the queue.
        fetch: (J,) seconds of each at the first server; None: it fetches nothing.
        commit: (J,) seconds of each at the second server; None: it hands nothing over.
        cores: cores that a job keeps busy.
        checkpoint: seconds of computing that a job loses at most when its machine fails; None: all of them.
    """

    compute: NDArray[np.float64]
    fetch: NDArray[np.float64] | None = None
    commit: NDArray[np.float64] | None = None
    cores: int = 1
    checkpoint: float | None = None


@dataclass(frozen=True)
class Cluster:
    """Machines that are alike, but for some slow ones.

    Attributes:
        machines: how many.
        cores: of each.
        failure: mean seconds until a machine fails, exponential; None: never.
        repair: seconds until it, or another in its stead, is back.
        slow: share of machines that are slow.
        slowness: times as long a job takes on a slow one.
    """

    machines: int
    cores: int
    failure: float | None = None
    repair: float = 0.0
    slow: float = 0.0
    slowness: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What came of a schedule.

    Attributes:
        wall: seconds from the first job's start to the last one's end.
        useful: core seconds that the jobs take once, on machines of usual speed.
        lost: core seconds that were computed and lost with a machine.
        failures: how often a machine failed while it worked.
        efficiency: useful core seconds beside all that the machines had in that time.
        queued: seconds that jobs waited for the two servers, all jobs together.
    """

    wall: float
    useful: float
    lost: float
    failures: int
    efficiency: float
    queued: float


@dataclass
class _Server:
    """Handles one request at a time; what comes at the same time waits."""

    free_at: float = 0.0
    queued: float = 0.0

    def handle(self, now: float, seconds: float) -> float:
        """When a request that comes now is done."""
        begin = max(now, self.free_at)
        self.queued += begin - now
        self.free_at = begin + seconds
        return self.free_at


@dataclass
class _Machine:
    """A machine: its speed, how often it failed, and when each job that computes on it began to."""

    slowness: float
    life: int = 0
    began: dict[int, float] = field(default_factory=dict)


def spread(count: int, mean: float, sigma: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Durations of some jobs, (count,) seconds: log-normal around a mean, `sigma` the deviation of their logarithm."""
    return mean * rng.lognormal(-(sigma**2) / 2, sigma, count)


def run(jobs: Jobs, cluster: Cluster, seed: int = 0, step: int = 0) -> Outcome:
    """Simulate until all jobs are done.

    Args:
        jobs: what there is to do.
        cluster: who does it.
        seed: decides which machines are slow and, with `step`, when they fail; the same two give the same outcome.
        step: number of these jobs among those that the machines do one after the other.

    Raises:
        ValueError: if no job fits a machine.
    """
    slots = cluster.cores // jobs.cores
    if slots < 1 or cluster.machines < 1:
        raise ValueError(f"jobs of {jobs.cores} cores need a machine of as many; there are {cluster}")
    is_slow = np.random.default_rng(seed).random(cluster.machines) < cluster.slow
    return _Simulation(jobs, cluster, slots, is_slow, np.random.default_rng([seed, step])).run()


class _Simulation:
    """The state of a schedule; events are (time, number, kind, machine, life of the machine, job)."""

    def __init__(
        self, jobs: Jobs, cluster: Cluster, slots: int, is_slow: NDArray[np.bool_], rng: np.random.Generator
    ) -> None:
        self.jobs, self.cluster, self.slots, self.rng = jobs, cluster, slots, rng
        self.machines = [_Machine(cluster.slowness if slow else 1.0) for slow in is_slow]
        # lists, for numbers of numpy are slow one by one
        self.queue, self.left = deque(range(len(jobs.compute))), jobs.compute.tolist()
        self.fetch = None if jobs.fetch is None else jobs.fetch.tolist()
        self.commit = None if jobs.commit is None else jobs.commit.tolist()
        self.archive, self.database = _Server(), _Server()
        self.events: list[tuple[float, int, str, int, int, int]] = []
        self.idle: deque[int] = deque()
        self.number = self.done = self.failures = 0
        self.lost = 0.0

    def run(self) -> Outcome:
        """Until the last job is done."""
        now = 0.0
        for machine in range(self.cluster.machines):
            self._begin_life(now, machine)
        # one slot of each machine in turn, as a scheduler deals jobs out
        self.idle.extend(machine for _ in range(self.slots) for machine in range(self.cluster.machines))
        self._deal(now)
        while self.done < len(self.left):
            now, _, kind, machine, life, job = heapq.heappop(self.events)
            if life == self.machines[machine].life:
                getattr(self, f"_{kind}")(now, machine, job)
        useful = float(self.jobs.compute.sum()) * self.jobs.cores
        cores = self.cluster.machines * self.cluster.cores
        queued = self.archive.queued + self.database.queued
        return Outcome(now, useful, self.lost, self.failures, useful / (cores * now) if now else 1.0, queued)

    def _plan(self, time: float, kind: str, machine: int, job: int = -1) -> None:
        self.number += 1
        heapq.heappush(self.events, (time, self.number, kind, machine, self.machines[machine].life, job))

    def _begin_life(self, now: float, machine: int) -> None:
        if self.cluster.failure is not None:
            self._plan(now + float(self.rng.exponential(self.cluster.failure)), "fail", machine)

    def _deal(self, now: float) -> None:
        while self.queue and self.idle:
            machine, job = self.idle.popleft(), self.queue.popleft()
            if self.fetch is None:
                self._compute(now, machine, job)
            else:
                self.machines[machine].began[job] = np.inf  # not yet: it fetches
                self._plan(self.archive.handle(now, self.fetch[job]), "compute", machine, job)

    def _compute(self, now: float, machine: int, job: int) -> None:
        self.machines[machine].began[job] = now
        computed = "end" if self.commit is None else "hand_over"
        self._plan(now + self.left[job] * self.machines[machine].slowness, computed, machine, job)

    def _hand_over(self, now: float, machine: int, job: int) -> None:
        assert self.commit is not None
        self._plan(self.database.handle(now, self.commit[job]), "end", machine, job)

    def _end(self, now: float, machine: int, job: int) -> None:
        del self.machines[machine].began[job]
        self.done += 1
        self.idle.append(machine)
        self._deal(now)

    def _fail(self, now: float, machine: int, _: int) -> None:
        broken = self.machines[machine]
        broken.life += 1
        self.idle = deque(other for other in self.idle if other != machine)
        self.failures += bool(broken.began)
        for job, began in sorted(broken.began.items(), reverse=True):
            spent = max(0.0, now - began) / broken.slowness  # 0 while it fetched
            spent = min(spent, self.left[job])  # what waits for the database is computed
            kept = 0.0 if self.jobs.checkpoint is None else spent // self.jobs.checkpoint * self.jobs.checkpoint
            self.left[job] -= kept
            self.lost += (spent - kept) * self.jobs.cores
            self.queue.appendleft(job)
        broken.began.clear()
        self._plan(now + self.cluster.repair, "recover", machine)
        self._deal(now)

    def _recover(self, now: float, machine: int, _: int) -> None:
        self._begin_life(now, machine)
        self.idle.extend([machine] * self.slots)
        self._deal(now)
