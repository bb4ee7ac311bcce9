"""Folds, trials, scenes and cells on 1, 2 and 4 processes: `python -m bench.jobs [JSON]`.

Each figure is one command of rojsat, start-up and imports included, in a project of its own in a temporary folder:
`rojsat evaluate … jobs=N`, `rojsat tune … tune.jobs=N`, and cutting chips and predicting all cells of a map with
`dask.scheduler=processes dask.workers=N`. Processor time is that of the command and all processes that it started. The
processes divide the cores of the machine: more of them than cores can gain nothing but what waiting leaves idle.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import tables
from rojsat.config import compose
from rojsat.jobs import cores

PROCESSES = 1, 2, 4

MONTHS = 5, 6, 7, 8, 9, 10
DATES = ",".join(f"2019-{month:02d}-11" for month in MONTHS)
DATA = ("data=demo", "data.options.areas=3", f"data.options.dates=[{DATES}]")
"""Three areas of 6.0 x 4.8 km on six dates: 18 scenes."""

NETWORK = ("exp=demo", *DATA, "train.epochs=2", "train.threads=1", "tracking.images=false", "tracking.keep_models=none")
FOLDS = ("folds=k_fold_regions", "evaluate.fold_options={folds: 4}", "seeds=0,1")
TRIALS = ("tune.trials=8", "tune.seeds=[]", "tune.pruner.startup=8")

COPIED = ("rojsat", "experiments", "setup.cfg", "pyproject.toml")
"""What a project needs of this one."""

WAYS: Mapping[str, tuple[str, Sequence[str], Sequence[str], Sequence[str]]] = {
    # what is done: how much, words of the command, those that ask for N processes, what is deleted before
    "folds of an evaluation": (
        "8 trainings",
        ("rojsat.evaluate", *NETWORK, *FOLDS),
        ("jobs={}",),
        ("reports/evaluations", "mlruns"),
    ),
    "trials of a search": (
        "8 trials",
        ("rojsat.tune", *NETWORK, *TRIALS),
        ("tune.jobs={}",),
        ("reports/searches", "mlruns"),
    ),
    "cutting chips": (
        "18 scenes",
        ("rojsat.stages.chips", *DATA),
        ("dask.scheduler=processes", "dask.workers={}"),
        ("data/processed",),
    ),
    "predicting a map": (
        "3 areas, 6 dates",
        ("rojsat.stages.predict", *DATA, "area=all", "out=map", "allow_unlike=true"),
        ("dask.scheduler=processes", "dask.workers={}"),
        ("map",),
    ),
}


def project(folder: Path) -> str:
    """Make a project with raw data, masks, chips and a trained model; the name of its run."""
    for name in COPIED:
        source = compose.ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    call(folder, ["rojsat.run", "exp=demo", *DATA, "train.epochs=1", "train.threads=1"])
    (report,) = (folder / "reports" / "quick").iterdir()
    kept = folder / "kept"
    shutil.copytree(folder / "mlruns", kept)
    return report.name


def call(folder: Path, words: Sequence[str]) -> None:
    """Run a module of the project in it.

    Raises:
        RuntimeError: with the end of what it printed.
    """
    environment = os.environ | {"PYTHONPATH": str(folder)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}:\n{(done.stdout + done.stderr)[-2000:]}")


def measure(folder: Path, words: Sequence[str], deleted: Sequence[str]) -> tuple[float, float]:
    """Wall and processor seconds of a command, of all its processes."""
    for name in deleted:
        shutil.rmtree(folder / name, ignore_errors=True)
    if "mlruns" in deleted or any(word.startswith("model=") for word in words):
        shutil.rmtree(folder / "mlruns", ignore_errors=True)
        shutil.copytree(folder / "kept", folder / "mlruns")
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    call(folder, words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(folder: Path, run: str) -> list[dict[str, Any]]:
    """A row a command, with its ratios to that of one process."""
    measured = []
    for name, (amount, words, several, deleted) in WAYS.items():
        of_model = [f"model={run}"] * (name == "predicting a map")
        alone = None
        for count in PROCESSES:
            asked = [word.format(count) for word in several]
            wall, processor = measure(folder, [*words, *of_model, *asked], deleted)
            alone = alone or (wall, processor)
            measured.append(
                {
                    "work": name,
                    "amount": amount,
                    "processes": count,
                    "wall, s": wall,
                    "faster by": alone[0] / wall,
                    "processor, s": processor,
                    "processor time, ratio": processor / alone[1],
                    "load": os.getloadavg()[0],
                }
            )
            print(measured[-1], file=sys.stderr, flush=True)
    return measured


def main(path: Path | None = None) -> None:
    """Measure, print the table, write the JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = rows(folder, project(folder))
    tables.show(f"Wall and processor times on {cores.available()} cores", measured)
    if path is not None:
        tables.write(path, {"cores": cores.available(), "rows": measured})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
