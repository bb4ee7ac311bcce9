"""Groups of cells on a cluster of processes, one of which is killed."""

import os
import signal
import time
from threading import Thread

import pytest
from distributed import LocalCluster

from rojsat.jobs import dask_work
from rojsat.maps import cell_groups, map_making
from tests.support import map_scenes


@pytest.mark.slow
def test_a_map_has_the_same_bits_on_a_cluster_one_of_whose_workers_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_groups, "CELL", 2)  # a group a cell
    card, scene = map_scenes.card(), map_scenes.write_scene(tmp_path, "2019-07-11")
    planned = map_making.plan([scene], map_scenes.stands((0, 0, 80, 60)), card, "scene", 16)
    folders = {name: map_making.begin(tmp_path / name, {}) for name in ("here", "cluster")}
    groups = map_making.remaining(planned, card, folders["cluster"])
    assert len(groups) == len(planned.cells) == 20
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        pids = [worker.process.pid for worker in cluster.workers.values()]

        def kill():
            while not any(folders["cluster"].glob("*.npz")):
                time.sleep(0.01)
            os.kill(pids[0], signal.SIGKILL)

        killer = Thread(target=kill, daemon=True)
        killer.start()
        how = {"scheduler": cluster.scheduler_address, "workers": None}
        dask_work.each(map_scenes.predict_group, groups, str(folders["cluster"]), 0.1, **how)
        killer.join()
    for group in groups:
        map_scenes.predict_group(group, str(folders["here"]), 0)
    rasters = [map_making.rasters(planned, card, folder, folder.parent)[0] for folder in folders.values()]
    assert rasters[0].read_bytes() == rasters[1].read_bytes()
