"""Connections to the servers of an archive: none leads from a public server to a private one, none answers endlessly.

An item, a redirect or a next page may name any address. A server of the Internet has no reason to name one of the
user's network, of this machine, or of the machine's cloud (169.254.169.254); a server there may name its like.
"""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import Retry

from rojsat.geo.servers.retries import PassingFault

MOST_BYTES = 64 << 20
"""Bytes of an answer that is read completely: a page of 100 items has some five million."""


NEVER = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.TooManyRedirects,
)
"""Errors of `requests` that come again each time."""


@contextmanager
def errors(url: str) -> Iterator[None]:
    """Tell errors of a request that may pass from those that will not.

    Raises:
        PassingFault: for the former.
        ValueError: for the latter.
    """
    try:
        yield
    except NEVER as error:
        raise ValueError(f"{url} cannot be asked: {error}") from error
    except requests.RequestException as error:
        raise PassingFault(f"{type(error).__name__}: {error}") from error


class Reach(IntEnum):
    """From where an address can be reached: a request never leads to one of less reach than the archive's own."""

    MACHINE = 0
    NETWORK = 1
    INTERNET = 2


class RefusedAddressError(requests.exceptions.InvalidURL):
    """A URL that an archive must not lead to."""


class EndlessAnswerError(requests.exceptions.ContentDecodingError):
    """An answer that is larger than what was asked for can be."""


def reach(address: str) -> Reach:
    """Reach of an IP address."""
    known = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(known, "ipv4_mapped", None)
    known = mapped or known
    if known.is_loopback or known.is_link_local or known.is_unspecified:
        return Reach.MACHINE
    return Reach.INTERNET if known.is_global and not known.is_multicast else Reach.NETWORK


def host_reach(host: str) -> Reach | None:
    """The least reach of the addresses of a host; None if its name is not known here."""
    try:
        addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    return min(reach(str(entry[4][0])) for entry in addresses)


def body(answer: requests.Response, most: int = MOST_BYTES) -> bytes:
    """The body of an answer that was asked for as a stream.

    Raises:
        EndlessAnswerError: if it has more than `most` bytes; no more of them are read.
    """
    content = bytearray()
    for piece in answer.iter_content(1 << 18):
        content += piece
        if len(content) > most:
            answer.close()
            raise EndlessAnswerError(f"the answer of {answer.url} has more than {most} bytes")
    return bytes(content)


class GuardedAdapter(HTTPAdapter):
    """Sends requests, those of redirects too, if their host has the reach of the archive's."""

    def __init__(self, least: Reach, *, complete: bool = False, **options: Any) -> None:
        """Prepare.

        Args:
            least: reach below which no host is asked.
            complete: whether answers are read completely here, up to `MOST_BYTES`.
            options: of `HTTPAdapter`.
        """
        self._least, self._complete = least, complete
        self._known: dict[str, Reach | None] = {}
        self._lock = threading.Lock()
        super().__init__(**options)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request.

        Raises:
            RefusedAddressError: if it leads to less reach than the archive's.
            EndlessAnswerError: if its answer is too large.
        """
        url = request.url or ""
        self._check(url, bool(select_proxy(url, kwargs.get("proxies"))))
        if not self._complete:
            return super().send(request, *args, **kwargs)
        answer = super().send(request, *args, **kwargs | {"stream": True})
        vars(answer).update(_content=body(answer), _content_consumed=True)  # as Response.content does itself
        return answer

    def _check(self, url: str, has_proxy: bool) -> None:
        host = urlsplit(url).hostname or ""
        if has_proxy and not _is_address(host):
            return  # the proxy looks its name up
        with self._lock:
            reached = self._known.get(host) or host_reach(host)
            self._known[host] = reached
        if reached is not None and reached < self._least:
            raise RefusedAddressError(
                f"{url} leads to an address of this {'machine' if reached == Reach.MACHINE else 'network'}, though the "
                "archive is a server of farther reach: it is not asked"
            )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def least_reach(api: str) -> Reach:
    """Reach of the server of an API; that of the Internet where a proxy alone knows it."""
    api_reach = None if get_environ_proxies(api) and select_proxy(api, get_environ_proxies(api)) else _reach_of(api)
    return Reach.INTERNET if api_reach is None else api_reach


def _reach_of(url: str) -> Reach | None:
    return host_reach(urlsplit(url).hostname or "")


def session(api: str, *, complete: bool = False, connections: int = 10, retries: Retry | int = 0) -> requests.Session:
    """Connections to the servers of an archive.

    Args:
        api: its URL, as the user or a preset names it.
        complete: whether answers are read completely when they come.
        connections: kept open.
        retries: of the adapter.
    """
    guarded, least = requests.Session(), least_reach(api)
    for scheme in ("http://", "https://"):
        adapter = GuardedAdapter(least, complete=complete, pool_maxsize=connections, max_retries=retries)
        guarded.mount(scheme, adapter)
    return guarded
