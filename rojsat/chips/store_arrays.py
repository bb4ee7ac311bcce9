"""The arrays of a chip store, wherever it lies, opened to be read. Knows zarr and numpy only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

ARRAYS = "store.zarr"
"""Their folder in the store."""


@dataclass(frozen=True)
class StoreArrays:
    """Arrays of numbers that are read when they are asked for.

    Attributes:
        store: the folder of the store.
        by_role: of each role, the arrays of its chips by their kind, chips first.
        bands: of each role, the names of the bands of `boa` and `toa`, none without such an array.
        masks: by region.
    """

    store: Folder
    by_role: Mapping[str, Mapping[str, zarr.Array]]
    bands: Mapping[str, Mapping[str, tuple[str, ...]]]
    masks: Mapping[str, zarr.Array]

    def read(self, role: str, kind: str, start: int, stop: int) -> NDArray[Any]:
        """Chips of an array from slot `start` to `stop`.

        Raises:
            ValueError: S3 does not give them, also when asked again.
        """
        with s3_folder.explained(self.store):
            return np.asarray(self.by_role[role][kind][start:stop])

    def mask(self, region: str) -> NDArray[np.float32]:
        """The mask of a region, (h, w).

        Raises:
            ValueError: S3 does not give it, also when asked again.
        """
        with s3_folder.explained(self.store):
            return np.asarray(self.masks[region][:])


def opened(store: Folder, roles: Iterable[str]) -> StoreArrays:
    """Open the arrays of roles.

    Raises:
        ValueError: S3 does not give them.
    """
    with s3_folder.explained(store):
        root: Any = zarr.open_group(s3_folder.zarr_store(store / ARRAYS), mode="r")
        groups = {role: root[role] for role in roles}
        by_role = {role: dict(group.arrays()) for role, group in groups.items()}
        bands = {
            role: {kind: tuple(group.attrs.get(f"{kind}_bands", ())) for kind in ("boa", "toa")}
            for role, group in groups.items()
        }
        masks = dict(root["masks"].arrays()) if "masks" in root else {}
    return StoreArrays(store, by_role, bands, masks)
