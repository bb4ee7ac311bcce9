"""One large file from a server: a download that broke off or was killed goes on at the byte where it ended.

What came lies beside the file, with the server's version of it: bytes of two versions are never put together.
"""

import json
import logging
from pathlib import Path

import requests

from rojsat.geo.servers import guarded_session, page_files
from rojsat.geo.servers.retries import PASSING, PassingFault, Patience, persist, retry_after

_log = logging.getLogger(__name__)

_PIECE = 1 << 16  # bytes that are written at a time, and lost at most where a connection breaks off


def size(url: str, patience: Patience) -> int | None:
    """Bytes of a file; None if the server does not say.

    Raises:
        GaveUpError: if the server does not answer.
        ValueError: if it has no such file.
    """
    session = guarded_session.session(url)

    def once() -> int | None:
        with guarded_session.errors(url):
            answer = session.head(url, timeout=patience.timeout, allow_redirects=True, headers=_PLAIN)
        check_status(answer, url)
        length = answer.headers.get("Content-Length", "")
        return int(length) if length.isdecimal() else None

    return persist(once, f"size of {url}", patience)


_PLAIN = {"Accept-Encoding": "identity"}


def fetch(url: str, path: Path, patience: Patience) -> None:
    """Download a file, or the rest that an interrupted call left; nothing is asked if it is there.

    Args:
        url: of the file.
        path: where it goes; it is complete or absent.
        patience: with the server; a try that fetches new bytes does not count.

    Raises:
        GaveUpError: if the server does not deliver; what came stays, and the same call goes on.
        ValueError: if it has no such file.
    """
    if path.exists():
        return
    session, partial = guarded_session.session(url), path.with_name(f".{path.name}.partial")
    while True:
        try:
            persist(lambda: _request(url, partial, session, patience), url, patience)
            break
        except _ProgressError:
            continue
    partial.replace(path)
    _version_file(partial).unlink(missing_ok=True)


class _ProgressError(Exception):
    """A request broke off after new bytes had come."""


def _version_file(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json")


def _request(url: str, partial: Path, session: requests.Session, patience: Patience) -> None:
    """Request what is missing once."""
    start, version = _known(partial)
    headers = _PLAIN | ({"Range": f"bytes={start}-", "If-Range": version} if start else {})
    try:
        with (
            guarded_session.errors(url),
            session.get(url, headers=headers, timeout=patience.timeout, stream=True) as answer,
        ):
            if answer.status_code == 416 and _total(answer) == start:
                return  # killed before it was renamed
            if answer.status_code == 416:
                partial.unlink()
                raise PassingFault("the file has become shorter on the server; it is read from its start")
            check_status(answer, url)
            _write(answer, partial, start, version)
    except PassingFault as fault:
        if start < _known(partial)[0]:
            _log.info("%s broke off (%s); going on", url, fault)
            raise _ProgressError from fault
        raise


def _known(partial: Path) -> tuple[int, str]:
    """Bytes that came, and the version that they are of; none without a version."""
    file = _version_file(partial)
    version = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    if not version or not partial.exists():
        return 0, ""
    return partial.stat().st_size, str(version)


def check_status(answer: requests.Response, url: str) -> None:
    """Look at the status of an answer.

    Raises:
        PassingFault: if the server failed.
        ValueError: if it has no such file.
    """
    if answer.status_code in PASSING:
        raise PassingFault(f"status {answer.status_code}", retry_after(answer.headers.get("Retry-After")))
    if answer.status_code not in (200, 206):
        raise ValueError(f"{url} cannot be read: status {answer.status_code}; check the address")


def _total(answer: requests.Response) -> int | None:
    """Bytes of the complete file; None if the server does not say."""
    total = answer.headers.get("Content-Range", "").rpartition("/")[2]
    if answer.status_code == 200:
        total = answer.headers.get("Content-Length", "")
    return int(total) if total.isdecimal() else None


def _version(answer: requests.Response) -> str:
    """What tells a version of the bytes from another; a weak ETag does not (RFC 9110, 13.1.5)."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _write(answer: requests.Response, partial: Path, start: int, version: str) -> None:
    """Write the bytes of an answer: behind those that came, or from the start if the server sends the complete file."""
    if answer.status_code == 206:
        span = answer.headers.get("Content-Range", "").removeprefix("bytes ")
        if span.partition("-")[0] != str(start) or _version(answer) not in ("", version):
            partial.unlink(missing_ok=True)
            raise PassingFault(f"asked for bytes from {start} on of version {version}, got {span}; it is read again")
    else:
        start = 0
        _version_file(partial).unlink(missing_ok=True)
        partial.write_bytes(b"")
        page_files.write(_version_file(partial), json.dumps(_version(answer)).encode())
    with partial.open("r+b") as file:
        file.seek(start)
        for piece in answer.iter_content(_PIECE):
            file.write(piece)
    total = _total(answer)
    if total is not None and partial.stat().st_size != total:
        raise PassingFault(f"{partial.stat().st_size} of {total} bytes came")
