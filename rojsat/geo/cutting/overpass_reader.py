"""Reads regions on one overpass: pixels that the first scene lacks are filled from the others of that overpass."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.chips.seen import lead_array, measured
from rojsat.geo.cutting.overpasses import Visit
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.planes import Reader


class OverpassReader(ExitStack):
    """Readers of the scenes of one overpass, opened when they are needed.

    Args:
        visits: at least one; the first scene is the same for all.
        resampling: how reflectance of other pixels is resampled to a grid (a name GDAL knows).
        cloud_margin: metres around a cloud that count as cloud.
    """

    def __init__(self, visits: Sequence[Visit], resampling: str, cloud_margin: float) -> None:
        super().__init__()
        self._resampling, self._cloud_margin = resampling, cloud_margin
        self._readers: dict[str, Reader] = {}
        self._reader(visits[0].scenes[0], [visit.region.chip_grid for visit in visits])

    def _reader(self, scene: Scene, grids: Sequence[GeoBox] = ()) -> Reader:
        """The reader of a scene; `grids` are those that it will read, where it is not open yet."""
        if scene.id not in self._readers:
            reader = Reader(scene, self._resampling, grids, cloud_margin=self._cloud_margin)
            self._readers[scene.id] = self.enter_context(reader)
        return self._readers[scene.id]

    def read(self, visit: Visit) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
        """All planes of a region and their units; each pixel from the first of the scenes that has data there."""
        grid, reader = visit.region.chip_grid, self._reader(visit.scenes[0])
        arrays, units = reader.read(grid), dict(reader.units)
        for scene in visit.scenes[1:]:
            if all(measured({kind: arrays[kind]}).all() for kind in ("boa", "toa") if kind in arrays):
                break
            reader = self._reader(scene)
            more = _convert(reader.read(grid), reader.units, units)
            units = {**reader.units, **units}
            _merge(arrays, more)
        return arrays, units


def _merge(arrays: dict[str, NDArray[Any]], more: Mapping[str, NDArray[Any]]) -> None:
    """Fill in place what lacks data: `toa` by itself, everything else where the main array has none."""
    lead = lead_array(more)
    lacking = ~measured({lead: arrays[lead]}) if lead in arrays else np.ones(more[lead].shape[-2:], bool)
    top = ~measured({"toa": arrays["toa"]}) if "toa" in arrays else np.ones_like(lacking)
    for kind, array in more.items():
        where = top if kind == "toa" else lacking
        before = arrays.get(kind, np.zeros_like(array))
        arrays[kind] = np.where(where, array, before)


def _convert(
    arrays: dict[str, NDArray[Any]], units: Mapping[str, float], target: Mapping[str, float]
) -> dict[str, NDArray[Any]]:
    """Convert stored reflectance from the scale and offset of one scene, `units`, to those of another, `target`."""
    for kind, prefix in (("boa", ""), ("toa", "toa_")):
        scale, offset = f"{prefix}scale", f"{prefix}offset"
        if kind in arrays and scale in target and (units[scale], units[offset]) != (target[scale], target[offset]):
            value = arrays[kind] * units[scale] + units[offset]
            stored = np.rint((value - target[offset]) / target[scale]).clip(1, np.iinfo(np.uint16).max)
            arrays[kind] = np.where(arrays[kind] > 0, stored, 0).astype(np.uint16)
    return arrays
