"""Sequences whose elements are made when they are asked for, and not kept."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class MadeRows(Sequence[T_co]):
    """A sequence of a known length whose elements `row` makes."""

    @abstractmethod
    def row(self, number: int) -> T_co:
        """Make the element of a row, from 0."""

    @overload
    def __getitem__(self, number: int) -> T_co: ...
    @overload
    def __getitem__(self, number: slice) -> list[T_co]: ...
    def __getitem__(self, number: int | slice) -> T_co | list[T_co]:
        """The element of a row, or those of some."""
        if isinstance(number, slice):
            return [self.row(each) for each in range(len(self))[number]]
        return self.row(range(len(self))[number])

    def __iter__(self) -> Iterator[T_co]:
        return (self.row(number) for number in range(len(self)))
