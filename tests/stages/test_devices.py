"""A training that two processes share, started as a user starts it: the first starts the other."""

import subprocess
import sys

import pandas as pd
import pytest

from rojsat.config import compose
from rojsat.stages import train
from rojsat.tracking import recorder

pytestmark = pytest.mark.slow

WORDS = ["exp=unet_roi6", "train.epochs=1", "train.threads=1", "train.device=cpu", "tracking.images=false"]
WORDS += ["model.options.depth=3", "model.options.decoder=[32,16,8]", "split.options.val=['4','5']"]
TWO = ["train.devices=2", "train.sync_bn=true", "train.batch_size=3"]

TOLERANCE = 1e-3
"""Relative, of training's loss: the gradient of a bias before batch normalisation is rounding, which Adam enlarges."""

START = """
from pathlib import Path
from rojsat.config import command, compose
from rojsat.stages import train
from rojsat.tracking import recorder
compose.ROOT, recorder.STORE = Path({root!r}), Path({root!r}, "mlruns")
command.execute(train.run, train.COMMAND)
"""


def losses(words):
    experiment = compose.parse(words)
    history = pd.read_csv(compose.report_folder(experiment) / "history.csv")
    return compose.run_name(experiment), history["train/loss"].to_list()


def test_two_processes_leave_one_run_with_the_losses_of_one_with_the_double_batch(at, tmp_path):
    script = tmp_path / "start.py"
    script.write_text(START.format(root=str(at)))
    ended = subprocess.run([sys.executable, script, *WORDS, *TWO], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    train.run(compose.parse([*WORDS, "train.batch_size=6"]))
    name, of_two = losses([*WORDS, *TWO])
    _, of_one = losses([*WORDS, "train.batch_size=6"])
    assert of_two == pytest.approx(of_one, rel=TOLERANCE)
    assert [run["name"] for run in recorder.runs("segmentation")].count(name) == 1
    assert "2 processes share the training" in ended.stdout
    assert ended.stdout.count("epoch 1/1  train/loss") == 1
