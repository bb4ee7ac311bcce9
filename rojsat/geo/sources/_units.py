"""How reflectance is stored in a raster: its own tags win, and an option that contradicts them is an error."""

from dataclasses import dataclass
from fractions import Fraction
from math import isnan
from typing import Any

import numpy as np

from rojsat.geo.scenes import catalog
from rojsat.geo.sources._rasters import Raster

SCALE, OFFSET, NODATA = 1e-4, 0.0, 0.0
"""Of files that state none: those of ESA's products before baseline 04.00."""

PLAIN = {"", "1", "none", "dn", "unitless", "dimensionless", "reflectance", "boa reflectance", "toa reflectance"}
"""Tags of a band's unit that say nothing against reflectance in [0, 1]."""

PERCENT = {"%", "percent"}


@dataclass(frozen=True)
class StatedUnits:
    """What options or tags say; None: nothing.

    Attributes:
        scale: reflectance = stored * scale + offset.
        offset: see `scale`, reflectance.
        nodata: stored number that means "no observation".
    """

    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None


def options(scale: Any, offset: Any, nodata: Any) -> StatedUnits:
    """Read the options of a source: numbers, or texts of such as `1/10000`.

    Raises:
        ValueError: if one is no number.
    """
    empty = _number("nodata", nodata)
    return StatedUnits(
        _number("scale", scale), _number("offset", offset), None if empty is None or isnan(empty) else empty
    )


def _number(name: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        return float(Fraction(value.strip())) if isinstance(value, str) and "/" in value else float(value)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise ValueError(f"{name} is {value!r}, which is no number; write it as 0.0001 or 1/10000") from error


def of_band(raster: Raster, number: int, chosen: StatedUnits) -> tuple[float, float]:
    """Scale and offset of the reflectance of a band, from 1.

    Raises:
        ValueError: if the options contradict the tags, or one of them is none of reflectance.
    """
    _check("data.options", chosen.scale, chosen.offset)
    stated = raster.scales[number - 1], raster.offsets[number - 1]
    has_tags = stated != (1.0, 0.0)  # what GDAL gives where there are none
    tagged = StatedUnits(*(stated if has_tags else (None, None)))
    where = f"{raster.href}, band {number}"
    _check(where, tagged.scale, tagged.offset)
    part = _part(where, raster.units[number - 1])
    if part != 1 and tagged.scale is not None and tagged.offset is not None:
        tagged = StatedUnits(tagged.scale * part, tagged.offset * part)
    return (
        _agreed(where, "scale", chosen.scale, tagged.scale, SCALE),
        _agreed(where, "offset", chosen.offset, tagged.offset, OFFSET),
    )


def nodata(raster: Raster, number: int, chosen: StatedUnits) -> float:
    """Stored number of a band, from 1, that means "no observation".

    A tag that the band's type cannot hold, as NaN among integers, states nothing.

    Raises:
        ValueError: if the options contradict the tag.
    """
    tag = raster.nodatas[number - 1]
    limits = np.iinfo(raster.dtypes[number - 1])
    possible = tag if tag is not None and limits.min <= tag <= limits.max else None  # NaN compares as false
    return _agreed(f"{raster.href}, band {number}", "nodata", chosen.nodata, possible, NODATA)


def check_name(raster: Raster, number: int, name: str) -> None:
    """Check that a band is described as what it is named in the options, where it is described as a band at all.

    Raises:
        ValueError: if the file says that it is another.
    """
    described = _band(raster.descriptions[number - 1])
    if described is not None and described.removeprefix("TOA-") != name.removeprefix("TOA-"):
        raise ValueError(
            f"{raster.href}: band {number} is described as {raster.descriptions[number - 1]}, not {name} as "
            "data.options.files says; name the bands in the sequence of the file"
        )


def _band(description: str | None) -> str | None:
    """A description as the name of a band, `b2` as `B02`; None: it is none."""
    text = (description or "").strip().upper()
    names = {text, f"{text[:1]}0{text[1:]}"}
    return next((name for name in sorted(names) if name in catalog.NAMES), None)


def _part(where: str, unit: str | None) -> float:
    """What values of a unit are multiplied by to be reflectance in [0, 1]."""
    text = (unit or "").strip().lower()
    if text in PLAIN:
        return 1.0
    if text in PERCENT:
        return 0.01
    raise ValueError(f"{where} is in {unit!r} by its own tag, not reflectance; convert it, or correct the tag")


def _check(where: str, scale: float | None, offset: float | None) -> None:
    """Refuse what is no scale or offset of reflectance, but ESA's own numbers, 10000 and -1000."""
    if scale is not None and not 0 < scale < 1:
        raise ValueError(
            f"{where}: scale {scale:g}; reflectance = stored * scale + offset, so it is 1/10000 or the like"
        )
    if offset is not None and not abs(offset) < 1:
        raise ValueError(
            f"{where}: offset {offset:g}; it is added to reflectance: {offset:g} stored numbers at a scale of 1/10000 "
            f"are {offset / 10000:g}"
        )


def _agreed(where: str, name: str, option: float | None, tag: float | None, default: float) -> float:
    """What a file's tags state, else what the experiment does, else the default."""
    if option is not None and tag is not None and not np.isclose(option, tag, rtol=1e-6, atol=0, equal_nan=True):
        raise ValueError(
            f"{where}: its tags state {name} {tag:g}, the options {option:g}; leave the key out to take the file's, or "
            "correct the file (gdal_edit.py)"
        )
    return next(value for value in (tag, option, default) if value is not None)
