"""Where the experiment's configuration meets the search; below, plain keyword arguments only."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rojsat.config import compose, provenance
from rojsat.config.keys import ConfigError
from rojsat.config.schema import Experiment
from rojsat.search import space
from rojsat.search.space import Range
from rojsat.search.study import Study


@dataclass(frozen=True)
class SearchPlan:
    """What all trials of a search share.

    Attributes:
        experiment: with the values of its file and the command line.
        ranges: what is tried.
        name: of the study: the run's, and a hash of all that decides a trial's value.
        store: the folder of the storage, unless the experiment names another one, and of the locks.
    """

    experiment: Experiment
    ranges: list[Range]
    name: str
    store: Path

    @property
    def metric(self) -> str:
        """The metric as an epoch calls it."""
        return f"val/{self.experiment.tune.metric}"

    @property
    def mlflow_experiment(self) -> str:
        """The name of the MLflow experiment that the search and its trials are recorded in."""
        return f"{self.experiment.data.name} {self.experiment.task}"

    @property
    def storage(self) -> str:
        """The address of the database."""
        return self.experiment.tune.storage or f"sqlite:///{self.store / 'optuna.db'}"

    def best(self, values: Iterable[float]) -> float:
        """The best of the values of a run's epochs, or the last, if `train.keep` keeps not the best; NaN if none is."""
        finite = [value for value in values if math.isfinite(value)]
        if self.experiment.train.keep != "best":
            return finite[-1] if finite else math.nan
        return (max if self.experiment.tune.mode == "max" else min)(finite, default=math.nan)

    def trials(self) -> Study:
        """The study of the trials; the first has the experiment's own values."""
        slots: dict[int, Mapping[str, Any]] = {slot: {} for slot in range(self.experiment.tune.trials)}
        return self._study(self.name, self.ranges, slots | {0: space.start(self.experiment, self.ranges)})

    def seeds(self, best: int) -> Study:
        """The study in which the trial `best` is trained again: a slot a seed, nothing to draw."""
        return self._study(f"{self.name}-best{best}", [], {seed: {} for seed in self.experiment.tune.seeds})

    def _study(self, name: str, ranges: list[Range], slots: Mapping[int, Mapping[str, Any]]) -> Study:
        setting = self.experiment.tune
        return Study(
            self.storage,
            name,
            ranges=ranges,
            slots=slots,
            lock=self.store / ".optuna.lock",
            mode=setting.mode,
            seed=self.experiment.seed,
            startup=setting.pruner.startup,
            warmup=setting.pruner.warmup,
            heartbeat=setting.heartbeat,
            grace=setting.grace,
            retries=setting.retries,
        )


def plan(experiment: Experiment, fingerprint: str, store: Path) -> SearchPlan:
    """Search the search that the experiment asks for.

    Args:
        experiment: composed by `rojsat.config`.
        fingerprint: of all that decides a trial's value besides the search: settings, chips, code.
        store: a folder that is there.

    Raises:
        ValueError: for a space that cannot be searched, or numbers that mean nothing.
    """
    setting, ranges = experiment.tune, space.read(experiment)
    for key, number, minimum in (
        ("trials", setting.trials, 1),
        ("retries", setting.retries, 0),
        ("heartbeat", setting.heartbeat, 1),
    ):
        if number < minimum:
            raise ConfigError(f"tune.{key} is at least {minimum}, not {number}")
    if setting.grace <= setting.heartbeat:
        raise ConfigError(f"tune.grace ({setting.grace} s) must be longer than tune.heartbeat")
    content = [setting.metric, setting.mode, asdict(setting.pruner), *map(repr, ranges)]
    unique = provenance.text_digest(fingerprint, json.dumps(content))[:8]
    return SearchPlan(experiment, ranges, f"{compose.run_name(experiment)}-tune-{unique}", store)
