"""Writes the waist: cut chips become the Zarr store and the table that `reader.Chips` reads.

Knows numpy, pandas and zarr only, so that a store can be made from any arrays. Several processes can fill one store,
each its own pieces; a piece that is written is not lost when others fail.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec

from rojsat.chips import change_pairs, harvest_years, index_file, outline_file, piece_files, store_digest, store_facts
from rojsat.chips.cut import KINDS, Cut, Dropped
from rojsat.chips.degree_scale import StoredHeat
from rojsat.chips.reader import CHUNK, ORDER
from rojsat.chips.store_arrays import ARRAYS
from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

KEYS: dict[str, Any] = {"name": "default", "separator": "."}
"""A chunk is a file beside the others: a folder for each takes DVC a millisecond, every time it looks."""

COMPRESSION = BloscCodec(cname="lz4", clevel=5, shuffle="shuffle")
"""Quicker to write than Zarr's default; files a fifth larger."""


_PLANES = ("scl", "cloud", "outline", "csmask", harvest_years.ARRAY)
_LATER = ("outline", "csmask", harvest_years.ARRAY)  # stores of before have no such key


@dataclass(frozen=True)
class Layout:
    """Shape and kinds of the arrays of one role.

    Attributes:
        size: common height and width, pixels.
        capacity: number of slots for chips; some may stay empty.
        boa, toa: bands of these arrays; no band: no such array.
        tci, scl, cloud, outline, csmask, harvest: whether there is such an array.
    """

    size: tuple[int, int]
    capacity: int
    boa: tuple[str, ...]
    toa: tuple[str, ...] = ()
    tci: bool = False
    scl: bool = False
    cloud: bool = False
    outline: bool = False
    csmask: bool = False
    harvest: bool = False

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of one chip in each array there is."""
        count = {"boa": len(self.boa), "toa": len(self.toa), "tci": 3 * self.tci}
        shapes: dict[str, tuple[int, ...]] = {kind: (n, *self.size) for kind, n in count.items() if n}
        return shapes | {kind: self.size for kind in _PLANES if getattr(self, kind)}

    def facts(self) -> dict[str, Any]:
        """For `chips.json`, which names outlines, computed cloud masks and harvests only where there are some."""
        return {name: value for name, value in asdict(self).items() if name not in _LATER or value}


def write(destination: Folder, cuts: Iterable[Cut | Dropped], *, layouts: Mapping[str, Layout], **facts: Any) -> None:
    """Write a chip store at once; if anything fails, `destination` is gone.

    Args:
        destination: an empty folder, or none yet.
        cuts: chips in any order, and those that were left out.
        layouts: for every role there is.
        facts: all other keywords of `finish`.

    Raises:
        ValueError: if a chip comes twice, does not fit its layout, or none comes at all.
    """
    try:
        create(destination, layouts)
        fill(destination, "all", cuts, dict.fromkeys(layouts, 0))
        finish(destination, layouts=layouts, **facts)
    except BaseException:  # an interrupt too
        s3_folder.remove(destination)
        raise


def create(destination: Folder, layouts: Mapping[str, Layout]) -> None:
    """Make the empty arrays of a store, `CHUNK` chips a chunk; an unfinished store is left as it is."""
    if piece_files.is_begun(destination):
        return
    if (destination / store_facts.FILE).exists():
        (destination / store_facts.FILE).unlink()  # first: a store without is none
    s3_folder.remove(destination / ARRAYS)
    with s3_folder.explained(destination):
        store = zarr.open_group(s3_folder.zarr_store(destination / ARRAYS), mode="w", zarr_format=3)
        for role, layout in layouts.items():
            group = store.create_group(role, attributes={"boa_bands": list(layout.boa), "toa_bands": list(layout.toa)})
            for kind, shape in layout.shapes().items():
                array_shape, chunk_shape = (layout.capacity, *shape), (CHUNK, *shape)
                settings: dict[str, Any] = {"fill_value": 0, "compressors": COMPRESSION, "chunk_key_encoding": KEYS}
                group.create_array(kind, shape=array_shape, chunks=chunk_shape, dtype=KINDS[kind], **settings)
    piece_files.begin(destination)


def fill(destination: Folder, piece: str, cuts: Iterable[Cut | Dropped], starts: Mapping[str, int]) -> None:
    """Write one piece of a store: chips into slots of their own, and a note of them when all are written.

    Args:
        destination: a store that `create` made.
        piece: its name; no other piece has it.
        cuts: its chips and those that were left out.
        starts: first slot of each role, a multiple of `CHUNK`, so that no two pieces share a chunk.

    Raises:
        ValueError: if a chip does not fit its layout.
    """
    piece_files.write(destination, piece, _rows(destination, cuts, starts))


def _rows(
    destination: Folder, cuts: Iterable[Cut | Dropped], starts: Mapping[str, int]
) -> Iterator[tuple[piece_files.Kind, dict[str, Any]]]:
    """Put chips into their slots, and give the rows of the index and of what was left out."""
    with s3_folder.explained(destination):
        store: Any = zarr.open_group(s3_folder.zarr_store(destination / ARRAYS), mode="r+")
        arrays = {role: dict(store[role].arrays()) for role in starts}
    next_slot = dict(starts)
    waiting: dict[str, list[Cut]] = {role: [] for role in starts}
    for cut in cuts:
        if isinstance(cut, Dropped):
            yield "dropped", asdict(cut)
            continue
        pending = waiting[cut.role]
        _check(arrays[cut.role], cut)
        position = next_slot[cut.role] + len(pending)
        yield "chip", cut.facts() | {"position": position, "datetime": cut.datetime.isoformat()}
        pending.append(cut)
        if len(pending) == CHUNK:
            with s3_folder.explained(destination):
                next_slot[cut.role] = _put(arrays[cut.role], pending, next_slot[cut.role])
            pending.clear()
    with s3_folder.explained(destination):
        for role, pending in waiting.items():
            _put(arrays[role], pending, next_slot[role])


def finish(
    destination: Folder,
    *,
    layouts: Mapping[str, Layout],
    masks: Mapping[str, NDArray[np.float32]],
    regions: Mapping[str, Any],
    recipe: Mapping[str, Any],
    versions: Mapping[str, str] | None = None,
    heat: StoredHeat | None = None,
    outlines: Mapping[str, Sequence[NDArray[Any]]] | None = None,
    histories: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Join the pieces into the table of a store, and add masks and facts.

    Args:
        destination: a store all of whose pieces are filled.
        layouts: for every role there is.
        masks: degree of each region on its grid, (h, w) float32 in [0, 1], -1 = unknown; or its heat.
        regions: facts about the regions for `chips.json` (shape, transform and crs of their grids).
        recipe: how the chips were cut, for `chips.json`.
        versions: tools that cut them, for `chips.json`.
        heat: what masks hold that are not scaled; None: degrees.
        outlines: see `outline_file.write`; None: the store has none.
        histories: of stands, see `change_pairs.marked`; None: the store knows no changes.

    Raises:
        ValueError: if a chip comes twice, or there is none.
    """
    index, dropped = _collect(destination)
    if histories is not None:
        index = change_pairs.marked(index, histories)
    with s3_folder.explained(destination):
        store = zarr.open_group(s3_folder.zarr_store(destination / ARRAYS), mode="r+")
        for region in sorted(masks):
            degrees = masks[region].astype(np.float32)
            store.create_array(f"masks/{region}", data=degrees, fill_value=-1.0, overwrite=True)
    index_file.write(destination / "index.parquet", index)
    index_file.write(destination / "dropped.parquet", dropped)
    if outlines is not None:
        outline_file.write(destination, outlines)
    facts = {
        "digest": store_digest.digest(index, masks),
        "chips": len(index),
        "recipe": dict(recipe),
        "versions": {name: version(name) for name in ("numpy", "zarr")} | dict(versions or {}),
        "layouts": {role: layout.facts() for role, layout in layouts.items()},
        "regions": {},
        **({} if heat is None else {"unscaled": heat.facts()}),
    }
    store_facts.write(destination, facts, regions)
    piece_files.end(destination)


def _collect(destination: Folder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All chips and all that were left out, each as a sorted table."""
    columns = list(Dropped.__dataclass_fields__)
    dropped = piece_files.read(destination, "dropped", columns)
    index = piece_files.read(destination, "chip")
    if not len(index):
        reasons = "; ".join(sorted(set(dropped["reason"]))[:5]) or "there was nothing to cut"
        raise ValueError(f"no chip was cut; {len(dropped)} were left out: {reasons}")
    index = index.sort_values(ORDER, ignore_index=True)
    if len(duplicates := index.loc[index["chip"].duplicated(), "chip"]):
        raise ValueError(f"chip {duplicates.iloc[0]} was cut twice")
    index["datetime"] = pd.to_datetime(index["datetime"], format="ISO8601", utc=True).dt.as_unit("us")
    return index, dropped.sort_values(columns, ignore_index=True)


def _check(arrays: Mapping[str, zarr.Array], cut: Cut) -> None:
    if strange := sorted(set(cut.arrays) - set(arrays)):
        raise ValueError(f"chip {cut.id} has {', '.join(strange)}; the store has {', '.join(sorted(arrays))}")
    for kind, pixels in cut.arrays.items():
        shape = arrays[kind].shape[1:]
        if pixels.shape[:-2] != shape[:-2] or pixels.shape[-2] > shape[-2] or pixels.shape[-1] > shape[-1]:
            raise ValueError(f"{kind} of chip {cut.id} is {pixels.shape}; it must fit into {shape}")


def _put(arrays: Mapping[str, zarr.Array], cuts: list[Cut], start: int) -> int:
    """Write chips into the slots from `start` on, padded with 0 at the right and bottom; the next free slot."""
    for kind, array in arrays.items():
        if any(kind in cut.arrays for cut in cuts):
            stop = min(start + CHUNK, array.shape[0])  # complete chunks: they replace all that an interrupted run wrote
            block = np.zeros((stop - start, *array.shape[1:]), KINDS[kind])
            for slot, pixels in _of(kind, cuts):
                block[slot, ..., : pixels.shape[-2], : pixels.shape[-1]] = pixels
            array[start:stop] = block
    return start + len(cuts)


def _of(kind: str, cuts: list[Cut]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Slot and array of the chips that have one of this kind."""
    yield from ((slot, cut.arrays[kind]) for slot, cut in enumerate(cuts) if kind in cut.arrays)
