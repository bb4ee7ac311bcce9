"""What one machine, one file or one link holds, and how much of it a country takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.scale import workload
from bench.scale.schedule import Cluster, Jobs, run
from bench.scale.workload import GIB

MACHINES = 100
EPOCHS = 4000
"""Epochs of a simulated database."""

TRAININGS = (1, 10, 30, 100, 300, 1000)
"""Trainings side by side that record in one database."""

PATIENCE, MINUTE = 10.0, 60.0
"""Seconds that one waits for a page of MLflow's table, and for a stage to read the catalogue of scenes."""

WORTH = 0.1
"""Share of a short trial that claiming it may take."""


@dataclass(frozen=True)
class Limit:
    """One of them.

    Attributes:
        what: what ends.
        ends_at: how much of `unit` it takes.
        country: how much of it there is.
        unit: words.
        basis: whether it was measured, assumed or stands in a document.
        instead: what replaces it, by which key.
    """

    what: str
    ends_at: float
    country: float
    unit: str
    basis: str
    instead: str


def epoch_seconds(of: Mapping[str, float]) -> float:
    """Of one training."""
    pixels = workload.training_chips(of) * of["chip_side"] ** 2
    return pixels * of["train_pixel"] / of["training_cores"]


def recorded(of: Mapping[str, float], trainings: int, service: float, epoch: float) -> float:
    """Epochs a second that a database records of so many trainings side by side, by simulation.

    Args:
        of: all quantities.
        trainings: side by side.
        service: seconds that the database takes for an epoch.
        epoch: seconds that a training takes for one.
    """
    count = max(EPOCHS, 20 * trainings)
    rng = np.random.default_rng(0)
    compute = workload.spread(count, epoch, of["sigma"], rng)
    return count / run(Jobs(compute, commit=np.full(count, service)), Cluster(trainings, 1)).wall


def trainings_at_once(of: Mapping[str, float]) -> float:
    """As many as there are, or as fit on the machines."""
    return min(workload.trainings(of), MACHINES * of["machine_cores"] // of["training_cores"])


def limits(of: Mapping[str, float]) -> list[Limit]:
    """What ends first on top."""
    chips, memory, epoch = workload.chips(of), of["machine_gib"] * GIB, epoch_seconds(of)
    cut = next(step for step in workload.steps(of) if step.name == "cut chips")
    cutting_cores = cut.core_seconds * of["archive_gb_second"] / of["product_gb"]
    side_by_side = max(1, of["machine_cores"] // of["training_cores"])  # trainings on a machine, each with the index
    trial = WORTH * of["short_epoch"] * of["epochs"]
    parts = "a data set a tile (`data.name`); an index in parts is not there yet"
    servers = "PostgreSQL: `tune.storage=postgresql://…`, `MLFLOW_TRACKING_URI` of a server"
    listed = [
        Limit("one file of SQLite", 1, MACHINES, "machines that write", "docs/jobs.md", servers),
        Limit(
            "the link to the archive",
            cutting_cores,
            MACHINES * of["machine_cores"],
            "cores that cut",
            "assumed speed of it",
            "machines in the region of the archive's object store",
        ),
        Limit(
            "memory of trainings that open the index",
            memory / side_by_side / of["open_chip_bytes"],
            chips,
            "chips",
            "measured",
            parts,
        ),
        Limit("memory that joins the index", memory / of["join_chip_bytes"], chips, "chips", "measured", "the same"),
        Limit(
            "reading the catalogue in a minute",
            MINUTE / of["read_scene"],
            workload.products(of),
            "scenes",
            "measured",
            "a data set a tile (`data.name`)",
        ),
        Limit(
            "epochs that MLflow records",
            epoch / of["record_epoch"],
            trainings_at_once(of),
            "trainings at once",
            "measured",
            "more cores for its database",
        ),
        Limit(
            "a page of MLflow's table in ten seconds",
            PATIENCE / of["table_run"],
            workload.trainings(of),
            "runs",
            "measured",
            "an experiment a country or year",
        ),
        Limit(
            "claiming a trial in a tenth of a short one",
            trial / of["claim_trial"],
            of["trials"],
            "trials of a study",
            "measured",
            "several studies; PostgreSQL is no faster here",
        ),
    ]
    return sorted(listed, key=lambda limit: limit.ends_at / limit.country)


def rows(of: Mapping[str, float]) -> list[dict[str, Any]]:
    """A row a limit, what ends first on top."""
    return [
        {
            "what": limit.what,
            "ends at": limit.ends_at,
            "the country": limit.country,
            "of": limit.unit,
            "basis": limit.basis,
            "instead": limit.instead,
        }
        for limit in limits(of)
    ]


def database_rows(of: Mapping[str, float]) -> list[dict[str, Any]]:
    """Epochs a second of so many trainings of short epochs: that they give alone, and that one database records."""
    epoch, service = of["short_epoch"], of["record_epoch"]
    return [
        {
            "trainings at once": count,
            "epochs a second, nobody waits": count / (epoch + service),
            "recorded": recorded(of, count, service, epoch),
        }
        for count in TRAININGS
    ]
