"""Looks into the text of a GPX file for what GDAL reads without a word: decimal commas, and times that are none."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from rojsat.geo.gps import times, xml_events

log = logging.getLogger(__name__)

_COMMA = re.compile(rb"""\b(?:lat|lon)\s*=\s*["']\s*-?\d+,\d""")

_BEGIN = 1 << 16
"""Bytes in which a decimal comma is looked for: a program writes all numbers alike."""


def check_decimals(path: Path) -> None:
    """Refuse decimal commas, of which GDAL reads what stands before them.

    Raises:
        ValueError: if there are any.
    """
    with path.open("rb") as file:
        if _COMMA.search(file.read(_BEGIN).replace(b"\0", b"")):
            raise ValueError("its coordinates have decimal commas, which are no GPX: export it again, or as CSV")


def check_times(path: Path, source: Path, timed: int) -> None:
    """Report times of track points that cannot be read.

    Args:
        path: the file, for messages.
        source: its text as GDAL reads it.
        timed: number of points of which GDAL has read the time.

    Raises:
        ValueError: if none of several can be read.
    """
    stated: list[str] = []
    open_elements: list[str] = []

    def start(name: str, _: Mapping[str, str]) -> None:
        open_elements.append(xml_events.local(name))

    def end(_: str, text: str) -> None:
        if open_elements.pop() == "time" and open_elements[-1:] == ["trkpt"] and text:
            stated.append(text)

    with source.open("rb") as file:
        xml_events.read(file, start, end)
    _, failed = times.read(pa.array(stated, pa.string()), "UTC")
    lost = len(stated) - timed
    if lost <= 0:
        return
    example = stated[int(failed.argmax())]
    if timed == 0:
        raise ValueError(f"none of its {len(stated)} times can be read, as {example!r}; {times.advice(example)}")
    log.warning(
        "%s: %d of %d times cannot be read, as %r; such points have none; %s",
        *(path, lost, len(stated), example, times.advice(example)),
    )
