"""Where runs and trials are kept, as rows and writers grow: `python -m bench.run_storage [JSON]`.

MLflow's tables and the studies of `rojsat tune`, each in SQLite and in PostgreSQL (with its disk writes waited for) on
this machine. Tables are filled with runs of 10 metrics, parameters and tags each, then one writer starts runs, records
epochs of 25 metrics and reads the table as the UI does. Writers are processes that record epochs without a pause. A
trial of a study costs nothing here: what is timed is claiming it, telling its value, and looking for what is left.
"""

import io
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from numpy.typing import NDArray
from sqlalchemy import create_engine

from bench import tables
from rojsat.search.space import Range
from rojsat.search.study import Study
from rojsat.search.trial import Trial
from tests.support.postgres import server

BACKENDS = ("SQLite", "PostgreSQL")
RUNS = (1_000, 10_000, 100_000)
TRIALS = (100, 400, 1_600)
WRITERS = (1, 2, 4, 8, 16)
EPOCH, FACTS = 25, 10
"""Metrics of an epoch; metrics, parameters and tags of a run that fills the tables."""

SECONDS, REPEATS = 6.0, 20
"""How long writers write; runs and epochs that are timed in a table of so many rows."""

COLUMNS = {
    "runs": "run_uuid, name, source_type, user_id, status, start_time, lifecycle_stage, artifact_uri, experiment_id",
    "tags": "key, value, run_uuid",
    "params": "key, value, run_uuid",
    "metrics": "key, value, timestamp, step, is_nan, run_uuid",
    "latest_metrics": "key, value, timestamp, step, is_nan, run_uuid",
}


@contextmanager
def database(backend: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if backend == "SQLite":
        yield f"sqlite:///{folder}/runs.db"
    else:
        with server(fsync="on") as url:
            yield url


def rows(table: str, first: int, last: int, experiment: str) -> Iterator[tuple[Any, ...]]:
    """What fills a table, of the runs from `first` up to `last`, without it."""
    for number in range(first, last):
        run = f"{number:032x}"
        if table == "runs":
            yield run, f"r{number}", "LOCAL", "bench", "FINISHED", number, "active", f"/runs/{run}", int(experiment)
        for key in range(FACTS) if table != "runs" else ():
            value = (number * 7919 + key) % 10007 / 10007  # all runs differ
            if table in ("tags", "params"):
                yield f"key {key}", str(value), run
            else:
                yield f"metric/{key}", value, number, 0, False, run


def fill(url: str, first: int, last: int, experiment: str) -> None:
    """Write runs directly into MLflow's tables: through MLflow it would take hours."""
    engine = create_engine(url)
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        for table, columns in COLUMNS.items():
            cursor, values = raw.cursor(), rows(table, first, last, experiment)
            if engine.dialect.name == "sqlite":
                marks = ", ".join("?" * len(columns.split(",")))
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
            else:
                text = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in values))
                cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
        raw.commit()
        connection.exec_driver_sql("ANALYZE")
        raw.commit()
    engine.dispose()


def epoch(store: SqlAlchemyStore, run: str, step: int) -> None:
    """Record one epoch."""
    store.log_batch(run, [Metric(f"val/{key}", 0.5, step, step) for key in range(EPOCH)], [], [])


def start(store: SqlAlchemyStore, experiment: str) -> str:
    """Start a run with its parameters; its id."""
    tags = [RunTag(f"key {key}", "0") for key in range(FACTS)]
    run = store.create_run(experiment, "bench", 0, tags, "r").info.run_id
    store.log_batch(run, [], [Param(f"key {key}", "0") for key in range(4 * FACTS)], [])
    return str(run)


def typical(action: Callable[[int], object]) -> tuple[float, float]:
    """Median milliseconds of one of many, by the clock and by this process' processor time."""
    clocks = []
    for number in range(REPEATS):
        begin = np.array([time.perf_counter(), time.process_time()])
        action(number)
        clocks.append(np.array([time.perf_counter(), time.process_time()]) - begin)
    wall, cpu = 1e3 * np.median(clocks, axis=0)
    return float(wall), float(cpu)


def growth(backend: str, url: str, folder: Path) -> Iterator[dict[str, Any]]:
    """One writer and one reader, as the tables grow; milliseconds, the table and a filter in seconds."""
    store, filled = SqlAlchemyStore(url, str(folder / "artifacts")), 0
    experiment = store.create_experiment("bench")
    for count in RUNS:
        fill(url, filled, count, experiment)
        filled, run = count, start(store, experiment)
        started, start_cpu = typical(lambda _: start(store, experiment))
        recorded, epoch_cpu = typical(partial(epoch, store, run))
        begin = time.perf_counter()
        store.search_runs([experiment], "", 1, 100, ["metrics.`metric/3` DESC"])
        sorted_table = time.perf_counter() - begin
        begin = time.perf_counter()
        store.search_runs([experiment], "tags.`key 3` = '0.5'", 1, 1000)
        row = {"backend": backend, "runs": count, "start_ms": started, "start_cpu_ms": start_cpu}
        row |= {"epoch_ms": recorded, "epoch_cpu_ms": epoch_cpu}
        yield row | {"table_s": sorted_table, "by_tag_s": time.perf_counter() - begin}
    store.engine.dispose()  # MLflow keeps one engine an address: processes that are forked would share its connections


def record_epochs(url: str, barrier: Any, counts: Any, number: int) -> None:
    """One of many writers: epochs of a run of its own, and those that the database refused."""
    store = SqlAlchemyStore(url, "/tmp/artifacts")
    run = start(store, store.get_experiment_by_name("bench").experiment_id)
    barrier.wait()
    end, done, refused = time.perf_counter() + SECONDS, 0, 0
    while time.perf_counter() < end:
        try:
            epoch(store, run, done + refused)
            done += 1
        except MlflowException:
            refused += 1
    counts[2 * number], counts[2 * number + 1] = done, refused


def together(work: Callable[..., None], url: str, count: int) -> list[int]:
    """What so many processes count, each two numbers, that begin at once."""
    context = multiprocessing.get_context("fork")  # a spawned one imports MLflow first: ten seconds of CPU
    barrier, counts = context.Barrier(count), context.Array("q", 2 * count)
    processes = [context.Process(target=work, args=(url, barrier, counts, number)) for number in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [int(counts[index]) for index in range(2 * count)]


def many_writers(backend: str, url: str) -> Iterator[dict[str, Any]]:
    """Epochs a second, of all writers together."""
    for count in WRITERS:
        counts = together(record_epochs, url, count)
        rate = sum(counts[::2]) / SECONDS
        yield {"backend": backend, "writers": count, "epochs_a_second": rate, "refused": sum(counts[1::2])}


def study(url: str, slots: int, folder: Path) -> Study:
    """A study as `rojsat tune` has it."""
    ranges = [Range("train.lr", 1e-5, 1e-1, log=True)]
    return Study(url, f"of {slots}", ranges=ranges, slots={key: {} for key in range(slots)}, lock=folder / "lock")


class Enough(Exception):
    """So many trials are timed."""


def trial_growth(backend: str, url: str, folder: Path) -> Iterator[dict[str, Any]]:
    """One worker in studies of more and more trials: to open one, and one trial that costs nothing; wall and CPU."""
    for count in TRIALS:
        clocks = [np.array([time.perf_counter(), time.process_time()])]

        def objective(_: Trial, clocks: list[NDArray[np.float64]] = clocks) -> float:
            clocks.append(np.array([time.perf_counter(), time.process_time()]))
            if len(clocks) > REPEATS + 1:
                raise Enough
            return 0.5

        try:
            study(url, count, folder).work(objective)
        except Enough:
            spent = np.diff(clocks, axis=0)
            wall, cpu = 1e3 * np.median(spent[1:], axis=0)
            opened = {"open_s": float(spent[0, 0]), "open_cpu_s": float(spent[0, 1])}
            trial = {"trial_ms": float(wall), "trial_cpu_ms": float(cpu)}
            yield {"backend": backend, "trials": count} | opened | trial


def main(path: Path) -> None:
    """Measure both, print the tables, write the JSON."""
    grown: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    tried: list[dict[str, Any]] = []
    for backend in BACKENDS:
        with tempfile.TemporaryDirectory() as name, database(backend, Path(name)) as url:
            grown += growth(backend, url, Path(name))
            written += many_writers(backend, url)
        with tempfile.TemporaryDirectory() as name, database(backend, Path(name)) as url:
            tried += trial_growth(backend, url, Path(name))
    tables.show("MLflow's tables as they grow, one writer", grown)
    tables.show(f"epochs of {EPOCH} metrics by many writers, {RUNS[-1]} runs in the tables", written)
    tables.show("studies of many trials, one worker", tried)
    tables.write(path, {"growth": grown, "writers": written, "trials": tried})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/run_storage.json"))
