"""What recording an epoch costs, of the epoch: `python -m bench.tracking [JSON]`. Needs `data/processed/simulated`.

Trains `unet_roi6` at size quick and times, beside each epoch, what is recorded of it: the batch of metrics, and the
picture where there is one. Local SQLite in a temporary folder.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import tables
from rojsat import config, pictures, recipes, recording, tracking
from rojsat.chips import Chips
from rojsat.learn import assembly


def measure(folder: Path, epochs: int) -> dict[str, Any]:
    """Seconds of an epoch and of its recording, medians and sums."""
    tracking.STORE = folder
    experiment = config.load("unet_roi6", [f"train.epochs={epochs}"])
    assembled = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment)))
    run, sample = recording.start(assembled, folder, None), pictures.sample(assembled)
    trained, plain, drawn = [], [], []
    for epoch in assembled.train(folder / "state"):
        start = time.perf_counter()
        recording.epoch(run, epoch, assembled, sample)
        (drawn if pictures.is_shown(epoch.number, epochs) else plain).append(time.perf_counter() - start)
        trained.append(epoch.seconds)
    tracking.finish(run)
    share = (sum(plain) + sum(drawn)) / sum(trained)
    times = {"epoch_s": np.median(trained), "metrics_s": np.median(plain), "with_picture_s": np.median(drawn)}
    return {"epochs": epochs, **{name: float(value) for name, value in times.items()}, "share_percent": 100 * share}


def main(path: Path | None = None) -> None:
    """Measure, print the table, write the JSON."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(Path(folder), epochs=10)]
    tables.show("recording in MLflow, unet_roi6 at size quick", rows)
    if path is not None:
        tables.write(path, {"rows": rows})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
