"""What a training run tells MLflow: its name, tags, parameters, epochs, pictures, description and model."""

import json
import resource
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.chips import degree_scale
from rojsat.config import compose, decides, keep_models, provenance, recipes
from rojsat.config.schema import Experiment
from rojsat.evaluation import reading_table, report_files, run_block, run_columns
from rojsat.learn.assembly import Assembled
from rojsat.learn.training import Epoch
from rojsat.stages import _map_card, _pictures
from rojsat.stages._pictures import Sample
from rojsat.tracking import recorder, registry
from rojsat.tracking.links import Run

PICTURE = "val/prediction"
"""Key of the pictures: image, mask and prediction of a few validation chips."""


def start(assembled: Assembled, state: Path, parent: str | None, name: str | None = None) -> Run:
    """Start the MLflow run, or go on with the one whose checkpoint lies in `state`; its name is the experiment's."""
    experiment, path = assembled.settings, state / "run.json"
    before = json.loads(path.read_text())["run"] if path.exists() else None
    settings = decides.parameters(experiment)
    marks = tags(assembled) | (recorder.WITH_IMAGES if experiment.tracking.images else {})
    marks["clean"] = str(name is None and not assembled.data.audit.leaks).lower()  # a fold has a name of its own
    own_name = name or compose.run_name(experiment)
    run = recorder.start(experiment.task, own_name, marks, settings, resume=before, parent=parent)
    report_files.write_json(path, {"run": run.id})
    chip_folder = recipes.shown(recipes.folder("chips", experiment))
    recorder.log_data(run, experiment.data.name, assembled.data.source.chips.digest, chip_folder, "chips")
    recorder.log_text(run, compose.written(experiment), "experiment.yaml")
    audit = asdict(assembled.data.audit) | {"verdict": str(assembled.data.audit)}
    recorder.log_text(run, json.dumps(audit, indent=1), "split/audit.json")
    recorder.log_text(run, split_table(assembled), "split/parts.csv")
    return run


def split_table(assembled: Assembled) -> str:
    """The part of every chip, as CSV."""
    return assembled.data.split_table()


def split_digest(assembled: Assembled) -> str:
    """SHA-256 of the part of every chip."""
    return provenance.text_digest(split_table(assembled))


def tags(assembled: Assembled) -> dict[str, str]:
    """What a reader of the run table filters by."""
    experiment, split = assembled.settings, assembled.data.split
    tested = sorted(set(split.loc[split["part"] == "test", "region"].astype(str)))
    return {
        "tested on": run_columns.tested_on(tested, experiment.task),
        "exp": experiment.exp,
        "variant": experiment.variant,
        "stage": "train",
        "model": experiment.model.name,
        "channels": ", ".join(experiment.inputs.channels),
        **({"features": ", ".join(features)} if (features := experiment.inputs.features) != ["channels"] else {}),
        "loss": experiment.loss.name,
        "weights": str(experiment.model.weights or "from scratch"),
        "split": experiment.split.name,
        "leak": str(bool(assembled.data.audit.leaks)).lower(),
        "data": experiment.data.name,
        "data digest": assembled.data.source.chips.digest[:12],
        "split digest": split_digest(assembled)[:12],
        "size": experiment.size,
        "commit": provenance.commit(compose.ROOT),
        "dirty": str(provenance.is_dirty(compose.ROOT)).lower(),
        **_scale_tags(assembled),
    }


def _scale_tags(assembled: Assembled) -> dict[str, str]:
    """The regions that decide what degree 1 is, and how it differs from that of all; none without GPS labels."""
    scale, source = assembled.data.scale, assembled.data.source
    if scale is not None:
        return {"degree scale": degree_scale.TRAINING_REGIONS, "degree scale factor": f"{scale.factor:.6g}"}
    return {"degree scale": degree_scale.ALL_REGIONS} if source.threshold_regions(None) else {}


def untrained(run: Run, assembled: Assembled, sample: Sample) -> None:
    """Record the picture before the first epoch: the UI's slider starts there."""
    if assembled.settings.tracking.images and assembled.learner.predicts_untrained:
        recorder.log_image(run, sample.draw(assembled), PICTURE, 0)


def epoch(run: Run, passed: Epoch, assembled: Assembled, sample: Sample) -> None:
    """Record an epoch: all its numbers in one batch, and now and then a picture."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    system = {
        "system/seconds": passed.seconds,
        "system/samples_per_second": assembled.data.samples["train"].draws / passed.seconds,
        "system/peak_memory_gib": memory / 2**30,
    }
    recorder.log_metrics(run, passed.metrics | system | passed.rates, passed.number)
    if assembled.settings.tracking.images and _pictures.is_shown(passed.number):
        recorder.log_image(run, sample.draw(assembled), PICTURE, passed.number)


def outcome(
    run: Run, assembled: Assembled, history: pd.DataFrame, summary: Mapping[str, Any], sample: Sample, note: str
) -> None:
    """Record what came of a finished training: metrics, description, picture of the best epoch.

    Args:
        run: the run.
        assembled: the trained experiment.
        history: one row an epoch.
        summary: what `summary.json` holds.
        sample: the chips of the pictures.
        note: its description, Markdown.
    """
    row, monitor = history[history["best"]].iloc[-1], f"val/{assembled.settings.train.monitor}"
    scores = {f"test/{name}": value for name, value in summary["test"].items()}
    task, reads = assembled.settings.task, summary.get("reads")
    if reads is not None:
        metric = reading_table.first_metric(reads, task)
        scores |= {f"reads/{name}_{metric}": values[metric] for name, values in reading_table.by_name(reads).items()}
    if run_block.has_clear_controls(summary):
        scores["controls/false_positive_rate"] = summary["controls"]["false_positive_rate"]
    if monitor in row:
        scores[monitor.replace("/", "/kept_")] = float(row[monitor])
    compared, best = summary["gain"]["metric"], summary["best_without_image"]
    scores |= {f"test/{name}": value for name, value in run_columns.above_baselines(summary).items()}
    scores["test/gain"] = summary["gain"]["value"]
    scores[f"test/best_without_image_{compared}"] = summary["without_image"][best][compared]
    recorder.log_metrics(run, run_columns.rounded(scores))  # at step 0: single values are drawn as bars
    beats = {True: "true", False: "false", None: "open"}[summary["beats"]]
    recorder.tag(run, {"mlflow.note.content": note, "beats": beats})
    if assembled.settings.tracking.images:
        recorder.log_image(run, sample.draw(assembled), PICTURE, summary["best_epoch"])


def registered(experiment: Experiment) -> str:
    """The name under which models of the experiment's data set and task are registered.

    A segmenter of classes gives a probability, no degree: the two are not compared.
    """
    if experiment.task == "segmentation" and experiment.model.outputs > 1:
        return f"{experiment.data.name}-{experiment.task}-classes"
    return f"{experiment.data.name}-{experiment.task}"


def is_registered(experiment: Experiment) -> bool:
    """Whether the model of a run of the experiment is registered: not one that reads the features of an encoder."""
    return experiment.tracking.keep_models != keep_models.NONE and experiment.inputs.features == ["channels"]


def _version_tags(assembled: Assembled, summary: Mapping[str, Any]) -> dict[str, str]:
    """What the page of a version of the registered model shows."""
    digests = {"data digest": assembled.data.source.chips.digest, "split digest": split_digest(assembled)}
    first = {"run name": compose.run_name(assembled.settings)}
    first |= {key: value for key, value in tags(assembled).items() if key in ("tested on", "leak")}
    return first | run_columns.of_version(summary) | digests


def model(run: Run, assembled: Assembled, summary: Mapping[str, Any], note: str) -> None:
    """Record the model, once, and register it with what `summary.json` holds of it, described by `note`, Markdown.

    Nothing is recorded where none is to be kept.
    """
    experiment = assembled.settings
    if not is_registered(experiment):
        return
    test = report_files.read_predictions(compose.report_folder(experiment), "test")
    about = assembled.description() | {_map_card.KEY: _map_card.facts(assembled, summary, test)}
    with tempfile.TemporaryDirectory() as folder:
        file, saved = Path(folder) / "model.pt2", Path(folder) / "saved"
        exported, example = assembled.export(file), assembled.data.example()
        registry.save(saved, exported.kind, file, exported.settings, example, exported.shape, about)
        facts, keep = _version_tags(assembled, summary), experiment.tracking.keep_models
        recorder.log_model(run, saved, registered(experiment), facts, note, keep=keep)
