"""A study in a database that many workers share.

A study has numbered slots, one a trial. A worker claims a slot by the storage's own exchange of WAITING for RUNNING,
which only one can win; when it dies, its signs of life stop, and the slot gets another attempt. So no trial is lost,
none is run twice, and there are exactly as many as were asked for, whoever works where.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
import pandas as pd
from filelock import FileLock
from optuna.exceptions import UpdateFinishedTrialError
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.storages import fail_stale_trials
from optuna.trial import FrozenTrial, TrialState

from rojsat.search.space import Range
from rojsat.search.storage import beating, connect, quiet
from rojsat.search.trial import Pruned, Trial, load, store, suggest

log = logging.getLogger(__name__)
optuna.logging.set_verbosity(optuna.logging.WARNING)

_POLL = 1.0
"""Seconds between two looks at the trials of other workers, when none is left to claim."""


class Study:
    """A study with its slots; see the module."""

    def __init__(
        self,
        url: str,
        name: str,
        *,
        ranges: Sequence[Range],
        slots: Mapping[int, Mapping[str, Any]],
        lock: Path,
        mode: str = "min",
        seed: int = 0,
        startup: int = 5,
        warmup: int = 1,
        heartbeat: int = 10,
        grace: int = 60,
        retries: int = 5,
    ) -> None:
        """Open the study, or make it.

        Args:
            url: of a database, as SQLAlchemy writes it.
            name: studies of one name are one study.
            ranges: what is tried.
            slots: values that a slot must have, by its number; the others of its values are sampled.
            lock: a file; one process of this machine at a time opens a storage or mends it.
            mode: "min" or "max" of the value.
            seed: of the samples; a slot's sample follows from seed, slot and the trials before.
            startup: trials that are never pruned.
            warmup: epochs in which none is pruned.
            heartbeat: seconds between signs of life.
            grace: seconds after which a silent worker counts as dead.
            retries: attempts at a slot after the first one.

        Raises:
            ValueError: a mode or a storage that cannot be.
        """
        if mode not in ("min", "max"):
            raise ValueError(f"tune.mode is min or max, not {mode!r}")
        self._ranges = {bounds.key: bounds for bounds in ranges}
        self.name, self._slots, self._lock = name, slots, FileLock(lock)
        self._seed, self._retries, self._interval = seed, retries, heartbeat
        pruner = optuna.pruners.MedianPruner(n_startup_trials=startup, n_warmup_steps=warmup + 1)  # steps from 1
        with self._lock:  # two processes that create the tables at once ruin them
            self._storage = connect(url, heartbeat, grace)
            direction: Literal["minimize", "maximize"] = "minimize" if mode == "min" else "maximize"
            self._study = optuna.create_study(
                storage=self._storage, study_name=name, direction=direction, pruner=pruner, load_if_exists=True
            )

    @property
    def notes(self) -> dict[str, Any]:
        """The notes of the study."""
        return dict(self._study.user_attrs)

    def note(self, key: str, value: Any) -> None:
        """Keep something with the study."""
        self._study.set_user_attr(key, value)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.done == len(self._slots)

    @property
    def done(self) -> int:
        """How many trials are done, whoever did them."""
        return sum(self._is_done(trial) for trial in self._current().values())

    @property
    def running(self) -> int:
        """How many trials are being run."""
        return sum(trial.state == TrialState.RUNNING for trial in self._current().values())

    def work(self, objective: Callable[[Trial], float], report_done: Callable[[int], object] = lambda _: None) -> None:
        """Run trials until none is left, neither here nor at other workers.

        Whatever ends the objective other than `Pruned` ends the worker, and gives the slot back.

        Args:
            objective: gives a trial's value.
            report_done: called now and then, and at the end, with the number of trials that are done.
        """
        waited = False
        while not self.finished:
            report_done(self.done)
            trial = self._claim()
            if trial is not None:
                self._run(*trial, objective)
                continue
            if not waited:
                log.info("waiting for %d trials of other workers; those that stop go on here", self.running)
            waited = True
            time.sleep(_POLL)
        report_done(self.done)

    def table(self, notes: Sequence[str] = ("run",)) -> pd.DataFrame:
        """All slots: trial, state, value, epochs, attempts, seconds, and a column for each key and note."""
        current = sorted(self._current().items())
        facts = ["trial", "state", "value", "epochs", "attempts", "seconds", *self._ranges]
        noted = ({note: trial.user_attrs.get(note) for note in notes} for _, trial in current)
        rows = [self._row(slot, trial) | own for (slot, trial), own in zip(current, noted, strict=True)]
        return pd.DataFrame(rows, columns=[*facts, *notes])

    def best(self) -> tuple[int, dict[str, Any]]:
        """Slot and values of the best trial.

        Raises:
            ValueError: if no trial came to its end.
        """
        done = {slot: t for slot, t in self._current().items() if t.state == TrialState.COMPLETE}
        if not done:
            raise ValueError(f"no trial of {self.name} came to its end; widen or move tune.space")
        sign = 1 if self._study.direction == optuna.study.StudyDirection.MINIMIZE else -1
        slot = min(done, key=lambda number: (sign * float(done[number].value or 0.0), number))
        return slot, self._values(done[slot])

    def importance(self) -> dict[str, float]:
        """Share of each key in the variance of the value (fANOVA), the largest first; empty if it is undefined."""
        complete = [trial for trial in self._current().values() if trial.state == TrialState.COMPLETE]
        if len({trial.value for trial in complete}) < 2 or len(self._ranges) < 2:
            return {}
        keys = list(self._ranges)
        return dict(
            get_param_importances(self._study, evaluator=FanovaImportanceEvaluator(seed=self._seed), params=keys)
        )

    def _current(self) -> dict[int, FrozenTrial]:
        """The attempt that counts, by slot: the last, and of two alike the one that was first in the storage."""
        current: dict[int, FrozenTrial] = {}
        for trial in self._study.get_trials(deepcopy=False):
            slot = trial.user_attrs["slot"]
            if slot in self._slots and (slot not in current or _attempt(trial) > _attempt(current[slot])):
                current[slot] = trial
        return current

    def _is_done(self, trial: FrozenTrial) -> bool:
        return trial.state.is_finished() and not self._is_lost(trial)

    def _is_lost(self, trial: FrozenTrial) -> bool:
        """Whether the trial's worker died or failed and there is another attempt to come."""
        return trial.state == TrialState.FAIL and _attempt(trial) < self._retries

    def _mend(self) -> None:
        """Give a waiting trial to each slot that has none, and to those whose worker died."""
        with self._lock:
            with quiet():
                fail_stale_trials(self._study)
            current = self._current()
            for slot, fixed in self._slots.items():
                trial = current.get(slot)
                if trial is None:
                    own = {key: store(bounds, fixed[key]) for key, bounds in self._ranges.items() if key in fixed}
                    self._queue(own, slot)
                elif self._is_lost(trial):
                    log.info("trial %d was interrupted: taken up again", slot)
                    kept = {key: value for key, value in trial.user_attrs.items() if key not in ("slot", "attempt")}
                    self._queue(trial.params, slot, _attempt(trial) + 1, kept)

    def _queue(
        self, values: dict[str, Any], slot: int, attempt: int = 0, notes: Mapping[str, Any] | None = None
    ) -> None:
        self._study.enqueue_trial(values, user_attrs={**(notes or {}), "slot": slot, "attempt": attempt})

    def _claim(self) -> tuple[int, FrozenTrial] | None:
        """Claim a waiting trial: its id in the storage and what was known of it."""
        self._mend()
        study = self._storage.get_study_id_from_name(self.name)
        for _, trial in sorted(self._current().items()):
            if trial.state == TrialState.WAITING:
                number = self._storage.get_trial_id_from_study_id_trial_number(study, trial.number)
                self._storage.record_heartbeat(number)  # first: a trial without any would never count as dead
                try:
                    if self._storage.set_trial_state_values(number, TrialState.RUNNING):
                        return number, trial
                except UpdateFinishedTrialError:
                    continue
        return None

    def _run(self, number: int, claimed: FrozenTrial, objective: Callable[[Trial], float]) -> None:
        """Run a claimed trial, and tell the storage what came of it."""
        slot = claimed.user_attrs["slot"]
        drawn = np.random.SeedSequence([self._seed, slot]).generate_state(1)
        self._study.sampler = optuna.samplers.TPESampler(seed=int(drawn[0]))  # one seed for all would repeat itself
        live = optuna.Trial(self._study, number)
        state, value = TrialState.FAIL, None
        with beating(self._storage, number, self._interval):
            try:
                values = {key: suggest(live, bounds) for key, bounds in self._ranges.items()}
                value = objective(Trial(slot, values, dict(claimed.user_attrs), live))
                state = TrialState.COMPLETE if np.isfinite(value) else TrialState.PRUNED
            except Pruned:
                state = TrialState.PRUNED
            except UpdateFinishedTrialError:
                log.warning("trial %d was silent for too long and went to another worker; left to it", slot)
            finally:
                kept = value if state == TrialState.COMPLETE else None
                self._study.tell(live, kept, state=state, skip_if_finished=True)

    def _values(self, trial: FrozenTrial) -> dict[str, Any]:
        return {key: load(bounds, trial.params[key]) for key, bounds in self._ranges.items() if key in trial.params}

    def _row(self, slot: int, trial: FrozenTrial) -> dict[str, Any]:
        return {
            "trial": slot,
            "state": "open" if self._is_lost(trial) else trial.state.name.lower(),
            "value": trial.value if trial.state == TrialState.COMPLETE else None,
            "epochs": trial.last_step,
            "attempts": _attempt(trial) + 1,
            "seconds": None if trial.duration is None else trial.duration.total_seconds(),
        } | self._values(trial)


def _attempt(trial: FrozenTrial) -> int:
    return int(trial.user_attrs["attempt"])
