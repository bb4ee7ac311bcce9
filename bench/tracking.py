"""What recording costs, of a training: `python -m bench.tracking [JSON]`. Needs `data/processed/simulated`.

Trains `unet_roi6` at size quick, all its epochs, and times, beside each, what is recorded of it: the batch of metrics,
and the picture where there is one. Local SQLite in a temporary folder. `wait` is how long training stands still for
it, by the clock; `cpu` what the thread that trains computes for it; `thread` what the thread that delivers computes
meanwhile, on another core where there is one.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import tables
from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes
from rojsat.learn import assembly
from rojsat.stages import _pictures, _recording
from rojsat.tracking import recorder


def measure(folder: Path) -> dict[str, Any]:
    """Seconds of an epoch and of its recording, medians, and the shares of the total."""
    recorder.STORE = folder
    experiment = compose.load("unet_roi6", ["train.threads=1"])
    assembled = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment)))
    run, sample = _recording.start(assembled, folder, None), _pictures.sample(assembled)
    trained, recorded, shown = [], [], []
    process, end = time.process_time(), np.array([time.perf_counter(), time.thread_time()])
    for epoch in assembled.train(folder / "state"):
        start = np.array([time.perf_counter(), time.thread_time()])
        trained.append(start - end)
        _recording.epoch(run, epoch, assembled, sample)
        end = np.array([time.perf_counter(), time.thread_time()])
        recorded.append(end - start)
        shown.append(_pictures.is_shown(epoch.number))
    recorder.finish(run)
    spent = np.array(recorded).sum(axis=0) / np.array(trained).sum(axis=0)
    trained_cpu = float(np.array(trained)[:, 1].sum())
    other = time.process_time() - process - trained_cpu - float(np.array(recorded)[:, 1].sum())
    wall = np.array(recorded)[:, 0]
    return {
        "epochs": len(trained),
        "epoch_s": float(np.median(np.array(trained)[:, 0])),
        "metrics_s": float(np.median(wall[~np.array(shown)])),
        "with_picture_s": float(np.median(wall[shown])),
        "wait_percent": 100 * float(spent[0]),
        "cpu_percent": 100 * float(spent[1]),
        "thread_percent": 100 * other / trained_cpu,
    }


def main(path: Path | None = None) -> None:
    """Measure, print the table, write the JSON."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(Path(folder))]
    tables.show("recording in MLflow, unet_roi6 at size quick", rows)
    if path is not None:
        tables.write(path, {"rows": rows})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
