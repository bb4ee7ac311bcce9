"""The storage of a search and its workers, on objectives that cost nothing."""

import math
import signal

import optuna
import pytest

from rojsat.search.space import Range
from rojsat.search.study import Study
from rojsat.search.trial import Pruned
from tests.support.postgres import server as postgres
from tests.support.warm import Child

pytestmark = pytest.mark.slow

RATE = Range("lr", 1e-5, 1e-2, log=True)
RANGES = [RATE, Range("depth", 1, 4), Range("channels", choices=("tci", ["tci", "s2"]))]


def study(folder, trials=6, **more):
    url = more.pop("url", f"sqlite:///{folder / 'optuna.db'}")
    slots = {slot: {} for slot in range(trials)} | {0: {"lr": 1e-4}}
    return Study(url, "toy", ranges=RANGES, slots=slots, lock=folder / "lock", heartbeat=1, grace=3, **more)


def distance(trial):
    return abs(math.log10(trial.values["lr"]) + 3)


def test_there_are_exactly_as_many_trials_as_asked_for_and_the_first_is_the_own_one(tmp_path):
    search = study(tmp_path)
    search.work(distance)
    table = search.table()
    assert list(table["trial"]) == [0, 1, 2, 3, 4, 5]
    assert set(table["state"]) == {"complete"}
    assert table["lr"][0] == 1e-4
    assert table["lr"].between(1e-5, 1e-2).all()
    assert set(table["depth"]) <= {1, 2, 3, 4}
    assert all(channels in ("tci", ["tci", "s2"]) for channels in table["channels"])


def test_a_finished_study_does_nothing(tmp_path):
    study(tmp_path, 2).work(distance)
    again = study(tmp_path, 2)
    assert again.finished
    again.work(lambda trial: pytest.fail("a trial too many"))


def test_a_stopped_study_goes_on_to_the_samples_of_an_uninterrupted_one(tmp_path):
    (tmp_path / "uninterrupted").mkdir()
    uninterrupted = study(tmp_path / "uninterrupted")
    uninterrupted.work(distance)
    study(tmp_path, 3).work(distance)
    resumed = study(tmp_path)
    resumed.work(distance)
    assert list(resumed.table()["lr"]) == list(uninterrupted.table()["lr"])
    assert resumed.table()["lr"].is_unique


@pytest.mark.parametrize(("mode", "best"), [("min", min), ("max", max)])
def test_the_best_is_the_best(tmp_path, mode, best):
    search = study(tmp_path, mode=mode)
    search.work(distance)
    table = search.table().set_index("trial")
    slot, values = search.best()
    assert table["value"][slot] == best(table["value"])
    assert values["lr"] == table["lr"][slot]


def test_importance_finds_the_key_that_counts(tmp_path):
    search = study(tmp_path, 12)
    search.work(distance)
    shares = search.importance()
    assert next(iter(shares)) == "lr"
    assert sum(shares.values()) == pytest.approx(1)


def test_a_bad_trial_is_given_up_but_not_after_its_last_epoch(tmp_path):
    def epochs(trial):
        value = 0.0 if trial.slot < 3 else 1.0
        for epoch in (1, 2, 3):
            trial.report(epoch, value, last=epoch == 3 or trial.slot == 4)
        return value

    search = study(tmp_path, 5, startup=3, warmup=1)
    search.work(epochs)
    table = search.table()
    assert list(table["state"]) == ["complete"] * 3 + ["pruned", "complete"]
    assert table["epochs"][3] == 2
    assert search.best()[0] == 0


def test_a_trial_without_a_value_is_given_up_and_none_is_best(tmp_path):
    search = study(tmp_path, 1)
    search.work(lambda trial: math.nan)
    assert list(search.table()["state"]) == ["pruned"]
    with pytest.raises(ValueError, match="no trial"):
        search.best()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_ends_a_worker_gives_its_trial_back_with_its_values_and_notes(tmp_path, error):
    interrupted = []

    def broken(trial):
        interrupted.append(trial.values)
        trial.note("run", "abc")
        raise error("stop")

    with pytest.raises(error):
        study(tmp_path, 2).work(broken)
    resumed = []
    search = study(tmp_path, 2)
    assert search.table()["state"][0] == "open"
    search.work(lambda trial: resumed.append((trial.values, trial.notes.get("run"))) or 1.0)
    assert resumed[0] == (interrupted[0], "abc")
    assert list(search.table()["attempts"]) == [2, 1]


@pytest.mark.parametrize("report", [True, False])
def test_what_a_worker_reports_of_a_trial_that_was_taken_from_it_counts_no_more(tmp_path, report):
    attempts = []

    def slow(trial):
        attempts.append(trial.slot)
        if len(attempts) == 1:
            other_worker = optuna.load_study(study_name="toy", storage=f"sqlite:///{tmp_path / 'optuna.db'}")
            other_worker.tell(0, state=optuna.trial.TrialState.FAIL)
            if report:
                trial.report(1, 0.0)
        return float(len(attempts))

    search = study(tmp_path, 1)
    search.work(slow)
    assert attempts == [0, 0]
    assert search.table()["value"][0] == 2


def test_a_trial_that_ends_every_worker_is_given_up_in_the_end(tmp_path):
    def broken(trial):
        raise ValueError("no")

    for _ in range(3):
        with pytest.raises(ValueError, match="no"):
            study(tmp_path, 1, retries=2).work(broken)
    assert study(tmp_path, 1, retries=2).finished


def test_pruned_trials_count(tmp_path):
    def never(trial):
        raise Pruned

    search = study(tmp_path, 3)
    search.work(never)
    assert list(search.table()["state"]) == ["pruned"] * 3


@pytest.mark.parametrize("wrong", ["nonsense", "sqlite:////no/such/folder/optuna.db"])
def test_a_storage_that_cannot_be_opened_is_an_error(tmp_path, wrong):
    with pytest.raises(ValueError, match=r"tune.storage cannot be opened"):
        study(tmp_path, url=wrong)


WORKER = """
import sys, time
from pathlib import Path
from tests.search.test_study import distance, study
folder, seconds, url = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]

def objective(trial):
    with open(folder / "ran.txt", "a") as file:
        print(trial.slot, trial.values["lr"], file=file, flush=True)
    print("started", flush=True)
    time.sleep(seconds)
    return distance(trial)

study(folder, 8, url=url).work(objective)
"""


def worker(folder, seconds, url=None):
    url = url or f"sqlite:///{folder / 'optuna.db'}"
    return Child(WORKER, folder, seconds, url)


def ran(folder):
    return [line.split() for line in (folder / "ran.txt").read_text().splitlines()]


def together(folder, url=None):
    """Two workers on a new storage; what they ran."""
    pair = [worker(folder, 0.1, url) for _ in range(2)]
    assert [process.end()[0] for process in pair] == [0, 0]
    return sorted(int(slot) for slot, _ in ran(folder))


@pytest.mark.slow
def test_two_workers_on_a_new_storage_lose_no_trial_and_run_none_twice(tmp_path):
    assert together(tmp_path) == list(range(8))


@pytest.mark.slow
def test_the_trial_of_a_killed_worker_is_taken_up_again_with_its_values(tmp_path):
    killed = worker(tmp_path, 60)
    assert killed.stdout.readline() == "started\n"
    killed.send(signal.SIGKILL)
    killed.end()
    search = study(tmp_path, 8)
    assert search.running == 1
    resumed = {}
    search.work(lambda trial: resumed.setdefault(trial.slot, trial.values["lr"]))
    assert sorted(resumed) == list(range(8))
    assert resumed[0] == float(ran(tmp_path)[0][1])
    assert list(search.table()["attempts"]) == [2, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.slow
def test_two_workers_share_a_study_in_postgresql(tmp_path):
    pytest.importorskip("psycopg2")
    with postgres() as url:
        assert together(tmp_path, url) == list(range(8))
