import sys

import pytest

from rojsat.config import ranks
from rojsat.config.keys import ConfigError
from rojsat.config.training_keys import Train

TORCHRUN = {"TORCHELASTIC_RUN_ID": "1", "RANK": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2"}
SLURM = {"SLURM_NTASKS": "4", "SLURM_PROCID": "0", "SLURM_NTASKS_PER_NODE": "2"}


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """Nothing has started this process, whatever started the tests."""
    for name in [*TORCHRUN, *SLURM, "SLURM_JOB_NAME", "LOCAL_RANK", "NODE_RANK"]:
        monkeypatch.delenv(name, raising=False)


def train(**keys):
    return Train(**keys)


@pytest.mark.parametrize(
    ("command", "keys", "env", "message"),
    [
        ("rojsat.run", {}, {}, None),
        ("rojsat.run", {"devices": 2}, {}, None),
        ("rojsat.run", {"devices": 2, "nodes": 2}, TORCHRUN, None),
        ("rojsat.stages.train", {"devices": 2, "nodes": 2}, SLURM, None),
        ("rojsat.run", {"devices": 2, "nodes": 2}, {"NODE_RANK": "1"}, None),
        ("rojsat.evaluate", {}, SLURM, None),  # its workers may be started so
        ("rojsat.evaluate", {"devices": 2}, {}, "rojsat.evaluate does not share a training"),
        ("rojsat.tune", {"nodes": 2}, {}, "rojsat.tune does not share a training"),
        ("rojsat.run", {}, TORCHRUN, "torchrun started 4 processes, 2 of them on this machine, but train.devices=1"),
        ("rojsat.run", {"devices": 4}, TORCHRUN, "train.devices is the number on a machine"),
        ("rojsat.run", {}, SLURM, "SLURM started 4 processes"),
        ("rojsat.run", {}, {**SLURM, "SLURM_JOB_NAME": "interactive"}, None),
        ("rojsat.run", {"nodes": 2}, {}, "nothing started this process as one of several machines"),
    ],
)
def test_processes_that_are_not_started_as_the_keys_say_are_refused(monkeypatch, command, keys, env, message):
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    if message is None:
        ranks.check(train(**keys), command)
    else:
        with pytest.raises(ConfigError, match=message):
            ranks.check(train(**keys), command)


@pytest.mark.parametrize(
    ("keys", "env", "expected"),
    [
        ({}, TORCHRUN, True),
        ({"devices": 2}, {}, True),
        ({"devices": 2}, {"LOCAL_RANK": "1"}, False),
        ({"devices": 2, "nodes": 2}, {"LOCAL_RANK": "0", "NODE_RANK": "1"}, False),
        ({"devices": 2, "nodes": 2}, TORCHRUN, False),
        ({"devices": 2, "nodes": 2}, {**TORCHRUN, "RANK": "0", "LOCAL_RANK": "0"}, True),
        ({"devices": 2, "nodes": 2}, {**SLURM, "SLURM_PROCID": "3"}, False),
        ({"devices": 2, "nodes": 2}, SLURM, True),
    ],
)
def test_one_process_of_all_is_the_first_and_prints(monkeypatch, capsys, keys, env, expected):
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert ranks.is_first(train(**keys)) == expected
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    ranks.silence(train(**keys))
    print("printed")
    assert capsys.readouterr().out == "printed\n" * expected


def test_processes_that_are_started_at_once_make_no_data(monkeypatch):
    ranks.check_made(train(devices=2), ["raw", "chips"])
    for name, value in TORCHRUN.items():
        monkeypatch.setenv(name, value)
    ranks.check_made(train(devices=2, nodes=2), [])
    with pytest.raises(ConfigError, match=r"make them first, as in `python -m rojsat.stages.chips data=NAME`"):
        ranks.check_made(train(devices=2, nodes=2), ["raw", "chips"])


@pytest.mark.parametrize(
    ("words", "again"),
    [
        (["rojsat run", "exp=unet"], ["/bin/rojsat", "run", "exp=unet"]),
        (["rojsat data new", "folder"], ["/bin/rojsat", "data", "new", "folder"]),
        (["/home/rojsat/run.py", "exp=unet"], ["/home/rojsat/run.py", "exp=unet"]),
    ],
)
def test_a_command_is_started_again_with_the_words_that_were_typed(monkeypatch, words, again):
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", "/bin/rojsat", raising=False)
    with ranks.as_typed():
        assert sys.argv == again
    assert sys.argv == words
