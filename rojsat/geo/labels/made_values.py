"""A mapping whose values are made when they are asked for, and not kept: many of them need the memory of one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class MadeValues(Mapping[str, T]):
    """Values by key, each made by a function."""

    def __init__(self, keys: Iterable[str], make: Callable[[str], T]) -> None:
        """Take the keys, in the order to keep, and the function from a key to its value."""
        self._keys, self._make = dict.fromkeys(keys), make

    def __getitem__(self, key: str) -> T:
        """The value of a key, made again each time."""
        if key not in self._keys:
            raise KeyError(key)
        return self._make(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
