"""Reads KML and KMZ: tracks with times (`gx:Track`, `Track` of KML 2.3), which GDAL reads without; else as GDAL."""

import io
import logging
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from rojsat.geo.gps import vector_points, xml_events
from rojsat.geo.gps.batch import WGS84, Batch
from rojsat.geo.vectors import text_encoding

log = logging.getLogger(__name__)

ENDINGS = (".kml", ".kmz")

LARGEST = 1 << 28
"""Bytes of the KML in a KMZ file, unpacked: a million points have some 100 MB."""

_SHAPES = ("Point", "LineString", "Polygon")


class _Tracks:
    """Positions and times of all tracks, and how many other shapes there are."""

    def __init__(self) -> None:
        self.x, self.y = array("d"), array("d")
        self.times: list[str | None] = []
        self.tracks: list[str] = []
        self.others: Counter[str] = Counter()
        self._number = 0
        self._whens: list[str] = []
        self._places: list[str] = []
        self._in_track = False

    def start(self, name: str, _: Mapping[str, str]) -> None:
        local = xml_events.local(name)
        if local == "Track":
            self._in_track, self._whens, self._places = True, [], []
        self.others[local] += local in _SHAPES

    def end(self, name: str, text: str) -> None:
        local = xml_events.local(name)
        if not self._in_track:
            return
        if local == "when":
            self._whens.append(text)
        elif local == "coord":
            self._places.append(text)
        elif local == "Track":
            self._in_track = False
            self._close()

    def _close(self) -> None:
        """Take the track that ends."""
        self._number += 1
        times, places = len(self._whens), len(self._places)
        if times not in (0, places):
            raise ValueError(f"a gx:Track has {times} times and {places} positions: export it again")
        for place, when in zip(self._places, self._whens or [""] * places, strict=True):
            lon, lat = _degrees(place)
            self.x.append(lon)
            self.y.append(lat)
            self.times.append(when or None)
            self.tracks.append(str(self._number))


def read(path: Path) -> Iterator[Batch]:
    """Points of the tracks of a KML or KMZ file; where it has none, its points and lines.

    Raises:
        ValueError: if it is none, is cut off, or a track has not as many times as positions.
    """
    for name, source in contents(path).items():
        tracks = _tracks(path, source)
        if not tracks.x:
            yield from vector_points.read(path, source)
            continue
        shapes = " and ".join(f"{tracks.others[shape]} {shape}" for shape in _SHAPES if tracks.others[shape])
        if shapes:
            log.warning("%s: %s are left aside; its gx:Track are read, which have times", name, shapes)
        names = pa.array(tracks.tracks, pa.string())
        yield Batch(WGS84, np.array(tracks.x), np.array(tracks.y), pa.array(tracks.times, pa.string()), names)


def has_tracks(path: Path) -> bool:
    """Whether a KML or KMZ file holds tracks with times.

    Raises:
        ValueError: if it is none, or is cut off.
    """
    return any(_tracks(path, source).x for source in contents(path).values())


def contents(path: Path) -> dict[str, bytes]:
    """Bytes of the KML of a file, by name; those of a KMZ file are unpacked in memory.

    Raises:
        ValueError: if it is no KMZ file, has no KML, or has too much.
    """
    if path.suffix.lower() != ".kmz":
        return {path.name: path.read_bytes()}
    try:
        with zipfile.ZipFile(path) as file:
            members = [member for member in file.infolist() if _is_kml(member.filename)]
            if sum(member.file_size for member in members) > LARGEST:
                raise ValueError(f"its KML is larger than {LARGEST >> 20} MiB; unpack it, and export it as GPX")
            unpacked = {f"{path.name}/{member.filename}": file.read(member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError(f"it is no complete KMZ file ({error}); copy or export it again") from error
    if not unpacked:
        raise ValueError("it is a KMZ file without KML in it")
    return unpacked


def _is_kml(name: str) -> bool:
    return name.lower().endswith(".kml") and not name.startswith("__MACOSX/") and "/._" not in f"/{name}"


def _tracks(path: Path, content: bytes) -> _Tracks:
    tracks = _Tracks()
    encoding = text_encoding.override(path, content)
    xml_events.read(io.BytesIO(content), tracks.start, tracks.end, encoding=encoding)
    return tracks


def _degrees(text: str) -> tuple[float, float]:
    """Longitude and latitude of `lon lat [height]`; NaN where they are none."""
    try:
        lon, lat = (float(number) for number in text.split()[:2])
    except ValueError:
        return float("nan"), float("nan")
    return lon, lat
