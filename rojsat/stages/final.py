"""Train the final model: on all regions, as long as an evaluation over folds showed to be best, and register it.

Nothing is left to test it on. What to expect of it is its evaluation over folds, which must be finished before, and
which its record names. Leaves `reports/final/<name>/final.json`; the model is in MLflow, by a name of its own.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rojsat.config import command, compose, decides, lazy, progress, provenance, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment

if TYPE_CHECKING:
    import filelock

    from rojsat.chips import reader
    from rojsat.evaluation import gain, kept_evaluations, pooling, report_files
    from rojsat.learn import assembly, final_model, machine, training_options
    from rojsat.learn.assembly import Assembled
    from rojsat.stages import _recording, train
    from rojsat.tracking import recorder, registry
    from rojsat.tracking.links import Run
else:
    filelock = lazy.module("filelock")
    reader = lazy.module("rojsat.chips.reader")
    gain, kept_evaluations = lazy.module("rojsat.evaluation.gain"), lazy.module("rojsat.evaluation.kept_evaluations")
    pooling, report_files = lazy.module("rojsat.evaluation.pooling"), lazy.module("rojsat.evaluation.report_files")
    assembly, final_model = lazy.module("rojsat.learn.assembly"), lazy.module("rojsat.learn.final_model")
    machine, training_options = lazy.module("rojsat.learn.machine"), lazy.module("rojsat.learn.training_options")
    _recording, train = lazy.module("rojsat.stages._recording"), lazy.module("rojsat.stages.train")
    recorder, registry = lazy.module("rojsat.tracking.recorder"), lazy.module("rojsat.tracking.registry")

COMMAND = Command(
    "rojsat.stages.final",
    __doc__,
    "exp=unet folds=k_fold_regions\nexp=unet variant=boosting folds=k_fold_regions seeds=0",
    short=command.OF_EVALUATION,
)

FINAL = "final.json"

TESTED_ON = "nothing"
"""Tag of a final model's run and version."""


def run(experiment: Experiment) -> None:
    """Train and record the final model of an experiment that has been evaluated over folds.

    Raises:
        ValueError: without such an evaluation, or for a model that was fitted elsewhere.
    """
    evaluation = _evaluation(experiment)
    best = _kept_epochs(compose.evaluation_folder(experiment))
    progress.doing("reads the chips")
    assembled = assembly.assemble(experiment, reader.Chips(recipes.folder("chips", experiment)), everything=True)
    stop = final_model.epochs(best, experiment.train.keep, assembled.learner.epochs)
    content = _content(assembled, evaluation, stop)
    print(f"{content['name']}: {content['words']}", flush=True)
    unique = train.fingerprint(experiment, assembled.data.source.chips)[:12]
    state = recorder.STORE / "checkpoints" / f"{content['name']}-{unique}-{stop}"
    state.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(state.with_suffix(".lock"), timeout=0):
            content["run"] = _train(assembled, state, content, stop).id
            shutil.rmtree(state)
    except filelock.Timeout as error:
        raise ValueError(f"another process trains {content['name']} with these very settings; wait for it") from error
    folder = compose.ROOT / "reports" / "final" / content["name"]
    folder.mkdir(parents=True, exist_ok=True)
    report_files.write_json(folder / FINAL, content)
    print(f"registered as {content['model']}; {folder.relative_to(compose.ROOT) / FINAL}")


def _evaluation(experiment: Experiment) -> dict[str, Any]:
    """The finished evaluation of these very settings over folds."""
    path = compose.evaluation_folder(experiment) / kept_evaluations.EVALUATION
    words = f"python -m rojsat.evaluate exp={experiment.exp} with the same words makes it"
    if experiment.evaluate.model is not None:
        raise ValueError("evaluate.model: a model that was fitted elsewhere is not trained here; leave it out")
    if not _recording.is_registered(experiment):
        raise ValueError("tracking.keep_models=none registers no model, and a final model is nothing else")
    if not path.exists():
        raise ValueError(f"{path.relative_to(compose.ROOT)} is missing: a final model needs its evaluation; {words}")
    content: dict[str, Any] = json.loads(path.read_text())
    if content.get("settings_digest") != decides.digest_without_split(experiment):
        raise ValueError(f"{path.relative_to(compose.ROOT)} is of other settings; {words}")
    return content


def _kept_epochs(folder: Path) -> list[int]:
    """The epoch that each fold with each seed kept."""
    summaries = sorted(folder.glob(f"folds/*/{report_files.SUMMARY}"))
    if not summaries:
        raise ValueError(f"{folder.relative_to(compose.ROOT)}/folds has no fold: the evaluation was made elsewhere")
    return [json.loads(path.read_text())["best_epoch"] for path in summaries]


def _content(assembled: Assembled, evaluation: Mapping[str, Any], stop: int) -> dict[str, Any]:
    """What `final.json` holds, but for the run."""
    experiment, index = assembled.settings, assembled.data.split
    regions = int(index["region"].nunique())
    expected = gain.words(pooling.summary(evaluation))
    return {
        "name": f"{compose.run_name(experiment)}_final",
        "model": f"{_recording.registered(experiment)}-final",
        "evaluation": evaluation["name"],
        "words": (
            f"trained on all {regions} regions, {stop} of {assembled.learner.epochs} epochs; tested on nothing. Its "
            f"evaluation is that of the folds, {evaluation['name']}, of models that were trained on fewer regions: "
            f"{expected}"
        ),
        "tested_on": TESTED_ON,
        "regions": regions,
        "chips": len(index),
        "epochs": stop,
        "data": assembled.data.source.chips.digest,
        "commit": provenance.commit(compose.ROOT),
        "machine": machine.name(assembled.device),
    }


def _train(assembled: Assembled, state: Path, content: Mapping[str, Any], stop: int) -> Run:
    """Train, record every epoch, then the model."""
    before = state / "run.json"
    resumed = json.loads(before.read_text())["run"] if before.exists() else None
    marks = _recording.tags(assembled) | {"stage": "final", "tested on": TESTED_ON, "clean": "false"}
    marks |= {"evaluation": content["evaluation"], "mlflow.note.content": content["words"]}
    settings, task = decides.parameters(assembled.settings), assembled.settings.task
    run = recorder.start(task, content["name"], marks, settings, resume=resumed)
    report_files.write_json(before, {"run": run.id})
    status, recorded = "FAILED", recorder.last_step(run, "system/seconds")
    try:
        keep = training_options.keep(assembled.settings.train)
        samples = assembled.data.samples["train"]
        for epoch in final_model.fit(assembled.learner, samples, state, stop=stop, keep=keep):
            if epoch.number > recorded:
                metrics = epoch.metrics | epoch.rates | {"system/seconds": epoch.seconds}
                recorder.log_metrics(run, metrics, epoch.number)
        _record_model(run, assembled, content)
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        recorder.finish(run, status)
    return run


def _record_model(run: Run, assembled: Assembled, content: Mapping[str, Any]) -> None:
    """Register the model by a name of its own: it has no test part by which it could be promoted."""
    facts = {"run name": content["name"], "tested on": TESTED_ON, "evaluation": content["evaluation"]}
    facts["data digest"] = content["data"]
    keep = assembled.settings.tracking.keep_models
    with tempfile.TemporaryDirectory() as folder:
        file, saved = Path(folder) / "model.pt2", Path(folder) / "saved"
        exported, example = assembled.export(file), assembled.data.example()
        about = assembled.description()
        registry.save(saved, exported.kind, file, exported.settings, example, exported.shape, about)
        recorder.log_model(run, saved, content["model"], facts, content["words"], keep=keep)


def main() -> None:
    """Run the command line of this process."""
    command.execute(run, COMMAND)


if __name__ == "__main__":
    main()
