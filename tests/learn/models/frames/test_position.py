"""What the place in a frame says of need: in tight boxes of the simulated world much, in windows nothing."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from rojsat.chips import splits
from rojsat.chips.reader import Chips
from rojsat.evaluation import metrics
from rojsat.geo import masks
from rojsat.geo.cutting import data_set
from rojsat.geo.sources.simulated import source
from rojsat.geo.sources.simulated.layout import LAYOUTS
from rojsat.learn import without_image
from rojsat.learn.data.preparation import Prepared, prepare
from rojsat.learn.data.sample_source import Source
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners import frame
from rojsat.learn.models.frames import constant, position

pytestmark = pytest.mark.slow

FOLDS, WINDOW, EPOCHS = 3, 24, 4

SMALL = replace(
    LAYOUTS["quick"],
    height=240,
    width=300,
    stands=4,
    controls=0,
    objects=tuple((round(0.6 * height), round(0.6 * width)) for height, width in LAYOUTS["quick"].objects),
    stand_area=250,
    town=14,
)
"""Nine clearing objects, two thirds as long and wide as those of the quick world, on a quarter of its ground."""


@dataclass(frozen=True)
class World:
    """The chips of a world, on one date."""

    chips: Chips

    def fold(self, number: int, window: int | None) -> Prepared:
        split = partial(splits.k_fold_regions, folds=FOLDS, fold=number, val=1)
        samples = Source(self.chips, "clearing", ("B04",), None, "segmentation", window)
        return prepare(samples, split=split, windows_per_chip=16)


def world(folder: Path, boxes: str) -> World:
    for stage in ("raw", "masks", "chips"):
        (folder / stage).mkdir()
    options = {"boxes": boxes, "hard_ground": 0, "toa": False, "dates": ["2019-07-11"], "layout": SMALL}
    source.write(folder / "raw", seed=0, **options)
    masks.write(folder / "raw", folder / "masks", source="gps")
    margin = {"margin": 10.0 * WINDOW, "scheduler": "synchronous"}
    data_set.write(folder / "raw", folder / "masks", folder / "chips", recipe={}, **margin)
    return World(Chips(folder / "chips"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return world(tmp_path_factory.mktemp("drawn"), "drawn")


@pytest.fixture(scope="module")
def tight(tmp_path_factory):
    return world(tmp_path_factory.mktemp("tight"), "tight")


def r2(pairs):
    """R² of predictions and truth of all folds together."""
    prediction, truth = (np.concatenate(values) for values in zip(*pairs, strict=True))
    return 1 - float(np.mean((prediction - truth) ** 2)) / float(truth.var())


def reached(prepared, name):
    """Predictions of a predictor without an image on the known pixels of the test part, and their truth."""
    accumulator = partial(metrics.Segmentation, 0.1)
    evaluation = without_image.evaluate(prepared, "test", outputs=1, metrics=accumulator)[name]
    return evaluation.predictions[evaluation.known], evaluation.targets[evaluation.known]


def windows_of(samples: Samples):
    """The windows of some epochs as what is left without their images: of a place, its place in a window."""
    tables = [frame.frames(samples.drawn(epoch), 1) for epoch in range(1, EPOCHS + 1)]
    joined = (np.concatenate([getattr(table, name) for table in tables]) for name in ("sizes", "targets", "known"))
    return replace(tables[0], **dict(zip(("sizes", "targets", "known"), joined, strict=True)))


def reached_in_windows(prepared, predictor):
    """The same by what training windows show of their own pixels, on windows of the test part."""
    train, test = (windows_of(prepared.samples[part]) for part in ("train", "test"))
    assert not train.is_drawn  # so that the map is fitted, not known to be flat
    prediction = predictor.build(1)(train).predict(test.sizes, WINDOW, WINDOW)
    return prediction[test.known], test.targets[test.known]


@pytest.mark.parametrize("boxes", ["drawn", "tight"])
def test_the_place_in_a_window_says_no_more_than_the_mean(boxes, request):
    folds = [request.getfixturevalue(boxes).fold(number, WINDOW) for number in range(FOLDS)]
    scores = {name: r2([reached(fold, name) for fold in folds]) for name in ("constant", "position")}
    assert scores["position"] == pytest.approx(scores["constant"], abs=0.02)
    fitted = {module: r2([reached_in_windows(fold, module) for fold in folds]) for module in (constant, position)}
    assert fitted[position] == pytest.approx(fitted[constant], abs=0.02)


def test_the_place_in_a_tight_box_says_much(tight):
    folds = [tight.fold(number, None) for number in range(FOLDS)]
    scores = {name: r2([reached(fold, name) for fold in folds]) for name in ("constant", "position")}
    assert scores["position"] > scores["constant"] + 0.1
