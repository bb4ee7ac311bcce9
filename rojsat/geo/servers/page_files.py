"""Files of a download that goes on after it was killed: each is written beside and renamed, complete or absent."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rojsat.geo.servers import wfs_answers
from rojsat.geo.servers.retries import PassingFault
from rojsat.geo.servers.wfs_answers import WfsPage

_log = logging.getLogger(__name__)

_STATE = "state.json"


@dataclass(frozen=True)
class DownloadState:
    """What a download began with.

    Attributes:
        request: server, layer and query.
        matched: features that the server counted; None where it does not count.
        size: features a page.
        begun: when, in UTC.
    """

    request: dict[str, Any]
    matched: int | None
    size: int
    begun: str


def path(folder: Path, number: int) -> Path:
    """File of a page, counted from 0."""
    return folder / f"{number:06d}.page"


def count(folder: Path) -> int:
    """Pages of a folder."""
    return len(list(folder.glob("*.page")))


def state(folder: Path) -> DownloadState | None:
    """What the download in a folder began with; None if there is none."""
    file = folder / _STATE
    return DownloadState(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def keep(folder: Path, state: DownloadState) -> None:
    """Write what a download began with."""
    write(folder / _STATE, json.dumps(asdict(state), sort_keys=True).encode())


def drop(folder: Path) -> None:
    """Forget a download: its state first, so that no state is left without its pages."""
    (folder / _STATE).unlink(missing_ok=True)
    for page in folder.glob("*.page"):
        page.unlink()


def kept(file: Path, crs: str) -> WfsPage | None:
    """A page that an earlier call fetched."""
    if not file.exists():
        return None
    try:
        return read(file, crs)
    except (PassingFault, ValueError) as error:
        _log.warning("%s is corrupt (%s): it is fetched again", file, error)
        file.unlink()
        return None


def read(file: Path, crs: str) -> WfsPage:
    """A page of a file.

    Raises:
        PassingFault: if it is no complete page.
        ValueError: if it is in another coordinate system.
    """
    return wfs_answers.page(file.read_bytes(), crs)


def write(file: Path, content: bytes) -> None:
    """Write a file, complete or not at all."""
    beside = file.with_name(f".{file.name}.partial")
    beside.write_bytes(content)
    beside.replace(file)
