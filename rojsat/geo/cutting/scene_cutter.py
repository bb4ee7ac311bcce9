"""Cuts the chips of one scene; pixels that it lacks are filled from other scenes of the same overpass."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rojsat.chips import harvest_years, roles, writer
from rojsat.chips.cut import Cut, Dropped
from rojsat.config.s3_folder import Folder
from rojsat.geo.cutting.overpass_reader import OverpassReader
from rojsat.geo.cutting.overpasses import Visit
from rojsat.geo.cutting.regions import Region

log = logging.getLogger(__name__)

CLEARED = ("keep", "drop", "zero")
"""Options for scenes later than the clearing of a region."""


@dataclass(frozen=True)
class Rules:
    """How chips are cut; see `data_set.write`."""

    resampling: str
    max_nodata: float
    max_cloud: float
    cloud_margin: float
    cleared: str
    youngest: float | None = None
    oldest: float | None = None


@dataclass(frozen=True)
class SceneJob:
    """The chips of one scene: a piece of the store.

    Attributes:
        piece: its name.
        visits: the regions to cut, each with the scenes that show it; the first of these is the same for all.
        starts: first slot of each role.
        rules: how chips are cut.
    """

    piece: str
    visits: Sequence[Visit]
    starts: Mapping[str, int]
    rules: Rules


def fill(job: SceneJob, destination: Folder) -> str:
    """Write the piece of the store at `destination`; a function of its arguments alone, so any process can do it.

    Returns:
        The piece's name.

    Raises:
        ValueError: if a raster cannot be read, or holds what does not fit.
    """
    writer.fill(destination, job.piece, _chips(job), job.starts)
    return job.piece


def warn_of_clearing(jobs: Sequence[SceneJob]) -> None:
    """Warn of chips that are later than the clearing of their region, and keep its label and degree."""
    late = [visit.region.id for job in jobs for visit in job.visits if visit.is_late]
    if late:
        log.warning(
            "%d scenes of %d regions (%s) are later than their clearing, and keep label and degree of before: "
            "data.chips.cleared=drop leaves them out, zero counts them as clear",
            *(len(late), len(set(late)), ", ".join(sorted(set(late))[:5])),
        )


def _chips(job: SceneJob) -> Iterator[Cut | Dropped]:
    rules = job.rules
    reasons = [_reason(visit, rules) for visit in job.visits]
    for visit, reason in zip(job.visits, reasons, strict=True):
        if reason is not None:
            yield _left_out(visit, reason)
    remaining = [visit for visit, reason in zip(job.visits, reasons, strict=True) if reason is None]
    if not remaining:
        return
    with OverpassReader(remaining, rules.resampling, rules.cloud_margin) as overpass:
        for visit in remaining:
            for cut in _windows(overpass, visit, _label(visit, rules)):
                fault = _fault(cut, rules)
                shares = {"nodata": cut.nodata, "cloud": cut.cloud}
                yield _left_out(visit, fault, **shares) if fault else cut


def _label(visit: Visit, rules: Rules) -> dict[str, Any]:
    """Label of the chips of a visit, whether their degree is 0, and its strength where it has one."""
    label, dated = visit.region.label, visit.dated
    if dated is not None:
        return {"label": dated.label, "zeroed": dated.label == roles.CLEAR, "strength": dated.strength}
    zeroed = rules.cleared == "zero" and visit.is_late
    return {"label": roles.CLEAR if zeroed and label == roles.NEED else label, "zeroed": zeroed}


def _windows(overpass: OverpassReader, visit: Visit, label: Mapping[str, Any]) -> Iterator[Cut]:
    region, scene = visit.region, visit.scenes[0]
    arrays, units = overpass.read(visit)
    facts: dict[str, Any] = {**label, **units}
    if region.outline is not None:
        arrays["outline"] = region.outline
    years = float("nan")
    if region.harvested is not None:
        arrays[harvest_years.ARRAY] = region.harvested.before(scene.date)
        years = region.harvested.years(scene.date)
    for box in region.windows:
        rows, cols = (slice(span.start, span.stop + 2 * region.margin) for span in box)
        yield Cut(
            region=region.id,
            role=region.role,
            datetime=scene.datetime,
            relative_orbit=scene.relative_orbit,
            crs=str(region.grid.crs),
            transform=tuple(region.chip_grid[rows, cols].affine)[:6],
            arrays={kind: array[..., rows, cols] for kind, array in arrays.items()},
            row=rows.start,
            col=cols.start,
            window=len(region.windows) > 1,
            box=_box(region, *box) if region.margin else None,
            years=years,
            **facts,
        )


def _box(region: Region, rows: slice, cols: slice) -> tuple[int, int, int, int]:
    """Row, column, height and width, in the pixels of the chip, of a part of the region's own grid."""
    return region.margin, region.margin, rows.stop - rows.start, cols.stop - cols.start


def _reason(visit: Visit, rules: Rules) -> str | None:
    """Why a visit gives no chip, whatever its pixels are; None if it may give some."""
    region, day, dated = visit.region, visit.scenes[0].date, visit.dated
    if rules.cleared == "drop" and visit.is_late:
        return f"taken after the clearing of {region.cleared}"
    if dated is not None and dated.label is None:
        return f"no label: {dated.reason}"
    if region.harvested is None:
        return None
    return harvest_years.left_aside(region.harvested.years(day), rules.youngest, rules.oldest)


def _fault(cut: Cut, rules: Rules) -> str | None:
    """Why a chip is left out; None if it stays."""
    if cut.nodata == 1:
        return "no data at all"
    if cut.nodata > rules.max_nodata:
        return f"more than {rules.max_nodata:.0%} without data"
    if cut.cloud > rules.max_cloud:
        return f"more than {rules.max_cloud:.0%} under cloud"
    return None


def _left_out(visit: Visit, reason: str, **shares: float) -> Dropped:
    region, scene = visit.region, visit.scenes[0]
    return Dropped(region.id, region.role, reason, scene.date, scene.relative_orbit, **shares)
