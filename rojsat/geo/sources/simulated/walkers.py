"""Workers who clear the objects strip by strip, with phones that log where they are."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from rojsat.geo.sources.simulated.clearing_objects import ClearingObject
from rojsat.geo.sources.simulated.growth import Need
from rojsat.geo.sources.simulated.layout import PIXEL, transform
from rojsat.geo.sources.simulated.noise import stream

WORKERS = ("anders", "berit", "carl", "disa", "erik")
PHONES = (0.8, 0.9, 1.0, 1.1, 1.2)
"""Time between fixes of each worker's phone, relative to the mean of all phones."""
DENSE = 45
"""97th percentile of the fixes per 10 m pixel in the study; the phones' mean interval follows from it."""
_STRIP = 5.0  # metres: the width a worker clears in one go
_STEP = 1.0  # metres between points of the path
_IDLE = 0.12  # degree of need below which nothing is cut
_STROLL = 0.9  # metres a second where nothing is cut
_EASY, _HARD = 30.0, 450.0  # seconds of work per 100 m² at need 0 and more at need 1: 1 to 13 hours a hectare
_TOIL = 120.0  # seconds more per 100 m² on hard ground: as much as a need of 0.3 adds
_DAY = 6.0 * 3600  # seconds of logging a day
_BREAK_EVERY, _BREAK = (4500.0, 8500.0), (420.0, 1700.0)  # seconds
_ERROR, _MEMORY, _JITTER = 2.2, 0.97, 0.7  # metres: slow error of a fix, how it lasts, fast error
_SCATTER = 1.1  # counts of fixes vary more than the time spent: their percentile lies a tenth higher
_FIRST_DAY = datetime(2019, 11, 4, 6, 30, tzinfo=UTC)  # all clearing follows the last image


@dataclass(frozen=True)
class Leg:
    """One worker's share of one object, as walked.

    Attributes:
        x: (N,) metres in the world's CRS.
        y: (N,) metres.
        seconds: (N,) since the first point; grows.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    seconds: NDArray[np.float64]


def walk(objects: list[ClearingObject], need: Need, hard: NDArray[np.bool_], seed: int) -> pd.DataFrame:
    """Let the workers walk all objects.

    Args:
        objects: the clearing objects; through one without area a worker only walks.
        need: degree of need, [0, 1], that decides how slow the work goes.
        hard: (H, W) True where the ground makes it slow whatever the need.
        seed: of the world.

    Returns:
        Columns worker, track (`<object>-<worker>-<day>`), time (UTC), x and y (metres, the world's CRS).
    """
    rng = stream(seed, "walkers")
    legs: list[tuple[str, int, Leg]] = []
    for item in objects:
        team = rng.permutation(len(WORKERS))[: 1 + int(item.area.sum() > 900) + int(item.area.sum() > 1800)]
        paths = _strips(rng, item, len(team)) if item.area.any() else [_walk_through(rng, item)]
        legs += [
            (item.name, int(worker), _work(rng, path, need, hard)) for worker, path in zip(team, paths, strict=False)
        ]
    interval = _interval(objects, [(leg, PHONES[worker]) for _, worker, leg in legs], need.degree.shape)
    tables = []
    for name, worker, leg in legs:
        start = _FIRST_DAY + timedelta(days=int(rng.integers(0, 40)))
        tables.append(_log(rng, leg, worker, name, start, interval * PHONES[worker]))
    return pd.concat(tables, ignore_index=True)


def _interval(objects: list[ClearingObject], legs: list[tuple[Leg, float]], shape: tuple[int, ...]) -> float:
    """Mean seconds between fixes with which the 97th percentile over the objects' boxes becomes `DENSE`."""
    spent, grid = np.zeros(shape), transform()
    for leg, phone in legs:
        rows, columns = (grid.f - leg.y) // PIXEL, (leg.x - grid.c) // PIXEL
        np.add.at(spent, (rows.astype(int), columns.astype(int)), np.diff(leg.seconds, prepend=0.0) / phone)
    boxes = np.concatenate([spent[item.window].ravel() for item in objects if item.area.any()])
    return _SCATTER * float(np.percentile(boxes, 97) / DENSE)


def _strips(rng: np.random.Generator, item: ClearingObject, team: int) -> list[NDArray[np.float64]]:
    """(N, 2) row and column of each worker's path: parallel strips, to and fro, one block a worker."""
    rows, columns = np.nonzero(item.area)
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([rows.mean(), columns.mean()])
    reach = np.hypot(*item.area.shape) / 2 + 2
    across = np.arange(-reach, reach, _STRIP / PIXEL)
    along = np.arange(-reach, reach, _STEP / PIXEL)
    lines = []
    for number, offset in enumerate(across):
        line = np.stack([np.full_like(along, offset), along[:: 1 if number % 2 else -1]], 1) @ turn + middle
        line = line + 0.12 * np.cumsum(rng.standard_normal(line.shape), 0) / np.sqrt(len(line))
        at = np.rint(line).astype(int)
        inside = ((at >= 0) & (at < item.area.shape)).all(1)
        inside[inside] = item.area[tuple(at[inside].T)]
        if inside.any():
            lines.append(line[inside])
    length = np.cumsum([len(line) for line in lines])
    block = np.minimum((length - 1) * team // length[-1], team - 1)
    corner = np.array([item.row, item.column]) + 0.5
    return [
        np.concatenate([line for line, of in zip(lines, block, strict=True) if of == n]) + corner for n in range(team)
    ]


def _walk_through(rng: np.random.Generator, item: ClearingObject) -> NDArray[np.float64]:
    """(N, 2) path straight through the box: on the way to somewhere else."""
    row = rng.uniform(0.2, 0.8, 2) * item.height
    share = np.linspace(0, 1, int(item.width * PIXEL / _STEP))
    path = np.stack([row[0] + share * (row[1] - row[0]), share * item.width], 1)
    return path + np.array([item.row, item.column])


def _work(rng: np.random.Generator, path: NDArray[np.float64], need: Need, hard: NDArray[np.bool_]) -> Leg:
    """Time at each point of the path: slower where need is greater or the ground is hard, with breaks."""
    at = path.astype(int)
    degree = np.nan_to_num(need.degree[at[:, 0], at[:, 1]], nan=0.0)
    per_metre = _STRIP / 100 * (_EASY + _HARD * degree**1.15)
    pace = np.exp(0.15 * rng.standard_normal())  # workers differ
    moved = PIXEL * np.hypot(*np.diff(path, axis=0, prepend=path[:1]).T)
    seconds = np.where(degree > _IDLE, pace * per_metre * _STEP, moved / _STROLL) + 0.2 * moved
    seconds[hard[at[:, 0], at[:, 1]]] += _STRIP / 100 * _TOIL * _STEP
    elapsed = np.cumsum(seconds)
    rests = np.cumsum(rng.uniform(*_BREAK_EVERY, int(elapsed[-1] / _BREAK_EVERY[0]) + 1))
    places = np.searchsorted(elapsed, rests[rests < elapsed[-1]])
    np.add.at(seconds, places, rng.uniform(*_BREAK, len(places)))
    along = np.repeat(path, 1 + np.isin(np.arange(len(path)), places), axis=0)  # stands still, then goes on
    times = np.insert(seconds, places, 0.0)
    grid = transform()
    return Leg(grid.c + PIXEL * along[:, 1], grid.f - PIXEL * along[:, 0], np.cumsum(times))


def _log(rng: np.random.Generator, leg: Leg, worker: int, item: str, start: datetime, interval: float) -> pd.DataFrame:
    """What the phone keeps: a fix every interval, off by some metres, some missing."""
    ticks = np.arange(0, leg.seconds[-1], interval)
    ticks = ticks[_received(rng, len(ticks))]
    x = np.interp(ticks, leg.seconds, leg.x) + _error(rng, len(ticks))
    y = np.interp(ticks, leg.seconds, leg.y) + _error(rng, len(ticks))
    day = (ticks // _DAY).astype(int)
    late = rng.uniform(0, 2400, day.max() + 1)  # nobody starts on the second
    seconds = np.rint(day * 86400 + ticks % _DAY + late[day])
    table = pd.DataFrame({"x": x, "y": y, "time": pd.Timestamp(start) + pd.to_timedelta(seconds, unit="s")})
    table["worker"] = WORKERS[worker]
    table["track"] = [f"{item}-{WORKERS[worker]}-{number + 1}" for number in day]
    return table


def _received(rng: np.random.Generator, count: int) -> NDArray[np.bool_]:
    """(N,) False for single fixes that fail (3 %) and runs under dense canopy (about 4 %)."""
    lost = rng.random(count) < 0.03
    for begin in np.nonzero(rng.random(count) < 0.002)[0]:
        lost[begin : begin + int(rng.geometric(1 / 20))] = True
    return ~lost


def _error(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    drive = rng.standard_normal(count) * _ERROR * np.sqrt(1 - _MEMORY**2)
    slow = lfilter([1.0], [1.0, -_MEMORY], drive)
    return np.asarray(slow + _JITTER * rng.standard_normal(count))
