"""Reports as training leaves them, made up: a page of the study needs many, and none of it needs a network."""

import io
import json

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from rojsat.chips import splits
from rojsat.chips.reader import Chips
from rojsat.config import lookup, recipes
from rojsat.evaluation import metrics, report_files
from rojsat.evaluation.metrics import Classification, Segmentation
from rojsat.page.inputs import Study

MACHINE = "2 cores of a test"


def leave(study: Study) -> None:
    """Leave every report that the page of `study` needs, and those that its sections of long trainings need."""
    _data(study, Chips(recipes.folder("chips", study.experiment)))
    _reports(study)
    if study.long is not None:
        _reports(study.long)


def _reports(study):
    chips = Chips(recipes.folder("chips", study.experiment))
    for number, report in enumerate([*map(study.report, study.pipeline.experiments), *study.changed()]):
        report.folder.mkdir(parents=True, exist_ok=True)
        _report(report, chips, np.random.default_rng(number))
    for name in study.pipeline.searches:
        _search(study.search(name)[0])
    for name in study.pipeline.edges:
        folder, _ = study.edges(name)
        folder.mkdir()
        table = {"columns": ["part", "near", "far"], "rows": [["seen", 0.3, 0.1], ["never seen", 0.2, 0.2]]}
        report_files.write_json(folder / "edges.json", {"text": ["Spots lie at the edge."], "table": table})
        (folder / "edges.png").write_bytes(_png())


def _report(report, chips, rng):
    experiment = report.experiment
    index = chips.index[chips.index["role"] == experiment.inputs.role].reset_index(drop=True)
    split = lookup.function(splits, experiment.split.name, "split")(index, **experiment.split.options)
    parts = {part: index[split == part].reset_index(drop=True) for part in splits.PARTS}
    is_classes = experiment.task == "classification"
    found = {part: (_classes if is_classes else _degrees)(chips, rows, rng) for part, rows in parts.items()}
    summary = {part: _judge(arrays, experiment) for part, arrays in found.items()}
    summary |= {"best_epoch": 3, "classes": ["clear", "need"], "leak": experiment.split.name == "dates"}
    if not is_classes:
        controls = chips.index[chips.index["role"] == "control"].reset_index(drop=True)
        parts["control"], found["control"] = controls, _degrees(chips, controls, rng)
        arrays, labels = found["control"], list(controls["label"])
        summary["controls"] = metrics.controls(arrays["prediction"], arrays["seen"], labels, 0.5)
        rows, test = parts["test"], found["test"]
        summary["regions"] = {
            region: _judge({name: one[(rows["region"] == region).to_numpy()] for name, one in test.items()}, experiment)
            for region in rows["region"].unique()
        }
    for part, arrays in found.items():
        report_files.write_predictions(report.folder, part, parts[part], arrays)
    epochs = np.arange(1, 6)
    history = {"epoch": epochs, "train/loss": 0.5 / epochs, "val/loss": 0.6 / np.minimum(epochs, 3)}
    report_files.write_history(report.folder, pd.DataFrame(history))
    report_files.write_json(report.folder / "summary.json", summary)
    report_files.write_json(report.folder / "run.json", {"machine": MACHINE, "seconds": 90.0})


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


def _judge(arrays, experiment):
    judge = Classification() if experiment.task == "classification" else Segmentation(experiment.metrics.threshold)
    judge.update(arrays["prediction"], arrays["target"], arrays["known"])
    return judge.compute()


def _search(folder):
    folder.mkdir(parents=True, exist_ok=True)
    trials = {"trial": [0, 1, 2], "state": ["complete", "complete", "pruned"], "value": [0.3, 0.2, np.nan]}
    rates = [0.001, 0.0003, 0.01]
    pd.DataFrame(trials | {"optimizer.lr": rates}).to_csv(folder / "trials.csv", index=False)
    best = {"trial": 1, "value": 0.2, "values": {"optimizer.lr": 0.0003}}
    (folder / "tune.json").write_text(json.dumps({"best": best, "mode": "min", "trials": 3}))


def _data(study, chips):
    """What `rojsat.stages.page_data` leaves."""
    study.data.mkdir(parents=True, exist_ok=True)
    if (study.data / "facts.json").exists():
        return
    for name in ("scl_legend", "scl_shares", "stands", "crops", "histogram", "objects_1", "objects_2"):
        (study.data / f"{name}.png").write_bytes(_png())
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
        "scl": dict.fromkeys(("CLOUD_MEDIUM_PROBABILITY", "CLOUD_HIGH_PROBABILITY", "THIN_CIRRUS"), 0.1),
    }
    report_files.write_json(study.data / "facts.json", facts)


def _png():
    buffer = io.BytesIO()
    Figure(figsize=(2, 1)).savefig(buffer, format="png")
    return buffer.getvalue()
