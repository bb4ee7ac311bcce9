"""Wall time on so many machines, step by step, over seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.scale import money, workload
from bench.scale.schedule import Outcome, run
from bench.scale.workload import HOUR, Step

MACHINES = (1, 10, 100)
SEEDS = 10
"""Simulations of each; the interval is that of the middle eight of them."""

PAIRED = 4
"""Seeds with which a variant is held against the same without it."""

VARIANTS: dict[str, dict[str, float | str]] = {
    "machines taken back every five hours": {"failure_days": 5 / 24},
    "the same, and no checkpoints": {"failure_days": 5 / 24, "checkpoint_minutes": 1e9},
    "a fifth of the machines four times as slow": {"slow_share": 0.2, "slowness": 4.0},
    "a link of 100 Gbit/s to the archive": {"archive_gb_second": 12.5},
    "a training on all cores of a machine": {"training_cores": "machine_cores"},
    "chips of the labelled stands alone": {"stands": "labelled_stands"},
    "dates of May to September alone": {"dates": 61.0},
    "three orbits a tile": {"dates": 438.0},
}
"""What if: other values of some quantities, or the name of the one whose value they have."""


@dataclass(frozen=True)
class Country:
    """All steps on so many machines, one after another, of one seed.

    Attributes:
        machines: how many.
        cores: of all of them.
        outcomes: by the name of the step.
    """

    machines: int
    cores: int
    outcomes: Mapping[str, Outcome]

    @property
    def wall(self) -> float:
        """Seconds from the first step to the last."""
        return sum(outcome.wall for outcome in self.outcomes.values())

    @property
    def efficiency(self) -> float:
        """Useful core seconds beside all that the machines had."""
        return sum(outcome.useful for outcome in self.outcomes.values()) / (self.cores * self.wall)

    @property
    def twice(self) -> float:
        """Share of the useful core seconds that were computed a second time."""
        useful = sum(outcome.useful for outcome in self.outcomes.values())
        return sum(outcome.lost for outcome in self.outcomes.values()) / useful


def simulate(of: Mapping[str, float], machines: int, seed: int) -> Country:
    """One seed on so many machines."""
    cluster, outcomes = workload.cluster(of, machines), {}
    for number, step in enumerate(workload.steps(of)):
        rng = np.random.default_rng([seed, number])  # the jobs of a seed are the same on any number of machines
        outcomes[step.name] = run(workload.jobs(step, of, rng), cluster, seed, number)
    return Country(machines, machines * cluster.cores, outcomes)


def least(step: Step, of: Mapping[str, float], machines: int) -> float:
    """Seconds that a step takes at least: its work on all cores, one job, or what the archive must send."""
    cluster = workload.cluster(of, machines)
    slots = machines * (cluster.cores // step.cores)
    job_seconds = step.core_seconds / step.cores
    return max(step.jobs * job_seconds / slots, job_seconds, step.jobs * step.read_gb / of["archive_gb_second"])


def simulations(
    of: Mapping[str, float], machines: Sequence[int] = MACHINES, seeds: int = SEEDS
) -> dict[int, list[Country]]:
    """All seeds by number of machines."""
    return {count: [simulate(of, count, seed) for seed in range(seeds)] for count in machines}


def middle(numbers: Sequence[float]) -> tuple[float, float, float]:
    """Mean, and between which bounds the middle four fifths lie."""
    low, high = np.percentile(numbers, [10, 90])
    return float(np.mean(numbers)), float(low), float(high)


def step_rows(of: Mapping[str, float], countries: Mapping[int, Sequence[Country]]) -> list[dict[str, Any]]:
    """A row a step: jobs, core hours, mean hours on each number of machines."""
    return [
        {"step": step.name, "jobs": step.jobs, "core hours": step.core_hours}
        | {
            f"hours on {count}": float(np.mean([each.outcomes[step.name].wall for each in of_count])) / HOUR
            for count, of_count in countries.items()
        }
        for step in workload.steps(of)
    ]


def machine_rows(of: Mapping[str, float], countries: Mapping[int, Sequence[Country]]) -> list[dict[str, Any]]:
    """A row a number of machines: hours with their interval, efficiency, work done twice, EUR while they are kept."""
    rows = []
    for count, of_count in countries.items():
        mean, low, high = middle([each.wall / HOUR for each in of_count])
        failures = [sum(outcome.failures for outcome in each.outcomes.values()) for each in of_count]
        rows.append(
            {
                "machines": count,
                "cores": of_count[0].cores,
                "hours": mean,
                "low": low,
                "high": high,
                "efficiency": float(np.mean([each.efficiency for each in of_count])),
                "twice": float(np.mean([each.twice for each in of_count])),
                "failures": float(np.mean(failures)),
                "EUR": of_count[0].cores * mean * of["price_core_hour"],
            }
        )
    return rows


def variant_rows(of: Mapping[str, float], usual: Mapping[int, Sequence[Country]]) -> list[dict[str, Any]]:
    """A row a variant, beside the same seeds without it: core hours and hours as multiples, work done twice on ten."""
    few, many = MACHINES[1:]
    rows = []
    for name, replaced in VARIANTS.items():
        other = {**of, **{key: of[value] if isinstance(value, str) else value for key, value in replaced.items()}}
        varied = simulations(other, (few, many), PAIRED)
        times = {
            count: sum(each.wall for each in varied[count]) / sum(each.wall for each in usual[count][:PAIRED])
            for count in varied
        }
        row = {"if there were": name, "core hours": f"{workload.core_hours(other) / workload.core_hours(of):.2f} times"}
        row |= {f"hours on {count}": f"{factor:.2f} times" for count, factor in times.items()}
        euros = money.total(of)
        row |= {"EUR": f"{money.total(other) / euros if euros else 1:.2f} times"}
        rows.append(row | {f"computed twice on {few}": f"{100 * np.mean([each.twice for each in varied[few]]):.2g} %"})
    return rows
