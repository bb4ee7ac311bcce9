"""When the satellites come over and what each relative orbit sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from rojsat.geo.sources.simulated.layout import WorldLayout
from rojsat.geo.sources.simulated.noise import stream

_FIRST = {22: (3, 10, 10, 31), 65: (6, 10, 20, 31), 108: (9, 10, 30, 31)}
"""First overpass of Sentinel-2A in July 2019 (day, hour, minute, second); 2B follows five days behind."""
_SPRING, _SUMMER, _END = (datetime(2019, month, day, tzinfo=UTC) for month, day in ((3, 20), (7, 1), (11, 1)))
_ALL = 65  # the relative orbit that sees all of the map
_CLEAR = 0.15  # who orders single dates takes clear ones: largest share of cloud
_CORNER = 1.27  # the edge of orbit 022's swath leaves it about a quarter of the map


@dataclass(frozen=True)
class Acquisition:
    """One overpass of which a scene is delivered.

    Attributes:
        time: UTC.
        orbit: relative orbit.
        platform: "sentinel-2a" or "sentinel-2b".
        cover: share of the sky that is cloud, [0, 1].
    """

    time: datetime
    orbit: int
    platform: str
    cover: float

    @property
    def name(self) -> str:
        """Id of the scene, `S2A_20190723_022`."""
        return f"S2{self.platform[-1].upper()}_{self.time:%Y%m%d}_{self.orbit:03d}"

    @property
    def day(self) -> int:
        """Day of the year."""
        return self.time.timetuple().tm_yday


def acquisitions(layout: WorldLayout, seed: int) -> list[Acquisition]:
    """Choose the overpasses whose scenes are ordered: spread over the season, none overcast.

    Args:
        layout: numbers of scenes of each orbit.
        seed: of the world.

    Returns:
        Sorted by time.
    """
    summer = _ordered(layout.scenes, _SUMMER, _END, stream(seed, "orbits"))
    spring = _ordered(layout.spring, _SPRING, _SUMMER, stream(seed, "spring"))
    return sorted(spring + summer, key=lambda item: item.time)


def on_dates(dates: Sequence[str], seed: int) -> list[Acquisition]:
    """The overpasses of orbit 065, which sees all of the map, nearest to some days; the sky is mostly clear.

    Args:
        dates: days of 2019, ISO ("2019-05-02").
        seed: of the world.

    Returns:
        One a date, sorted by time.

    Raises:
        ValueError: a text is no date, a date lies before the snow is gone or after October, or two dates have the same
            overpass.
    """
    rng, overpasses = stream(seed, "dates"), _overpasses(_ALL, _SPRING, _END)
    nearest = []
    for text in dates:
        try:
            day = datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)
        except (TypeError, ValueError) as error:
            raise ValueError(f"data.options.dates: {text!r} is no date; write them as '2019-05-02'") from error
        if not _SPRING <= day < _END:
            raise ValueError(f"data.options.dates: {text} is not between {_SPRING:%Y-%m-%d} and {_END:%Y-%m-%d}")
        nearest.append(min(overpasses, key=lambda overpass: abs(overpass[0] - day)))
    if len(set(nearest)) < len(nearest):
        raise ValueError(f"data.options.dates: {list(dates)} name an overpass twice; there is one in five days")
    covers = rng.uniform(0, _CLEAR, len(nearest))
    return [
        Acquisition(time, _ALL, platform, float(cover))
        for (time, platform), cover in zip(sorted(nearest), covers, strict=True)
    ]


def _ordered(
    scenes: tuple[tuple[int, int], ...], begin: datetime, end: datetime, rng: np.random.Generator
) -> list[Acquisition]:
    chosen = []
    for orbit, count in scenes:
        overpasses = _overpasses(orbit, begin, end)
        for slot in np.array_split(np.arange(len(overpasses)), count):
            time, platform = overpasses[int(rng.choice(slot))]
            cover = float(np.clip(1.1 * rng.beta(0.45, 0.6), 0.0, 0.97))  # the sky is mostly clear or mostly not
            chosen.append(Acquisition(time, orbit, platform, cover))
    return chosen


def swath(orbit: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels that an orbit sees: 065 all, 022 the south-east corner, 108 what 022 does not.

    Args:
        orbit: relative orbit.
        shape: (H, W).

    Returns:
        (H, W).
    """
    down = (np.arange(shape[0])[:, None] + 0.5) / shape[0]
    right = (np.arange(shape[1])[None, :] + 0.5) / shape[1]
    corner = 1.05 * down + 0.95 * right > _CORNER
    return {65: np.ones(shape, bool), 22: corner, 108: ~corner}[orbit]


def _overpasses(orbit: int, begin: datetime, end: datetime) -> list[tuple[datetime, str]]:
    day, hour, minute, second = _FIRST[orbit]
    first = datetime(2019, 7, day, hour, minute, second, tzinfo=UTC)
    platforms = ("sentinel-2a", "sentinel-2b")
    every = [(first + timedelta(days=5 * step), platforms[step % 2]) for step in range(-24, 28)]
    return [item for item in every if begin <= item[0] < end]
