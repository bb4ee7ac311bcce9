"""A file on a server, read by byte ranges that are checked, as GDAL sees it.

GDAL's own reader of URLs takes a range for what the server sent: it does not look at Content-Range, notices no file
that is replaced meanwhile, and remembers failures. Here every answer must be exactly the bytes asked for.
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import rasterio
import requests
from rasterio._err import CPLE_BaseError
from rasterio.abc import FileContainer
from rasterio.errors import RasterioError

from rojsat.geo.sources.stac.retries import PASSING, PassingFault, Patience, persist, retry_after

PAGE = 16384
"""Bytes: requests begin and end on such borders, so that GDAL's many small reads of a header are few requests."""

HEAD = 4 * PAGE
"""Bytes of the first request; a cloud-optimised GeoTIFF has its directory there."""

KEPT = 512
"""Pages kept in memory a file (8 MiB)."""

_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no search for files beside it
    "GDAL_NUM_THREADS": "1",  # in threads of GDAL's own rasterio finds no opener, and a JPEG 2000 becomes noise, unsaid
}

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class RangeFile:
    """The bytes of one file on a server.

    Attributes:
        href: its URL, unsigned.
        fault: the first error in reading it; GDAL may have turned it into something else, or into zeros.
    """

    def __init__(self, href: str, *, sign: Callable[[str], str], session: requests.Session, patience: Patience) -> None:
        """Prepare to read; nothing is asked of the server yet.

        Args:
            href: the URL, unsigned.
            sign: turns it into one that may be read now.
            session: connections to reuse.
            patience: with the server.
        """
        self.href = href
        self.fault: Exception | None = None
        self._sign, self._session, self._patience = sign, session, patience
        self._size: int | None = None
        self._version: str | None = None
        self._pages: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        """Bytes of the file, as the server says with each range."""
        if self._size is None:
            self._load(0, HEAD)
        assert self._size is not None
        return self._size

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from `start`; fewer only at the end of the file.

        Raises:
            GaveUpError: if the server did not deliver them.
            ValueError: if it never will: no such file, no access, no ranges, or another file by now.
        """
        stop = min(start + count, self.size)
        if stop <= start:
            return b""
        pages = range(start // PAGE, (stop - 1) // PAGE + 1)
        missing = [page for page in pages if page not in self._pages]
        if missing:
            self._load(missing[0] * PAGE, (missing[-1] + 1) * PAGE)
        content = b"".join(self._pages[page] for page in pages)[start - pages[0] * PAGE :][: stop - start]
        for page in list(self._pages)[:-KEPT]:
            del self._pages[page]
        return content

    def _load(self, start: int, stop: int) -> None:
        body = persist(lambda: self._request(start, stop), f"{self.href} (bytes {start} to {stop})", self._patience)
        for offset in range(0, len(body), PAGE):
            page = (start + offset) // PAGE
            self._pages.pop(page, None)  # the newest last
            self._pages[page] = body[offset : offset + PAGE]

    def _request(self, start: int, stop: int) -> bytes:
        """Request a range once; an answer that is not exactly these bytes of this file is an error."""
        stop = stop if self._size is None else min(stop, self._size)
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        try:
            answer = self._session.get(self._sign(self.href), headers=headers, timeout=self._patience.timeout)
        except requests.RequestException as error:
            raise PassingFault(f"{type(error).__name__}: {error}") from error
        if answer.status_code in PASSING:
            raise PassingFault(f"status {answer.status_code}", retry_after(answer.headers.get("Retry-After")))
        if answer.status_code != 206:
            raise ValueError(f"{self.href} cannot be read: {_reason(answer.status_code)}")
        return self._checked(answer, start, stop)

    def _checked(self, answer: requests.Response, start: int, stop: int) -> bytes:
        header, body = answer.headers.get("Content-Range", ""), answer.content
        match = _CONTENT_RANGE.fullmatch(header.strip())
        if match is None:
            raise PassingFault(f"asked for bytes {start}-{stop - 1}, got Content-Range {header!r}")
        begin, end, size = (int(part) for part in match.groups())
        if (begin, end) != (start, min(stop, size) - 1):
            raise PassingFault(f"asked for bytes {start}-{stop - 1}, got Content-Range {header!r}")
        if len(body) != end - begin + 1:
            raise PassingFault(f"the body has {len(body)} of {end - begin + 1} bytes")
        version = f"{size} bytes, {answer.headers.get('ETag') or answer.headers.get('Last-Modified')}"
        if self._version not in (None, version):
            raise ValueError(
                f"{self.href} was replaced while it was read ({self._version}; now {version}); "
                "run the same command: it reads the file again from the start"
            )
        self._version, self._size = version, size
        return body


def _reason(status: int) -> str:
    if status == 200:
        return "its server sends complete files only; it must answer range requests (status 206)"
    if status in (401, 403):
        return f"access was refused (status {status}); check the credentials and the option `signing`"
    return f"status {status}"


@contextmanager
def opened(file: RangeFile) -> Iterator[rasterio.DatasetReader]:
    """Open it as a raster; an error that GDAL met in reading it comes out as it was.

    Raises:
        PassingFault: if all its bytes came, but GDAL cannot make a raster of them.
    """
    file.fault = None
    _ = file.size  # what keeps the file from being read at all comes out here
    name = "remote" + re.sub(r"[?#].*", "", file.href)[-4:].lower()  # the ending helps GDAL to the format
    try:
        with (
            rasterio.Env(**_OPTIONS),
            rasterio.open(name, opener=_Folder(name, file)) as raster,
        ):
            yield raster
    except (RasterioError, CPLE_BaseError) as error:
        raise file.fault or PassingFault(f"{file.href} is incomplete or no raster: {error}") from error
    if file.fault is not None:
        raise file.fault


class _Folder(FileContainer):
    """A folder with this one file; the signatures are rasterio's."""

    def __init__(self, name: str, file: RangeFile) -> None:
        self._name, self._file = name, file

    def open(self, path: str, mode: str = "rb", **_: Any) -> "_Handle":  # noqa: ARG002
        if path != self._name:
            raise FileNotFoundError(path)
        return _Handle(self._file)

    def isfile(self, path: str) -> bool:
        return path == self._name

    def isdir(self, path: str) -> bool:  # noqa: ARG002
        return False

    def ls(self, path: str) -> list[str]:  # noqa: ARG002
        return [self._name]

    def mtime(self, path: str) -> int:  # noqa: ARG002
        return 0

    def rm(self, path: str) -> None:
        raise PermissionError(path)

    def size(self, path: str) -> int:  # noqa: ARG002
        return self._file.size


class _Handle(io.RawIOBase):
    """A position in the file, as `open` returns it."""

    def __init__(self, file: RangeFile) -> None:
        self._file, self._position = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        self._position = (self._file.size if start is None else start) + offset
        return self._position

    def read(self, count: int = -1) -> bytes:
        if self._file.fault is not None:  # GDAL would ask again and again
            raise self._file.fault
        try:
            content = self._file.read(self._position, self._file.size - self._position if count < 0 else count)
        except Exception as error:
            self._file.fault = error
            raise
        self._position += len(content)
        return content
