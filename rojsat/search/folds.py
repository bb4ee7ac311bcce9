"""Where an evaluation over folds meets the storage that workers share: every fold with every seed is a slot."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.chips import change_pairs, part_labels, splits, stand_parts
from rojsat.chips.reader import Chips
from rojsat.config import all_dates, compose, date_words, lookup
from rojsat.config.keys import ConfigError
from rojsat.config.schema import Experiment
from rojsat.search.study import Study


@dataclass(frozen=True)
class FoldPlan:
    """What all folds of an evaluation share.

    Attributes:
        experiment: as it was asked for.
        split: the name of the split.
        options: of the split, without the fold.
        folds: how many it has.
        name: of the study: the evaluation's, and a hash of all that decides a fold's result.
        store: the folder of the storage, unless the experiment names another one, and of the locks.
    """

    experiment: Experiment
    split: str
    options: Mapping[str, Any]
    folds: int
    name: str
    store: Path

    @property
    def folder(self) -> Path:
        """Of the report."""
        return compose.evaluation_folder(self.experiment)

    @property
    def seeds(self) -> list[int]:
        """Of the trainings; a model that was fitted elsewhere has one row of results, under the first."""
        seeds = [int(seed) for seed in self.experiment.evaluate.seeds]
        return seeds[:1] if self.experiment.evaluate.model else seeds

    @property
    def storage(self) -> str:
        """The address of the database."""
        return self.experiment.tune.storage or f"sqlite:///{self.store / 'optuna.db'}"

    def fold_and_seed(self, slot: int) -> tuple[int, int]:
        """The fold and the seed of a slot; more seeds leave the slots of the others as they are."""
        return slot % self.folds, slot // self.folds

    def settings(self, fold: int, seed: int) -> Experiment:
        """The experiment that one fold is trained as."""
        return with_split(self.experiment, self.split, self.options, fold, seed)

    def study(self) -> Study:
        """The study whose slots are the folds with their seeds."""
        setting = self.experiment.tune
        slots: dict[int, dict[str, Any]] = {
            seed * self.folds + fold: {} for seed in self.seeds for fold in range(self.folds)
        }
        return Study(
            self.storage,
            self.name,
            ranges=[],
            slots=slots,
            lock=self.store / ".optuna.lock",
            heartbeat=setting.heartbeat,
            grace=setting.grace,
            retries=setting.retries,
        )


def with_split(experiment: Experiment, split: str, options: Mapping[str, Any], fold: int, seed: int) -> Experiment:
    """The experiment with one fold of a split, and a seed."""
    own = {**options, "fold": fold} if splits.has_folds(split) else dict(options)
    return compose.with_values(experiment, {"split.name": split, "split.options": own, "seed": seed})


def chosen_split(experiment: Experiment) -> tuple[str, dict[str, Any]]:
    """Name and options of the split whose folds are asked for, without the fold.

    Raises:
        ConfigError: options, seeds or jobs that cannot be.
        rojsat.config.lookup.UnknownNameError: no such split, or it has no such option.
    """
    setting = experiment.evaluate
    name = setting.folds or experiment.split.name
    function = lookup.function(splits, name, "split (evaluate.folds)")
    own = experiment.split.options if name == experiment.split.name else {}
    options = {key: value for key, value in own.items() if key != "fold"} | setting.fold_options
    if "fold" in setting.fold_options:
        raise ConfigError(
            "evaluate.fold_options has no fold: all are trained; rojsat.run trains one (split.options.fold)"
        )
    lookup.bind(function, options, f"split {name}")
    if not setting.seeds or len(set(setting.seeds)) < len(setting.seeds) or min(setting.seeds) < 0:
        raise ConfigError(f"evaluate.seeds={list(setting.seeds)} must be different numbers from 0, at least one")
    if setting.jobs < 1:
        raise ConfigError(f"evaluate.jobs is at least 1, not {setting.jobs}")
    return name, options


def samples(experiment: Experiment, chips: Chips) -> pd.DataFrame:
    """The chips that the split of an experiment is given: those of all dates where several are stacked.

    Of a region with all its dates in one sample ([all]) the newest chip of each window.

    Raises:
        rojsat.config.lookup.UnknownNameError: the store has no such role or channel.
    """
    inputs = experiment.inputs
    if inputs.role not in chips.roles:
        raise lookup.unknown("role of chips", inputs.role, chips.roles)
    rows = chips.rows(inputs.role, chips.expand(inputs.role, inputs.channels))
    if inputs.dates is None:
        return rows
    if all_dates.is_asked(inputs.dates):
        return rows.drop_duplicates(["region", "row", "col"], keep="last").reset_index(drop=True)
    if date_words.is_pair(inputs.dates):
        after = [last for _, last in change_pairs.of_pairs(rows)]
        return change_pairs.labelled(rows[rows["chip"].isin(after)].reset_index(drop=True))
    needed = set(inputs.dates)
    window = rows[["region", "row", "col"]].astype(str).agg("/".join, axis=1)
    complete = rows.groupby(window)["date"].agg(lambda dates: needed <= set(dates))
    return rows[window.map(complete)]


def count(experiment: Experiment, chips: Chips) -> int:
    """How many folds the chosen split has for the chips of the experiment.

    Raises:
        ValueError: if its first fold cannot be, or one of them has stands of one class to train on.
    """
    name, options = chosen_split(experiment)
    rows = stand_parts.together(samples(experiment, chips))
    folds = splits.folds_of(name, rows, options)
    for fold in range(folds if experiment.task == "classification" else 1):
        own = {**options, "fold": fold} if splits.has_folds(name) else options
        parts = getattr(splits, name)(rows, **own)
        if experiment.task == "classification":
            part_labels.check_classes(rows["region"], parts, rows["label"], f" of fold {fold} of {name}")
    return folds
