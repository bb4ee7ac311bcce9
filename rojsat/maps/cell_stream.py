"""Predicts cells one after the other while the next are read and the last are written, each in a thread of its own.

Nothing depends on which thread is faster: cells are read, predicted and written in their sequence.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import TracebackType
from typing import Self

from rojsat.maps import cell_groups
from rojsat.maps.cell_groups import CellGroup
from rojsat.maps.cell_prediction import CellMap, CellMeans, CellSample, PredictImage
from rojsat.maps.map_cells import MapCell
from rojsat.maps.model_card import ModelCard

AHEAD = 2
"""Samples that are read in advance, and cells that may wait for being written."""

Write = Callable[[MapCell, CellMap], None]


def predict(groups: Sequence[CellGroup], card: ModelCard, predict_image: PredictImage, write: Write) -> Iterator[None]:
    """Predict all cells of groups; what fails in a thread is raised here.

    Args:
        groups: of cells.
        card: of the model.
        predict_image: the model.
        write: keeps a cell.

    Yields:
        Nothing, once a cell that is handed over to be written.
    """
    means: dict[str, CellMeans] = {}
    with _Writer(write) as writer, closing(_ahead(_samples(groups, card))) as samples:
        for cell, sample, is_last in samples:
            of_cell = means.setdefault(cell.id, CellMeans(cell))
            if sample is not None:
                of_cell.add(sample, predict_image)
            if is_last:
                writer.write(cell, means.pop(cell.id).cell_map())
                yield


_Samples = Generator[tuple[MapCell, CellSample | None, bool], None, None]


def _samples(groups: Sequence[CellGroup], card: ModelCard) -> _Samples:
    for group in groups:
        yield from cell_groups.samples(group, card)


def _ahead(values: _Samples) -> _Samples:
    """The same values, computed in another thread, `AHEAD` of them in advance."""
    with ThreadPoolExecutor(1, "reader") as thread:
        pending = deque(thread.submit(next, values, None) for _ in range(AHEAD))
        try:
            while (value := pending.popleft().result()) is not None:
                pending.append(thread.submit(next, values, None))
                yield value
        finally:
            for future in pending:
                future.cancel()
            thread.submit(values.close)  # rasters are closed where they were opened


class _Writer:
    """Writes cells in another thread, at most `AHEAD` behind."""

    def __init__(self, write: Write) -> None:
        self._write, self._thread = write, ThreadPoolExecutor(1, "writer")
        self._pending: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait for what is handed over; an error of it is raised unless another one is on its way."""
        self._thread.shutdown(wait=True)
        if error is None:
            self._finish(0)

    def write(self, cell: MapCell, predicted: CellMap) -> None:
        self._finish(AHEAD - 1)
        self._pending.append(self._thread.submit(self._write, cell, predicted))

    def _finish(self, most: int) -> None:
        """Wait until at most so many are pending; raises what failed."""
        while len(self._pending) > most or (self._pending and self._pending[0].done()):
            self._pending.popleft().result()
