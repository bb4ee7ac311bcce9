"""A country as steps of jobs: what each reads, computes and writes. Every number comes from `quantities`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.scale.schedule import Cluster, Jobs, spread

GIB = 2**30
DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0


@dataclass(frozen=True)
class Step:
    """Jobs of one kind; a step begins when the one before has ended.

    Attributes:
        name: what it does.
        jobs: how many.
        core_seconds: of one job.
        cores: that one job keeps busy.
        read_gb: what one job fetches from the archive, GB.
        commit_seconds: how long the database is busy with one job.
        checkpoint: seconds that a job loses at most; None: all of it.
    """

    name: str
    jobs: int
    core_seconds: float
    cores: int = 1
    read_gb: float = 0.0
    commit_seconds: float = 0.0
    checkpoint: float | None = None

    @property
    def core_hours(self) -> float:
        """Of all jobs."""
        return self.jobs * self.core_seconds / HOUR


def products(of: Mapping[str, float]) -> float:
    """Images of a tile on a date."""
    return of["tiles"] * of["dates"]


def chips(of: Mapping[str, float]) -> float:
    """Chips that are kept."""
    return of["stands"] * of["dates"] * of["clear_share"]


def training_chips(of: Mapping[str, float]) -> float:
    """Chips of one training, those of the fold that is tested left out."""
    return of["labelled_stands"] * of["labelled_dates"] * (1 - 1 / of["folds"])


def trainings(of: Mapping[str, float]) -> float:
    """Folds, seeds and trials."""
    return of["folds"] * of["seeds"] + of["trials"]


def maps(of: Mapping[str, float]) -> float:
    """Tiles on dates that are mapped."""
    return of["tiles"] * of["map_dates"]


def steps(of: Mapping[str, float]) -> list[Step]:
    """All steps, in their sequence."""
    chip_pixels = of["chip_side"] ** 2
    decode = of["decode_sample"] * of["samples_a_pixel"] * of["product_pixels"]
    cut = decode + of["cut_chip"] * chips(of) / products(of)
    epoch = training_chips(of) * chip_pixels * of["train_pixel"]
    predict = (decode + of["predict_pixel"] * of["product_pixels"]) / of["cells_a_product"]
    return [
        Step("describe the scenes", 1, (of["describe_scene"] + of["read_scene"]) * products(of)),
        Step("masks from GPS points", 1, of["gps_point"] * of["labelled_stands"] * of["points_a_stand"]),
        Step("cut chips", round(products(of)), cut, read_gb=of["product_gb"]),
        Step("join the index", 1, of["join_chip"] * chips(of)),
        Step(
            "train",
            round(trainings(of)),
            epoch * of["epochs"] + of["open_chip"] * chips(of) + of["start_training"],
            cores=round(of["training_cores"]),
            commit_seconds=of["record_start"] + of["record_epoch"] * of["epochs"],
            checkpoint=of["checkpoint_minutes"] * MINUTE,
        ),
        Step(
            "predict maps",
            round(maps(of) * of["cells_a_product"]),
            predict,
            read_gb=of["product_gb"] / of["cells_a_product"],
        ),
    ]


def jobs(step: Step, of: Mapping[str, float], rng: np.random.Generator) -> Jobs:
    """The jobs of a step, some longer than others."""
    compute = spread(step.jobs, step.core_seconds / step.cores, of["sigma"], rng)
    fetch = np.full(step.jobs, step.read_gb / of["archive_gb_second"]) if step.read_gb else None
    commit = np.full(step.jobs, step.commit_seconds) if step.commit_seconds else None
    return Jobs(compute, fetch, commit, step.cores, step.checkpoint)


def cluster(of: Mapping[str, float], machines: int) -> Cluster:
    """So many machines."""
    return Cluster(
        machines,
        round(of["machine_cores"]),
        failure=of["failure_days"] * DAY if of["failure_days"] else None,
        repair=of["repair_minutes"] * MINUTE,
        slow=of["slow_share"],
        slowness=of["slowness"],
    )


def store_gb(of: Mapping[str, float]) -> float:
    """Of all chips."""
    return chips(of) * of["chip_side"] ** 2 * of["chip_pixel_bytes"] / 1e9


def map_gb(of: Mapping[str, float]) -> float:
    """Of all maps."""
    return maps(of) * of["product_pixels"] * of["map_pixel_bytes"] / 1e9


def objects(of: Mapping[str, float]) -> float:
    """Chunks of the chip store: so many chips each, of every array."""
    return chips(of) / of["chunk_chips"] * of["arrays"]


def objects_of_an_epoch(of: Mapping[str, float]) -> float:
    """Chunks that hold a chip of one training, whose chips lie anywhere among all."""
    share = min(1.0, training_chips(of) / chips(of))
    return objects(of) * (1 - (1 - share) ** of["chunk_chips"])


def network_core_hours(of: Mapping[str, float]) -> float:
    """What networks compute, in training and on maps: what a GPU can do instead."""
    training = training_chips(of) * of["chip_side"] ** 2 * of["train_pixel"] * of["epochs"] * trainings(of)
    return (training + maps(of) * of["product_pixels"] * of["predict_pixel"]) / HOUR


def core_hours(of: Mapping[str, float]) -> float:
    """Of all steps."""
    return sum(step.core_hours for step in steps(of))
