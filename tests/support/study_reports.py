"""Reports as training leaves them, made up: a page of the study needs many, and none of it needs a network."""

import io
import json
import shutil

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from rojsat.chips import splits
from rojsat.config import lookup
from rojsat.evaluation import metrics, report_files
from rojsat.evaluation.metrics import Classification, Segmentation
from rojsat.page import contents
from rojsat.page.page_inputs import PageInputs
from rojsat.page.run_report import PROVENANCE, RESULTS
from tests.support import evaluation_reports

MACHINE = "2 cores of a test"


def leave(inputs: PageInputs) -> None:
    """Leave every file that the page of `inputs` needs, but for its sections of results at full length."""
    _drawings(inputs)
    _reports(inputs)
    for number, report in enumerate(inputs.evaluations):
        if "boosting" in report.name or "box" in report.name:  # the others were not evaluated
            frame = "box" if "box" in report.name else "window"
            objects = int(report.listed.data.rpartition("_")[2])
            content = evaluation_reports.content(
                report.name, report.listed, 0.02 * number, frame=frame, regions=objects, task=report.listed.task
            )
            evaluation_reports.leave(report.folder, **content)


def leave_full(drawn: PageInputs, kept: PageInputs) -> None:
    """Leave the reports that sections at full length are drawn from, and keep the results of them.

    Args:
        drawn: at full length.
        kept: the same, of the results that are kept.
    """
    _reports(drawn)
    pairs = [*zip(drawn.reports(), kept.reports(), strict=True)]
    pairs += zip(drawn.variant_reports(), kept.variant_reports(), strict=True)
    for report, kept_report in pairs:
        kept_report.output.path.mkdir(parents=True)
        for name in (*RESULTS, PROVENANCE):
            shutil.copy(report.output.path / name, kept_report.output.path / name)


def _reports(inputs):
    for number, report in enumerate([*inputs.reports(), *inputs.variant_reports()]):
        report.output.path.mkdir(parents=True, exist_ok=True)
        _report(report, inputs.chips, np.random.default_rng(number))
    for name in inputs.pipeline.searches:
        _search(inputs.search(name).path)
    for name in inputs.pipeline.edges:
        folder = inputs.edge_spots(name).path
        folder.mkdir()
        table = {"columns": ["part", "near", "far"], "rows": [["training", 0.3, 0.1], ["test", 0.2, 0.2]]}
        report_files.write_json(folder / "edges.json", {"text": ["Spots lie at the edge."], "table": table})
        (folder / "edges.png").write_bytes(_png())


def _report(report, chips, rng):
    experiment = report.experiment
    index = chips.index[chips.index["role"] == experiment.inputs.role].reset_index(drop=True)
    split = lookup.function(splits, experiment.split.name, "split")(index, **experiment.split.options)
    parts = {part: index[split == part].reset_index(drop=True) for part in splits.PARTS}
    is_classes = experiment.task == "classification"
    predictions = {part: (_classes if is_classes else _degrees)(chips, rows, rng) for part, rows in parts.items()}
    summary = {part: _evaluate(arrays, experiment) for part, arrays in predictions.items()}
    summary |= {"best_epoch": 3, "classes": ["clear", "need"], "leak": experiment.split.name == "dates"}
    summary |= _without_image(summary["test"], is_classes)
    if not is_classes:
        controls = chips.index[chips.index["role"] == "control"].reset_index(drop=True)
        parts["control"], predictions["control"] = controls, _degrees(chips, controls, rng)
        arrays, labels = predictions["control"], list(controls["label"])
        summary["controls"] = metrics.controls(arrays["prediction"], arrays["seen"], labels, 0.5)
        summary["regions"] = _by_region(parts["test"], predictions["test"], experiment)
    for part, arrays in predictions.items():
        report_files.write_predictions(report.output.path, part, parts[part], arrays)
    epochs = np.arange(1, 6)
    history = {"epoch": epochs, "train/loss": 0.5 / epochs, "val/loss": 0.6 / np.minimum(epochs, 3)}
    report_files.write_history(report.output.path, pd.DataFrame(history))
    report_files.write_json(report.output.path / "summary.json", summary)
    report_files.write_json(report.output.path / "run.json", {"machine": MACHINE, "seconds": 90.0, "commit": "c0ffee"})


def _without_image(test, is_classes):
    """What stands beside a run; the discrete variant has no R²."""
    metric, best = ("accuracy", "box_size") if is_classes else ("r2", "position")
    if metric not in test:
        return {}
    return {
        "task": "classification" if is_classes else "segmentation",
        "reads": evaluation_reports.reads(metric, test[metric]),
        "without_image": {"constant": {metric: 0.0}, best: {metric: 0.1}},
        "best_without_image": best,
        "gain": {"metric": metric, "against": best, "value": test[metric] - 0.1, "regions": 1},
        "beats": None,
    }


def _by_region(rows, arrays, experiment):
    regions = {region: (rows["region"] == region).to_numpy() for region in rows["region"].unique()}
    return {
        region: _evaluate({name: values[is_region] for name, values in arrays.items()}, experiment)
        for region, is_region in regions.items()
    }


def _degrees(chips, rows, rng):
    targets = np.stack([chips.mask(chip) for chip in rows["chip"]])
    seen = np.stack([chips.seen(chip) for chip in rows["chip"]])
    prediction = np.where(targets > 0, 0.7 * targets, 0.2) + rng.normal(0, 0.1, targets.shape)
    return {"prediction": prediction.astype(np.float32), "target": targets, "known": targets >= 0, "seen": seen}


def _classes(chips, rows, rng):
    targets = (rows["label"] == "need").to_numpy().astype(np.int64)
    need = np.clip(0.2 + 0.6 * targets + rng.normal(0, 0.2, len(rows)), 0, 1)
    known = np.ones(len(rows), bool)
    prediction = np.stack([1 - need, need], axis=1).astype(np.float32)
    return {"prediction": prediction, "target": targets, "known": known, "seen": known}


def _evaluate(arrays, experiment):
    is_classes = experiment.task == "classification"
    evaluation = Classification() if is_classes else Segmentation(experiment.metrics.threshold)
    evaluation.update(arrays["prediction"], arrays["target"], arrays["known"])
    return evaluation.compute()


def _search(folder):
    folder.mkdir(parents=True, exist_ok=True)
    trials = {"trial": [0, 1, 2], "state": ["complete", "complete", "pruned"], "value": [0.3, 0.2, np.nan]}
    rates = [0.001, 0.0003, 0.01]
    pd.DataFrame(trials | {"optimizer.lr": rates}).to_csv(folder / "trials.csv", index=False)
    best = {"trial": 1, "value": 0.2, "values": {"optimizer.lr": 0.0003}}
    (folder / "tune.json").write_text(json.dumps({"best": best, "mode": "min", "trials": 3}))


def _drawings(inputs):
    """What `rojsat.stages.page_data` leaves."""
    folder, chips = inputs.drawings.path, inputs.chips
    folder.mkdir(parents=True, exist_ok=True)
    for drawing in contents.drawings():
        (folder / drawing.file).write_bytes(_png())
    facts = {
        "scenes": 3,
        "first": "2019-07-11",
        "last": "2019-09-11",
        "orbits": [65],
        "extent_km": [6.0, 4.8],
        "stands": {"need": 3, "clear": 3},
        "objects": ["1", "2"],
        "dropped": {"4": "not a clearing object: 41 GPS points, fewer than 100"},
        "samples": 27,
        "chips": chips.index["role"].value_counts().to_dict(),
        "sizes": {role: list(chips.size(role)) for role in chips.roles},
        "threshold": 44.0,
        "percentile": 97,
        "unit": "points a pixel",
        "source": "gps",
        "scl": dict.fromkeys(("VEGETATION", "CLOUD_MEDIUM_PROBABILITY", "CLOUD_HIGH_PROBABILITY", "THIN_CIRRUS"), 0.1),
    }
    report_files.write_json(folder / "facts.json", facts)


def _png():
    buffer = io.BytesIO()
    Figure(figsize=(2, 1)).savefig(buffer, format="png")
    return buffer.getvalue()
