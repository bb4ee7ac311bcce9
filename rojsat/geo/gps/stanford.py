"""Positions of forest machines: StanForD 2010, the XML that harvesters and forwarders write (Skogforsk, 2.0 to 4.0).

Used are the elements that the standard's schemas name: `Stem` with `StemCoordinates` of a receiver position, `Tracking`
with `TrackCoordinates`, `PartialLoad` with `LoadingCoordinates`, `IndividualMachineWorkTime`. Other makers put
`Coordinates` into `SingleTreeProcessedStem`; whatever holds a latitude and a longitude counts as a position.
"""

import logging
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from rojsat.geo.gps import xml_events
from rojsat.geo.gps.batch import WGS84, Batch
from rojsat.geo.vectors import text_encoding

log = logging.getLogger(__name__)

ENDINGS = (".hpr", ".mom", ".hqc", ".fpr")
"""Harvested production, operational monitoring, harvesting quality control, forwarded production."""

NAMESPACE = "urn:skogforsk:stanford2010"

STEMS, LOADS, WORK, TRACK = "stems", "loads", "work times", "points of the machine's track"
"""Kinds of positions that are read: of a file the first of these that it has, for they tell of the same work."""

_ASIDE = {
    "DownTime": "standstills (repair, waiting)",
    "ObjectDefinition": "objects",
    "LocationDefinition": "landings",
    "Unloading": "landings",
    "DeliveryDefinition": "deliveries",
    "DestinationDefinition": "destinations",
}
"""Part of an element's name, and the positions within it that say nothing of where somebody worked."""

_UNITS = {"Stem": STEMS, "PartialLoad": LOADS, "Load": LOADS, "IndividualMachineWorkTime": WORK}
"""Elements that are one piece of work, at one place."""

_DATES = ("HarvestDate", "ProcessingDate", "FellCutStartTime", "MonitoringStartTime", "LoadingTime")
"""When it was done, the best first. Machines may keep a position for long, so that its own `_FIX` is older."""

_FIX = "CoordinateDate"

_NUMBERS = ("Latitude", "Longitude")

CRANE, MACHINE = "crane tip", "base machine"
"""How the two values of `receiverPosition` begin; the crane reaches some 10 m."""


@dataclass
class _Position:
    lon: float
    lat: float
    date: str
    receiver: str


@dataclass
class _Element:
    """An open element.

    Attributes:
        name: without namespace.
        receiver: its receiver position.
        texts: of the child elements that are used.
    """

    name: str
    receiver: str
    texts: dict[str, str] = field(default_factory=dict)


@dataclass
class _Unit:
    """A piece of work that is open.

    Attributes:
        depth: of its element.
        kind: of work.
        positions: in it.
        dates: when it was done, by the name of the element that says so.
    """

    depth: int
    kind: str
    positions: list[_Position] = field(default_factory=list)
    dates: dict[str, str] = field(default_factory=dict)


class _Reader:
    """Collects the positions of each kind; numbers and times alone are kept."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[array[float], array[float], list[str | None]]] = {}
        self.receivers: Counter[str] = Counter()
        self.aside: Counter[str] = Counter()
        self.unplaced: Counter[str] = Counter()
        self._open: list[_Element] = []
        self._units: list[_Unit] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if not self._open and not space.startswith(NAMESPACE):
            raise ValueError(f"it is no StanForD 2010 file: it begins with <{local}>, which is not of {NAMESPACE}")
        system = attributes.get("coordinateReferenceSystem", "WGS84")
        if system.replace(" ", "").upper() != "WGS84":
            raise ValueError(f"its coordinates are in {system!r}; StanForD 2010 knows WGS84 only")
        category = attributes.get("latitudeCategory", attributes.get("longitudeCategory", ""))
        self._open.append(_Element(local, attributes.get("receiverPosition", category)))
        if local in _UNITS:
            self._units.append(_Unit(len(self._open), _UNITS[local]))

    def end(self, _: str, text: str) -> None:
        element = self._open.pop()
        if element.name in _NUMBERS and self._open:
            self._open[-1].texts[element.name] = f"{text} {element.receiver}"
        elif element.name == _FIX and self._open:
            self._open[-1].texts[_FIX] = text
        elif element.name in _DATES and self._units and text:
            self._units[-1].dates.setdefault(element.name, text)
        if all(number in element.texts for number in _NUMBERS):
            self._position(element)
        if self._units and self._units[-1].depth == len(self._open) + 1:
            self._unit(self._units.pop())

    def _position(self, element: _Element) -> None:
        lat, lon = (_degrees(element.texts[number]) for number in _NUMBERS)
        if lat == lon == 0:  # what a machine without a fix writes
            lat = lon = float("nan")
        around = [opened.name for opened in (*self._open, element)]
        aside = next((words for part, words in _ASIDE.items() if any(part in name for name in around)), None)
        if aside is not None:
            self.aside[aside] += 1
            return
        receiver = element.receiver.strip().lower()
        position = _Position(lon, lat, element.texts.get(_FIX, ""), receiver)
        if self._units:
            self._units[-1].positions.append(position)
        else:
            self._keep(TRACK, position, position.date)

    def _unit(self, unit: _Unit) -> None:
        if not unit.positions:
            if unit.kind == STEMS:
                self.unplaced[unit.kind] += 1
            return
        nearest = min(unit.positions, key=_nearness)
        self.receivers[nearest.receiver] += unit.kind == STEMS
        around = {name: date for outer in (*self._units, unit) for name, date in outer.dates.items()}
        stated = [around[name] for name in _DATES if name in around] + [nearest.date] * bool(nearest.date)
        self._keep(unit.kind, nearest, next((date for date in stated if date[0].isdigit()), (stated or [""])[0]))

    def _keep(self, kind: str, position: _Position, date: str) -> None:
        x, y, dates = self.places.setdefault(kind, (array("d"), array("d"), []))
        x.append(position.lon)
        y.append(position.lat)
        dates.append(date or None)


def read(path: Path) -> Iterator[Batch]:
    """Positions of a machine's work: stems, else loads, else work times, else its track.

    Args:
        path: an XML file of StanForD 2010, of any size.

    Raises:
        ValueError: if it is none, is cut off, declares entities, or its coordinates are not in WGS 84.
    """
    reader = _Reader()
    encoding = text_encoding.override(path)
    with path.open("rb") as file:
        xml_events.read(file, reader.start, reader.end, encoding=encoding)
    kind = next((kind for kind in (STEMS, LOADS, WORK, TRACK) if kind in reader.places), None)
    _say(path, reader, kind)
    if kind is not None:
        x, y, dates = reader.places[kind]
        yield Batch(WGS84, np.array(x), np.array(y), pa.array(dates, pa.string()), None)


def is_stanford(path: Path) -> bool:
    """Whether an XML file begins as one of StanForD 2010 does."""
    with path.open("rb") as file:
        return NAMESPACE.encode() in file.read(4096).replace(b"\0", b"")


def _say(path: Path, reader: _Reader, kind: str | None) -> None:
    """Say what was read and what was left aside."""
    aside = {other: len(places[2]) for other, places in reader.places.items() if other != kind}
    aside |= reader.aside
    listed = " and ".join(f"{count} {words}" for words, count in aside.items())
    if kind is None:
        log.warning("%s has 0 positions of work%s", path, f", only of {listed}" if listed else "")
    elif listed:
        log.warning("%s: its %s are read; positions of %s are left aside", path, kind, listed)
    if reader.unplaced[STEMS]:
        log.warning("%s: %d stems have no position: the machine wrote none", path, reader.unplaced[STEMS])
    if kind == STEMS:
        tips = sum(count for receiver, count in reader.receivers.items() if receiver.startswith(CRANE))
        rest = reader.receivers.total() - tips
        log.info("%s: %d stems lie at the tip of the crane, %d at the machine (some 10 m away)", path, tips, rest)


def _nearness(position: _Position) -> tuple[bool, int]:
    """How near a position is to the tree: a usable one first, the tip of the crane before all, the machine last."""
    receiver, unusable = position.receiver, bool(np.isnan(position.lon) or np.isnan(position.lat))
    return unusable, 0 if receiver.startswith(CRANE) else 2 if receiver.startswith(MACHINE) or not receiver else 1


def _degrees(text: str) -> float:
    """Degrees of `58.62 North`; South and West are negative, whatever the sign; NaN where there is no number."""
    number, _, category = text.partition(" ")
    try:
        degrees = float(number.replace(",", "."))
    except ValueError:
        return float("nan")
    if category.strip().lower() in ("south", "west"):
        return -abs(degrees)
    return degrees
