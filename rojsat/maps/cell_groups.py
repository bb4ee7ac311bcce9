"""Neighbouring cells that are read together: rasters are opened once for them, and their blocks decoded once.

Of several overpasses one after the other is read for all cells of a group, so that the blocks of one alone are in
memory. Neither the size of the scenes nor the number of dates makes a group larger.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rojsat.geo.cutting.overpass_reader import OverpassReader
from rojsat.geo.cutting.overpasses import Visit
from rojsat.maps import cell_prediction
from rojsat.maps.cell_prediction import CellSample
from rojsat.maps.map_cells import CELL, MapCell, MapGrid, offset
from rojsat.maps.model_card import ModelCard

WIDTH, WIDTH_OF_SEVERAL = 8, 4
"""Cells in the height and width of a group: of one overpass, and of several, where a kill loses the complete group."""

Reading = Mapping[str, Sequence[Visit]]
"""Visits that are read together, by the id of their cell."""


@dataclass(frozen=True)
class CellGroup:
    """Cells that are read together.

    Attributes:
        cells: from north to south, then from west to east.
        readings: one an overpass; of a model that reads several dates at once a single one.
    """

    cells: Sequence[MapCell]
    readings: Sequence[Reading]


def groups(
    cells: Sequence[MapCell], visits: Mapping[str, Sequence[Visit]], grids: Sequence[MapGrid], card: ModelCard
) -> list[CellGroup]:
    """Put cells into groups.

    Args:
        cells: to be predicted.
        visits: of each cell, one an overpass in sequence, by its id.
        grids: of the rasters.
        card: of the model.
    """
    several = not _is_joint(card) and any(len(visits[cell.id]) > 1 for cell in cells)
    side = CELL * (WIDTH_OF_SEVERAL if several else WIDTH)
    members: dict[tuple[int, int, int], list[tuple[int, int, MapCell]]] = {}
    for cell in cells:
        row, col = offset(cell.region.grid, grids[cell.raster].grid)
        members.setdefault((cell.raster, row // side, col // side), []).append((row, col, cell))
    sorted_cells = [
        [cell for row, col, cell in sorted(some, key=lambda each: (each[0] // CELL, each[1], each[0], each[2].id))]
        for _, some in sorted(members.items(), key=lambda pair: pair[0])
    ]
    return [CellGroup(some, _readings(some, visits, card)) for some in sorted_cells]


def without(group: CellGroup, is_done: Callable[[MapCell], bool]) -> CellGroup:
    """The group without the cells that are done."""
    return CellGroup([cell for cell in group.cells if not is_done(cell)], group.readings)


def _is_joint(card: ModelCard) -> bool:
    return bool(card.dates) or card.blocks is not None


def _readings(cells: Sequence[MapCell], visits: Mapping[str, Sequence[Visit]], card: ModelCard) -> list[Reading]:
    if _is_joint(card):
        return [{cell.id: visits[cell.id] for cell in cells}]
    of_overpass: dict[tuple[str, int], dict[str, Sequence[Visit]]] = {}
    for cell in cells:
        for visit in visits[cell.id]:
            key = (visit.scenes[0].date, visit.scenes[0].relative_orbit)
            of_overpass.setdefault(key, {})[cell.id] = (visit,)
    return [of_overpass[key] for key in sorted(of_overpass)]


def samples(group: CellGroup, card: ModelCard) -> Iterator[tuple[MapCell, CellSample | None, bool]]:
    """Read a group: a cell, what the model is applied to (None: nothing), and whether it is the last of this cell."""
    last = {cell_id: number for number, each in enumerate(group.readings) for cell_id in each}
    for cell in group.cells:
        if cell.id not in last:
            yield cell, None, True
    for number, each in enumerate(group.readings):
        cells = [cell for cell in group.cells if cell.id in each]
        if not cells:
            continue
        with ExitStack() as opened:
            readers = _readers([visit for cell in cells for visit in each[cell.id]], card, opened)
            for cell in cells:
                views = [
                    cell_prediction.read(cell, visit, card, readers[visit.scenes[0].id]) for visit in each[cell.id]
                ]
                if _is_joint(card):
                    sample = cell_prediction.joint(cell, views, card)
                else:
                    sample = cell_prediction.single(views[0], card)
                yield cell, sample, last[cell.id] == number


def _readers(visits: Sequence[Visit], card: ModelCard, opened: ExitStack) -> dict[str, OverpassReader]:
    """A reader for each scene that visits are read from first, by its id; it knows what it will read."""
    of_scene: dict[str, list[Visit]] = {}
    for visit in visits:
        of_scene.setdefault(visit.scenes[0].id, []).append(visit)
    return {
        scene: opened.enter_context(OverpassReader(some, card.resampling, card.cloud_margin))
        for scene, some in of_scene.items()
    }
