"""Cuts the chips of one scene: the regions given to it, pixels it lacks filled from other scenes of the same pass."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.chips import writer
from rojsat.chips.cut import Cut, Dropped
from rojsat.chips.reader import lead_array, measured
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.planes import Reader

CLEARED = ("keep", "drop", "zero")
"""What can be done with scenes later than the clearing of a region."""


@dataclass(frozen=True)
class Region:
    """A region to be cut.

    Attributes:
        id: its id.
        role: stand, clearing or control.
        label: its label as a whole, or None.
        cleared: ISO date of its clearing, or None.
        grid: its 10 m grid.
        windows: parts of the grid that become chips: one, or several where it is larger than chips may be.
    """

    id: str
    role: str
    label: str | None
    cleared: str | None
    grid: GeoBox
    windows: tuple[tuple[slice, slice], ...]


@dataclass(frozen=True)
class Rules:
    """How chips are cut; see `cutting.write`."""

    resampling: str
    max_nodata: float
    max_cloud: float
    cloud_margin: float
    cleared: str


@dataclass(frozen=True)
class Job:
    """What one scene gives: a piece of the store.

    Attributes:
        piece: its name.
        scenes: the scene, then those that fill what it lacks.
        regions: each with the places in `scenes` of those that show it, the scene itself first.
        starts: first slot of each role.
        rules: how chips are cut.
    """

    piece: str
    scenes: tuple[Scene, ...]
    regions: tuple[tuple[Region, tuple[int, ...]], ...]
    starts: Mapping[str, int]
    rules: Rules


def fill(job: Job, destination: Path) -> str:
    """Write the piece of the store at `destination`; a function of its arguments alone, so any process can do it.

    Returns:
        The piece's name.

    Raises:
        ValueError: if a raster cannot be read, or holds what does not fit.
    """
    writer.fill(destination, job.piece, _chips(job), job.starts)
    return job.piece


def _chips(job: Job) -> Iterator[Cut | Dropped]:
    scene, rules = job.scenes[0], job.rules
    late = {region.id: _is_late(scene, region) for region, _ in job.regions}
    left = {region.id for region, _ in job.regions if late[region.id] and rules.cleared == "drop"}
    for region, _ in job.regions:
        if region.id in left:
            yield _left_out(region, scene, f"taken after the clearing of {region.cleared}")
    wanted = [(region, shown) for region, shown in job.regions if region.id not in left]
    if not wanted:
        return
    with _Pass(job.scenes, [region.grid for region, _ in wanted], rules) as taken:
        for region, shown in wanted:
            for cut in _windows(taken, scene, region, shown, zeroed=late[region.id] and rules.cleared == "zero"):
                fault = _fault(cut, rules)
                shares = {"nodata": cut.nodata, "cloud": cut.cloud}
                yield _left_out(region, scene, fault, **shares) if fault else cut


class _Pass(ExitStack):
    """The scenes of one pass, opened when they are needed."""

    def __init__(self, scenes: tuple[Scene, ...], grids: list[GeoBox], rules: Rules) -> None:
        super().__init__()
        self._scenes, self._rules = scenes, rules
        self._readers = {0: self._reader(0, grids)}

    def _reader(self, number: int, grids: list[GeoBox]) -> Reader:
        reader = Reader(self._scenes[number], self._rules.resampling, grids, cloud_margin=self._rules.cloud_margin)
        return self.enter_context(reader)

    def read(self, grid: GeoBox, shown: tuple[int, ...]) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
        """All planes on a grid and their units; each pixel from the first of the scenes that has data there."""
        arrays, units = self._readers[shown[0]].read(grid), dict(self._readers[shown[0]].units)
        for number in shown[1:]:
            if all(measured({kind: arrays[kind]}).all() for kind in ("boa", "toa") if kind in arrays):
                break
            reader = self._readers.get(number) or self._readers.setdefault(number, self._reader(number, []))
            more = _convert(reader.read(grid), reader.units, units)
            units = {**reader.units, **units}
            _merge(arrays, more)
        return arrays, units


def _merge(arrays: dict[str, NDArray[Any]], more: Mapping[str, NDArray[Any]]) -> None:
    """Fill in place what lacks data: `toa` by itself, everything else where the main array has none."""
    lead = lead_array(more)
    lacking = ~measured({lead: arrays[lead]}) if lead in arrays else np.ones(more[lead].shape[-2:], bool)
    top = ~measured({"toa": arrays["toa"]}) if "toa" in arrays else np.ones_like(lacking)
    for kind, array in more.items():
        where = top if kind == "toa" else lacking
        before = arrays.get(kind, np.zeros_like(array))
        arrays[kind] = np.where(where, array, before)


def _convert(
    arrays: dict[str, NDArray[Any]], mine: Mapping[str, float], wanted: Mapping[str, float]
) -> dict[str, NDArray[Any]]:
    """Bring stored reflectance of one scene to the scale and offset of another."""
    for kind, prefix in (("boa", ""), ("toa", "toa_")):
        scale, offset = f"{prefix}scale", f"{prefix}offset"
        if kind in arrays and scale in wanted and (mine[scale], mine[offset]) != (wanted[scale], wanted[offset]):
            value = arrays[kind] * mine[scale] + mine[offset]
            stored = np.rint((value - wanted[offset]) / wanted[scale]).clip(1, np.iinfo(np.uint16).max)
            arrays[kind] = np.where(arrays[kind] > 0, stored, 0).astype(np.uint16)
    return arrays


def _windows(taken: _Pass, scene: Scene, region: Region, shown: tuple[int, ...], *, zeroed: bool) -> Iterator[Cut]:
    arrays, units = taken.read(region.grid, shown)
    for rows, cols in region.windows:
        yield Cut(
            region=region.id,
            role=region.role,
            label="clear" if zeroed and region.label == "need" else region.label,
            datetime=scene.datetime,
            relative_orbit=scene.relative_orbit,
            crs=str(region.grid.crs),
            transform=tuple(region.grid[rows, cols].affine)[:6],
            arrays={kind: array[..., rows, cols] for kind, array in arrays.items()},
            row=rows.start,
            col=cols.start,
            window=len(region.windows) > 1,
            zeroed=zeroed,
            **units,
        )


def _is_late(scene: Scene, region: Region) -> bool:
    """Whether the scene was taken on a later day than that of the clearing."""
    return region.cleared is not None and f"{scene.datetime:%Y-%m-%d}" > region.cleared


def _fault(cut: Cut, rules: Rules) -> str | None:
    """Why a chip is no use, if it is none."""
    if cut.nodata == 1:
        return "no data at all"
    if cut.nodata > rules.max_nodata:
        return f"more than {rules.max_nodata:.0%} without data"
    if cut.cloud > rules.max_cloud:
        return f"more than {rules.max_cloud:.0%} under cloud"
    return None


def _left_out(region: Region, scene: Scene, reason: str, **shares: float) -> Dropped:
    return Dropped(region.id, region.role, reason, f"{scene.datetime:%Y-%m-%d}", scene.relative_orbit, **shares)
