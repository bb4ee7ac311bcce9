"""Models that were fitted elsewhere in the place of those that folds train. Private to `evaluate`."""

import time
from pathlib import Path
from typing import Any

import torch

from rojsat.chips.reader import Chips
from rojsat.config import compose, foreign_models, provenance
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.learn import assembly, foreign, gain_summary, machine, onnx_model
from rojsat.learn.foreign import ForeignEvaluation, Predict
from rojsat.learn.inference import Evaluation
from rojsat.search.folds import FoldPlan
from rojsat.tracking import pyfunc, recorder
from rojsat.tracking.links import Run


def identity(address: str, *, trust: bool) -> str:
    """What tells the model at an address from another one there.

    Raises:
        ValueError: if there is none, or none that is trusted.
    """
    foreign_models.check(address, recorder.STORE, trust=trust)
    return pyfunc.identity(address) if foreign_models.is_uri(address) else foreign_models.digest(address)


def load(plan: FoldPlan, chips: Chips) -> Predict | None:
    """The model of an evaluation that trains none; None of one that trains.

    Raises:
        ValueError: if it cannot be loaded, or takes or gives something else than the experiment has.
    """
    address, experiment = plan.experiment.evaluate.model, plan.settings(0, plan.seeds[0])
    if address is None:
        return None
    channels = assembly.source(experiment, chips).inputs
    if foreign_models.is_onnx(address):
        predict = onnx_model.load(Path(address), channels, experiment.model.outputs)
    else:
        predict = pyfunc.load(address, channels, trust=plan.experiment.evaluate.trust)
    foreign.try_out(predict, experiment, chips)
    return predict


def evaluate(predict: Predict, settings: Experiment, chips: Chips, parent: Run, folder: Path) -> None:
    """Evaluate a model on the test part of a fold, and leave the report that a training would."""
    start = time.perf_counter()
    evaluated = foreign.evaluate(predict, settings, chips)
    folder.mkdir(parents=True, exist_ok=True)
    others = {f"test_{name}": other for name, other in evaluated.without_image.items()}
    for part, evaluation in ({"test": evaluated.test} | others).items():
        report_files.write_predictions(folder, part, evaluation.rows, _arrays(evaluation))
    report_files.write_json(folder / report_files.SUMMARY, _summary(evaluated, settings))
    report_files.write_json(
        folder / "run.json",
        provenance.record(compose.ROOT)
        | {
            "run": parent.id,
            "data": chips.digest,
            "split": provenance.text_digest(evaluated.data.split_table()),
            "machine": machine.name(torch.device("cpu")),
            "seconds": round(time.perf_counter() - start, 1),
        },
    )


def _arrays(evaluation: Evaluation) -> dict[str, Any]:
    predictions = gain_summary.predictions(evaluation)
    return {name: getattr(predictions, name) for name in ("prediction", "target", "known", "seen")}


def _summary(evaluated: ForeignEvaluation, settings: Experiment) -> dict[str, Any]:
    """What `summary.json` holds; `leak` is not known: nobody here saw what the model was fitted to."""
    address, threshold = settings.evaluate.model or "", settings.metrics.threshold
    content = {
        "model": foreign_models.name(address),
        "fitted": foreign_models.FITTED,
        "channels": ", ".join(settings.inputs.channels),
        "frame": settings.inputs.frame,
        "leak": None,
        "size": settings.size,
        "split": settings.split.name,
        "task": settings.task,
        "test": evaluated.test.metrics,
    }
    return content | gain_summary.summary(evaluated.test, evaluated.without_image, settings.task, threshold)
