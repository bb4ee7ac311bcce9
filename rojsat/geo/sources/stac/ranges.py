"""A file on a server, read by byte ranges that are checked.

GDAL's own reader of URLs takes a range for what the server sent: it does not look at Content-Range, notices no file
that is replaced meanwhile, and remembers failures. Here every answer must be exactly the bytes asked for.
"""

import re
from collections.abc import Callable

import requests

from rojsat.geo.servers import guarded_session
from rojsat.geo.servers.retries import PASSING, PassingFault, Patience, persist, retry_after
from rojsat.geo.sources.stac import asset_links
from rojsat.geo.sources.stac.unusable_items import UnusableItemError

PAGE = 16384
"""Bytes: requests begin and end on such borders, so that GDAL's many small reads of a header are few requests."""

HEAD = 4 * PAGE
"""Bytes of the first request; a cloud-optimised GeoTIFF has its directory there."""

KEPT = 512
"""Pages kept in memory a file (8 MiB)."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class RangeFile:
    """The bytes of one file on a server.

    Attributes:
        href: its URL, unsigned.
        fault: the first error in reading it; GDAL may have turned it into something else, or into zeros.
    """

    def __init__(
        self,
        href: str,
        *,
        sign: Callable[[str], str],
        session: requests.Session,
        patience: Patience,
        renew: Callable[[str], str] | None = None,
    ) -> None:
        """Prepare to read; nothing is asked of the server yet.

        Args:
            href: the URL, unsigned.
            sign: turns it into one that may be read now.
            session: connections to reuse.
            patience: with the server.
            renew: called when the server refuses access: forgets what is kept of signatures, and gives the unsigned
                URL to go on with. None where there is nothing to renew.
        """
        self.href = href
        self.fault: Exception | None = None
        self._sign, self._session, self._patience, self._renew = sign, session, patience, renew
        self._link, self._refusals, self._name = href, 0, asset_links.unsigned(href)
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
            UnusableItemError: if it never will: no such file, or no access.
            ValueError: if it answers no ranges, or has another file by now.
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
        body = persist(lambda: self._request(start, stop), f"{self._name} (bytes {start} to {stop})", self._patience)
        for offset in range(0, len(body), PAGE):
            page = (start + offset) // PAGE
            self._pages.pop(page, None)  # the newest last
            self._pages[page] = body[offset : offset + PAGE]

    def _request(self, start: int, stop: int) -> bytes:
        """Request a range once; an answer that is not exactly these bytes of this file is an error."""
        stop = stop if self._size is None else min(stop, self._size)
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        timeout = self._patience.timeout
        try:
            with self._session.get(self._sign(self._link), headers=headers, timeout=timeout, stream=True) as answer:
                return self._taken(answer, start, stop)
        except guarded_session.EndlessAnswerError as error:
            raise PassingFault(str(error)) from error
        except guarded_session.NEVER as error:
            raise UnusableItemError(f"{self._name} cannot be read: {error}") from error
        except requests.RequestException as error:
            raise PassingFault(f"{type(error).__name__}: {error}") from error

    def _taken(self, answer: requests.Response, start: int, stop: int) -> bytes:
        """The body of an answer, if it is a range of this file."""
        if answer.status_code in PASSING:
            raise PassingFault(f"status {answer.status_code}", retry_after(answer.headers.get("Retry-After")))
        if answer.status_code in (401, 403):
            raise self._refused(answer.status_code)
        if answer.status_code == 200:
            raise ValueError(
                f"{self._name} cannot be read: its server sends complete files only; it must answer range requests "
                "(status 206)"
            )
        if answer.status_code != 206:
            raise UnusableItemError(f"{self._name} cannot be read: status {answer.status_code}")
        self._refusals = 0
        return self._checked(answer, start, stop)

    def _refused(self, status: int) -> Exception:
        """What to raise where access is refused: what was readable before is signed again, and the rest once."""
        self._refusals += 1
        readable_before = self._version is not None
        if self._renew is not None and (readable_before or self._refusals == 1):
            self._link = self._renew(self._link)
            return PassingFault(f"access was refused (status {status}), though the URL was signed again")
        if readable_before:
            return PassingFault(f"access was refused (status {status}) in the middle of the file")
        return UnusableItemError(
            f"{self._name} cannot be read: access was refused (status {status}); check the credentials and the option "
            "`signing`"
        )

    def _checked(self, answer: requests.Response, start: int, stop: int) -> bytes:
        header = answer.headers.get("Content-Range", "")
        match = _CONTENT_RANGE.fullmatch(header.strip())
        if match is None:
            raise PassingFault(f"asked for bytes {start}-{stop - 1}, got Content-Range {header!r}")
        begin, end, size = (int(part) for part in match.groups())
        if (begin, end) != (start, min(stop, size) - 1):
            raise PassingFault(f"asked for bytes {start}-{stop - 1}, got Content-Range {header!r}")
        body = guarded_session.body(answer, most=end - begin + 1)
        if len(body) != end - begin + 1:
            raise PassingFault(f"the body has {len(body)} of {end - begin + 1} bytes")
        version = f"{size} bytes, {answer.headers.get('ETag') or answer.headers.get('Last-Modified')}"
        if self._version not in (None, version):
            raise ValueError(
                f"{self._name} was replaced while it was read ({self._version}; now {version}); "
                "run the same command: it reads the file again from the start"
            )
        self._version, self._size = version, size
        return body
