"""What a recorded model carries so that it can be applied to scenes and refuses those that it was not made for."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rojsat.chips import change_pairs, channels, plane_distribution
from rojsat.config import compose, date_words
from rojsat.evaluation import gain, map_calibration
from rojsat.evaluation.report_files import Predictions
from rojsat.learn.assembly import Assembled
from rojsat.learn.learners.learner import Learner
from rojsat.learn.learners.pixels import PixelLearner
from rojsat.maps import stand_calibration, training_ground

KEY = "map"
"""Where it stands in the metadata of a model; `rojsat.maps.model_card` reads it."""


def facts(assembled: Assembled, summary: Mapping[str, Any], test: Predictions) -> dict[str, Any]:
    """What the model needs of scenes, what its training pixels look like and how far it errs; JSON-ready.

    Args:
        assembled: the trained experiment.
        summary: what `summary.json` holds of it.
        test: its predictions of the test part.
    """
    experiment, source, data = assembled.settings, assembled.data.source, assembled.data
    rows = _trained_on(assembled)
    planes = [plane for plane in channels.needs(source.channels) if plane != channels.OUTLINE]
    recipe = source.chips.recipe.get("chips", {})
    mapped = experiment.task == "segmentation" and summary["leak"] is False
    return {
        "names": list(source.channels),
        "dates": [] if source.blocks else list(source.dates or []),
        "blocks": source.blocks,
        "reach": _reach(assembled.learner),
        "chip": recipe.get("size"),
        "margin": int(rows["box_row"].max()) if source.window else 0,
        "inside": source.inside,
        "outputs": experiment.model.outputs,
        "threshold": experiment.metrics.threshold,
        "target": experiment.data.target,
        "shape": list(data.samples["test"].seen.shape[1:]),
        "boa": list(source.chips.bands(source.role, "boa")),
        "toa": list(source.chips.bands(source.role, "toa")),
        "resampling": recipe.get("resampling", "bilinear"),
        "cloud_margin": recipe.get("cloud_margin", 0),
        "months": sorted({int(date[5:7]) for date in rows["date"]}),
        "distribution": plane_distribution.describe(plane_distribution.sample(source.chips, rows, planes)),
        "calibration": _calibration(test) if mapped else None,
        "verdict": gain.words(summary),
        "leak": summary["leak"],
        "run": compose.run_name(experiment),
        "data": experiment.data.name,
        "ground": training_ground.of_regions(data.samples["train"].rows),
    }


def _calibration(test: Predictions) -> dict[str, Any]:
    """What intervals follow from: of pixels, of regions, and of ground the size of a stand."""
    calibration = map_calibration.of(test)
    return calibration | {stand_calibration.KEY: stand_calibration.of(test, calibration["level"])}


def _trained_on(assembled: Assembled) -> pd.DataFrame:
    """Rows of the index of all chips that the training part is read from, of all dates where these are stacked."""
    source, split = assembled.data.source, assembled.data.split
    index, train = source.chips.index, split[split["part"] == "train"]
    if not source.dates:
        return index[index["chip"].isin(train["chip"])].reset_index(drop=True)
    chosen = index["region"].isin(train["region"]) & (index["role"] == source.role)
    if date_words.is_pair(source.dates):
        chosen &= index[change_pairs.MOMENT].notna()
    elif not source.blocks:
        chosen &= index["date"].isin(source.dates)
    return index[chosen].reset_index(drop=True)


def _reach(learner: Learner) -> int | None:
    """Pixels around a pixel that its prediction depends on, of an estimator on pixels."""
    if not isinstance(learner, PixelLearner):
        return None
    return max([learner.model.window, *learner.model.windows]) // 2
