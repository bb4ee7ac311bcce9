"""Names of files that hold site, date and relative orbit, read by a pattern as `{site}_{date}.tif`."""

import functools
import re
from dataclasses import dataclass

import pandas as pd

from rojsat.config import lookup
from rojsat.geo.sources._choice import ORBITS, read_day
from rojsat.geo.sources._sites import NO_SITE

FIELDS = {
    "site": r"(?P<site>[^/]+?)",
    "date": r"(?P<date>[0-9]{4}-?[0-9]{2}-?[0-9]{2})",
    "year": r"(?P<year>[0-9]{4})",
    "month": r"(?P<month>[0-9]{2})",
    "day": r"(?P<day>[0-9]{2})",
    "orbit": r"(?P<orbit>[0-9]{1,3})",
    "any": r".*",
}
"""What a pattern may hold between braces."""

DAY = 15
"""Day of a composite whose name holds only year and month."""


@dataclass(frozen=True, order=True)
class SceneName:
    """What the name of a file holds.

    Attributes:
        site: its site, `all` if the pattern has none.
        day: its date.
        orbit: relative orbit, 0 if unknown.
    """

    site: str
    day: pd.Timestamp
    orbit: int


def parse(pattern: str, name: str, relative_orbit: int = 0) -> SceneName | None:
    """Read the name of a file.

    Args:
        pattern: what the names hold, see `rojsat.geo.sources.geotiff.Files`.
        name: under the root, with slashes.
        relative_orbit: orbit where the pattern has none.

    Returns:
        What it holds; None if it does not match.

    Raises:
        UnknownNameError: if the pattern has a field that does not exist.
        ValueError: if the pattern has no date, or the name an impossible date or orbit.
    """
    match = expression(pattern).fullmatch(name)
    if match is None:
        return None
    fields = match.groupdict()
    day = fields.get("date") or f"{fields['year']}-{fields['month']}-{fields.get('day', DAY)}"
    try:
        date = read_day(day.replace("-", ""))
    except ValueError as error:
        raise ValueError(f"{name} matches {pattern!r}, but {day} is no date of Sentinel-2: {error}") from error
    orbit = int(fields.get("orbit", relative_orbit))
    if orbit and orbit not in ORBITS:
        raise ValueError(f"{name}: relative orbit {orbit} does not exist; they go from {ORBITS[0]} to {ORBITS[-1]}")
    return SceneName(fields.get("site", NO_SITE), date, orbit)


@functools.cache
def expression(pattern: str) -> re.Pattern[str]:
    """What the names match that a pattern describes.

    Raises:
        UnknownNameError: if the pattern has a field that does not exist.
        ValueError: if it has no date, or a field twice.
    """
    parts = re.split(r"\{(\w*)\}", pattern)  # text, field, text, field, …, text
    for field in parts[1::2]:
        if field not in FIELDS:
            raise lookup.unknown(f"pattern {pattern!r}: field", field, FIELDS)
        if field != "any" and parts[1::2].count(field) > 1:
            raise ValueError(f"pattern {pattern!r} has the field {field!r} more than once")
    if "date" not in parts[1::2] and not {"year", "month"} <= set(parts[1::2]):
        raise ValueError(f"pattern {pattern!r} has no date; it needs {{date}}, or {{year}} and {{month}}")
    return re.compile("".join(FIELDS[p] if n % 2 else re.escape(p) for n, p in enumerate(parts)))


def fill(pattern: str, site: str) -> str:
    """Put a site into a pattern that has no other field.

    Raises:
        UnknownNameError: if it has.
    """
    for field in re.findall(r"\{(\w*)\}", pattern):
        if field != "site":
            raise lookup.unknown(f"pattern {pattern!r}: field", field, ["site"])
    return pattern.replace("{site}", site)
