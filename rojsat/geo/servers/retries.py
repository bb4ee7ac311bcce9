"""Patience with servers: what may pass is tried again, ever later; what will not is an error at once."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP status codes that a later request may not meet (RFC 9110; 425: RFC 8470; 429: RFC 6585)."""

LONGEST_ASKED = 3600.0
"""Seconds: a server whose Retry-After asks for more is given up."""

T = TypeVar("T")


class PassingFault(Exception):
    """A fault that may be gone next time.

    Attributes:
        after: seconds that the server asked to wait, None if it did not.
    """

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class GaveUpError(ValueError):
    """A server that did not deliver in all tries."""


class StoppedError(Exception):
    """Another part of the same work failed or was interrupted."""


@dataclass(frozen=True)
class Patience:
    """How often and how long to wait for a server.

    Attributes:
        tries: requests until one is given up, at least 1.
        first_wait: seconds before the second try; doubled each time, then a random 50 to 100 % of that.
        longest_wait: seconds that it is not doubled beyond.
        timeout: seconds without a byte after which a request counts as failed.
        stopped: set when the work is to end.
    """

    tries: int = 6
    first_wait: float = 1.0
    longest_wait: float = 120.0
    timeout: float = 60.0
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: if one is out of its range.
        """
        if self.tries < 1 or self.first_wait < 0 or self.timeout <= 0:
            raise ValueError(
                f"tries {self.tries}, wait {self.first_wait} s, timeout {self.timeout} s: "
                "there must be at least one try, no negative wait and a positive timeout"
            )

    def check(self) -> None:
        """Raise StoppedError if the work is to end."""
        if self.stopped.is_set():
            raise StoppedError("stopped")

    def wait(self, attempt: int, asked: float | None) -> None:
        """Wait after the given attempt (from 0), at least as long as the server asked."""
        backoff = min(self.first_wait * 2**attempt, self.longest_wait) * random.uniform(0.5, 1.0)
        self.stopped.wait(max(backoff, asked or 0.0))
        self.check()


def persist(call: Callable[[], T], what: str, patience: Patience) -> T:
    """Call until it raises no `PassingFault`.

    Raises:
        GaveUpError: after `patience.tries` of them, or when the server asks to wait for more than an hour.
        StoppedError: if the work is to end.
    """
    for attempt in range(patience.tries):
        patience.check()
        try:
            return call()
        except PassingFault as fault:
            last = fault
        if attempt + 1 < patience.tries:
            if (last.after or 0.0) > LONGEST_ASKED:
                break
            patience.wait(attempt, last.after)
    raise GaveUpError(
        f"{what}: {last} (tries: {attempt + 1}). Complete files are kept; the same command goes on from there"
    ) from last


def retry_after(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks to wait: a number or a date (RFC 9110, 10.2.3); None if it is neither."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
