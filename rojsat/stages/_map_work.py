"""Predicts the cells of a map, in this process or group by group on Dask, which takes up again what is lost."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from rojsat.config.schema import Dask
from rojsat.jobs import cluster, dask_work
from rojsat.maps import map_making
from rojsat.maps.cell_groups import CellGroup
from rojsat.maps.map_making import MapPlan
from rojsat.stages import _map_model
from rojsat.stages._map_model import MapModel

PACKAGES = (*cluster.OF_RASTERS, "torch")
"""That decide the bits of a prediction."""

IN_PROCESS = ("threads", "synchronous")
"""Schedulers for which one process works, whose network uses all cores."""


def predict(
    planned: MapPlan, model: MapModel, folder: Path, how: Dask, *, named: str, trust: bool, batch: int | None
) -> None:
    """Predict all cells that `folder` does not hold yet.

    Args:
        planned: the map.
        model: the model.
        folder: of the cells; the same one for all workers.
        how: scheduler and workers; a process, or a worker of a cluster, loads the model itself.
        named: what the model was loaded by.
        trust: see `_map_model.load`.
        batch: tiles together; None: the default.
    """
    if how.scheduler in IN_PROCESS:
        map_making.predict(planned, model.card, model.predict_image(batch), folder)
        return
    groups = map_making.remaining(planned, model.card, folder)
    shared = (named, trust, batch, str(folder.resolve()))
    where: dict[str, Any] = {"scheduler": how.scheduler, "workers": how.workers, "folders": [folder.parent]}
    dask_work.each(of_group, groups, *shared, **where, packages=PACKAGES)


def of_group(group: CellGroup, named: str, trust: bool, batch: int | None, folder: str) -> None:
    """Predict a group of cells in a worker, but those that are there."""
    model = _loaded(named, trust)
    for _ in map_making.predict_groups([group], model.card, model.predict_image(batch), Path(folder)):
        pass


@lru_cache(maxsize=1)
def _loaded(named: str, trust: bool) -> MapModel:
    return _map_model.load(named, trust=trust)
