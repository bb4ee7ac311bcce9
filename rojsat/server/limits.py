"""What a request may ask for at most, and what is answered to one that asks for more."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from rojsat.config.keys import ConfigError


def _limit(default: int, meaning: str, most: int) -> Any:
    return field(default=default, metadata={"meaning": meaning, "most": most})


@dataclass(frozen=True)
class Limits:
    """Limits of a server; each is a key of `rojsat serve`."""

    hectares: int = _limit(10_000, "hectares of the boxes around the outlines of a request", 10**7)
    kilometres: int = _limit(110, "width and height of the box around all of them, as a tile of Sentinel-2 has", 1000)
    outlines: int = _limit(500, "outlines of a request", 10**5)
    vertices: int = _limit(50_000, "vertices of all of them", 10**7)
    bytes: int = _limit(5_000_000, "bytes of a request", 10**9)
    jobs: int = _limit(1, "jobs that run at the same time", 64)
    waiting: int = _limit(20, "jobs that wait; a request beyond them is answered 429", 10**4)
    seconds: int = _limit(1800, "seconds that a job may take", 10**6)
    memory: int = _limit(8, "GiB that a job may hold", 10**4)
    kept: int = _limit(200, "jobs that have ended and are kept; older ones are deleted with their files", 10**6)


def meanings() -> dict[str, str]:
    """What each limit is of, with its default, by name."""
    return {each.name: f"at most so many {each.metadata['meaning']}; {each.default}" for each in fields(Limits)}


def read(values: Mapping[str, str]) -> Limits:
    """The limits that a command line names, defaults for the rest.

    Raises:
        ConfigError: if one is no whole number in its range.
    """
    numbers = {}
    for each in fields(Limits):
        text, most = values.get(each.name, str(each.default)), each.metadata["most"]
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
            raise ConfigError(f"{each.name}={text}: a whole number from 1 to {most}, {each.metadata['meaning']}")
        numbers[each.name] = int(text)
    return Limits(**numbers)


class RefusedError(Exception):
    """A request that is not obeyed.

    Attributes:
        status: of HTTP.
        sentence: what is wrong, what is possible and what to do.
        headers: of the answer.
    """

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, dict(headers or {})
