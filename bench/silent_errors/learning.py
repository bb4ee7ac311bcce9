"""Mistakes in what is trained on and in what it is tested on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

from bench.silent_errors import ground
from bench.silent_errors.sandbox import Sandbox
from bench.silent_errors.trials import Trial, case
from rojsat.learn.data import batches

DAYS = ("2019-06-03", "2019-07-23", "2019-08-12", "2019-09-01")
"""Of scenes of the same ground."""

SIDE = 3
"""Of the stands, 10 m pixels."""

CORNERS = [(15 * column, 15 * row) for row in range(4) for column in range(4)]
"""Columns and rows of the stands, 120 m apart."""

NETWORK = (
    "exp=resnet18_tci",
    "variant=scratch",
    "train.epochs=1",
    "train.threads=1",
    "inputs.channels=[B02, B04, B08]",
)
FOREST = ("exp=resnet18_tci", "inputs.channels=[B02, B04, B08]", "variant=random_forest")
UNSEEN = (*FOREST[:2], "variant=random_forest,unseen_regions")
"""A network, and a classifier that learns in a blink, as its experiment splits and by stands."""


def _labels(seed: int = 0) -> list[str]:
    """Labels by the toss of a coin, each as often: nothing on the ground tells them."""
    return list(np.random.default_rng(seed).permutation(["need", "clear"] * (len(CORNERS) // 2)))


def _world(sandbox: Sandbox, labels: Sequence[str], days: Sequence[str] = DAYS) -> list[Path]:
    """Stands with those labels, and scenes of several days that differ by noise."""
    stands = {
        f"s{number:02d}": (*corner, SIDE, label)
        for number, (corner, label) in enumerate(zip(CORNERS, labels, strict=True))
    }
    ground.stands(stands).to_file(sandbox.archive / "stands.gpkg")
    scenes = []
    for number, day in enumerate(days):
        noise = np.random.default_rng(number).integers(-9, 10, (len(ground.BANDS), 60, 60))
        planes = [(plane + extra).astype(np.uint16) for plane, extra in zip(ground.stored(), noise, strict=True)]
        scenes.append(ground.write_scene(sandbox.archive, day, planes=planes))
    return scenes


def _features(scenes: Sequence[Path], labels: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.str_], list[str]]:
    """Mean of each band of each stand on each day, its label, and its id."""
    rows, ids = [], []
    for path in scenes:
        with rasterio.open(path) as raster:
            pixels = raster.read()
        for number, (left, top) in enumerate(CORNERS):
            rows.append(pixels[:, top : top + SIDE, left : left + SIDE].mean((1, 2)))
            ids.append(f"s{number:02d}")
    return np.array(rows), np.array([*labels] * len(scenes)), ids


def _score(train: NDArray[np.bool_], features: NDArray[np.float64], labels: NDArray[np.str_]) -> float:
    """Accuracy of the nearest neighbour on what is not trained on."""
    model = KNeighborsClassifier(1).fit(features[train], labels[train])
    return float(model.score(features[~train], labels[~train]))


def _run(sandbox: Sandbox, experiment: Sequence[str], *more: str) -> str:
    """Train on the data set; a score, if it comes to one."""
    sandbox.call("rojsat.run", [*experiment, *ground.tiff_words(sandbox.archive), *more])
    return "a score"


@case(names="(only|one|single) (one )?(class|label)|class(es)? .*missing|no .*clear")
def all_of_one_class(sandbox: Sandbox) -> Trial:
    """All stands are labelled need: whatever is trained is right on all of them."""
    labels = ["need"] * len(CORNERS)
    scenes = _world(sandbox, labels)

    def by_script() -> float:
        features, targets, ids = _features(scenes, labels)
        return _score(np.array([name < "s12" for name in ids]), features, targets)

    return Trial("no score", lambda: _run(sandbox, UNSEEN), by_script)


@case(names="(only|one|single) (one )?(class|label)|class(es)? .*missing|no .*clear")
def class_missing_in_training(sandbox: Sandbox) -> Trial:
    """The user's file of parts puts all clear stands into the test part: training knows one class."""
    labels = ["need"] * 12 + ["clear"] * 4
    scenes = _world(sandbox, labels)
    parts = ["train"] * 8 + ["val"] * 4 + ["test"] * 4
    path = _parts(sandbox, parts)

    def by_script() -> float:
        features, targets, ids = _features(scenes, labels)
        return _score(np.array([name < "s12" for name in ids]), features, targets)

    return Trial("no score", lambda: _run(sandbox, FOREST, *_by_file(path)), by_script)


def _parts(sandbox: Sandbox, parts: Sequence[str]) -> Path:
    """A file of parts, one row a stand."""
    path = sandbox.archive / "parts.csv"
    names = [f"s{number:02d}" for number in range(len(CORNERS))]
    pd.DataFrame({"region": names, "part": parts}).to_csv(path, index=False)
    return path


def _by_file(path: Path) -> tuple[str, ...]:
    return ("split.name=file", f"split.options={{path: {path}}}")


@case(names="twice|both|more than one|several|part")
def stand_in_two_parts(sandbox: Sandbox) -> Trial:
    """The user's file of parts has a stand twice, in training and in test."""
    labels = _labels()
    scenes = _world(sandbox, labels)
    path = _parts(sandbox, ["train"] * 8 + ["val"] * 2 + ["test"] * 6)
    table = pd.read_csv(path)
    again = table[table["part"] == "test"].assign(part="train")
    pd.concat([table, again]).to_csv(path, index=False)

    def by_script() -> float:
        features, targets, ids = _features(scenes, labels)
        parts = pd.read_csv(path)
        train, test = (set(parts.loc[parts["part"] == part, "region"]) for part in ("train", "test"))
        rows = [np.array([name in names for name in ids]) for names in (train, test)]
        model = KNeighborsClassifier(1).fit(features[rows[0]], targets[rows[0]])
        return float(model.score(features[rows[1]], targets[rows[1]]))

    return Trial(0.5, lambda: _run(sandbox, FOREST, *_by_file(path)), by_script, tolerance=0.3)


@case(names="leak|same regions|trained on")
def stands_in_two_parts_by_date(sandbox: Sandbox) -> Trial:
    """Labels are tossed, but the split is by date: other dates of the same stands look like skill."""
    labels = _labels()
    scenes = _world(sandbox, labels)

    def by_script() -> float:
        features, targets, ids = _features(scenes, labels)
        return _score(np.arange(len(ids)) < len(ids) * 3 // 4, features, targets)

    return Trial(0.5, lambda: _run(sandbox, FOREST, "split.name=dates"), by_script, tolerance=0.3)


@case(names="follow the label|label.*channel|give.*label")
def label_among_the_inputs(sandbox: Sandbox) -> Trial:
    """Band B08 of the files holds the label of each stand, as a layer that somebody stacked with the image."""
    labels = _labels()
    scenes = _world(sandbox, labels)
    for path in scenes:
        with rasterio.open(path, "r+") as raster:
            plane = raster.read(4)
            for (left, top), label in zip(CORNERS, labels, strict=True):
                plane[top : top + SIDE, left : left + SIDE] = 4000 if label == "need" else 1000
            raster.write(plane, 4)

    def by_script() -> float:
        features, targets, ids = _features(scenes, labels)
        return _score(np.array([name < "s12" for name in ids]), features, targets)

    return Trial(0.5, lambda: _run(sandbox, UNSEEN, "split.options={folds: 4}"), by_script, tolerance=0.3)


@case(names="not finite|non-finite|nan|inf")
def learning_rate_far_too_high(sandbox: Sandbox) -> Trial:
    """A learning rate of a million: the loss is no number, and a prediction of nan counts as the first class."""
    labels = _labels()
    _world(sandbox, labels)

    def by_script() -> float:
        scores = np.full((16, 2), np.nan)
        return float((np.array(["clear", "need"])[scores.argmax(1)] == np.array(labels)).mean())

    return Trial("no score", lambda: _run(sandbox, NETWORK, "optimizer.lr=1e6", "train.epochs=3"), by_script)


@case(names="batch")
def batch_of_one(sandbox: Sandbox) -> Trial:
    """Batches of one sample, of chips that a network shrinks to one pixel: batch normalisation has no deviation."""
    _world(sandbox, _labels())
    return Trial("no score", lambda: _run(sandbox, NETWORK, "train.batch_size=1", "train.epochs=1"))


@case(names="batch")
def last_batch_of_two(sandbox: Sandbox) -> Trial:
    """18 samples in batches of 16 leave a batch of two, whose statistics weigh as much as those of 16."""
    table = pd.DataFrame({"sample": range(18)})
    table.to_csv(sandbox.archive / "samples.csv", index=False)

    def by_rojsat() -> int:
        return min(len(batch) for batch in batches.divide([(number, 0) for number in range(18)], 16))

    def by_script() -> int:
        samples = pd.read_csv(sandbox.archive / "samples.csv")
        return min(len(samples[start : start + 16]) for start in range(0, len(samples), 16))

    return Trial(9, by_rojsat, by_script)
