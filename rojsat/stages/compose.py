"""Write each experiment and data set of the pipeline as one complete file, `data/experiments/<name>.yaml`.

A stage that depends on such a file runs again when a value changes that decides its result, not when a comment does.
"""

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import yaml

from rojsat.config import command, compose, decides, metric_names, pipeline
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError
from rojsat.config.pipeline import Pipeline
from rojsat.config.schema import Experiment

COMMAND = Command("rojsat.stages.compose", __doc__, "", "[dry=true]")

SIZE = "quick"
"""The size that `dvc.yaml` makes."""


def run() -> None:
    """Write `data/experiments/`; a file whose content stays keeps its bytes."""
    folder = compose.ROOT / "data" / "experiments"
    contents = dict(files(pipeline.read(SIZE)))
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in contents.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    print(f"{len(contents)} files in {folder}")


def files(listed: Pipeline) -> Iterator[tuple[str, str]]:
    """Names and contents of all files."""
    for name, training in listed.runs.items():
        experiment = compose.load(training.experiment, training.overrides)
        headline = {"headline": list(metric_names.HEADLINE[experiment.task])}  # what its metrics.json holds
        yield name, _yaml(decides.results(experiment) | headline)
    for name, evaluation in listed.evaluations.items():
        experiment = compose.load(evaluation.experiment, evaluation.overrides)
        seeds_and_folds = [word for word in evaluation.words if word not in evaluation.overrides]
        yield f"evaluations/{name}", _yaml(decides.results(experiment) | {"words": seeds_and_folds})
    for name, words in listed.searches.items():
        experiment = compose.load(name, words.split())
        yield f"searches/{name}", _yaml(decides.results(experiment) | decides.search(experiment))
    for name in listed.data:
        data = compose.load("default", [f"data={name}"]).data
        yield (
            f"data/{name}",
            _yaml({key: value for key, value in asdict(data).items() if key not in ("root", "store", "if_changed")}),
        )


def text(experiment: Experiment) -> str:
    """What decides the result of an experiment, as YAML: no comments, keys in the order of the alphabet."""
    return _yaml(decides.results(experiment))


def _yaml(content: dict[str, Any]) -> str:
    return str(yaml.safe_dump(content, sort_keys=True, allow_unicode=True))


def main(words: list[str], dry: bool = False) -> None:
    """Write all files; `dry=true` prints their names alone."""
    plain, _ = command.split(words, COMMAND)
    if plain:
        raise ConfigError(f"it takes no words but dry=true, not {' '.join(plain)}")
    if dry:
        print("\n".join(name for name, _ in files(pipeline.read(SIZE))))
    else:
        run()


if __name__ == "__main__":
    command.start(main, COMMAND)
