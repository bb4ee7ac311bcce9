import json

import pytest
import torch
import yaml

from rojsat.config import compose
from rojsat.stages import pretrain, train
from rojsat.tracking import recorder

pytestmark = pytest.mark.slow

SETTINGS = ["exp=unet_roi6", "train.threads=1", "train.device=cpu", "model.options.depth=3"]
SETTINGS += ["model.options.decoder=[32,16,8]", "pretrain.epochs=2", "train.epochs=1"]


def test_weights_are_written_once_with_their_facts_and_a_run_starts_from_them(at, capsys):
    pretrain.run(compose.parse(SETTINGS))
    (path,) = (at / "mlruns" / "pretrained").glob("*.pt")
    printed = capsys.readouterr().out
    assert "no label is used, images of test regions are not among them" in printed
    assert f"model.weights={path.relative_to(at)}" in printed
    facts = json.loads(path.with_suffix(".json").read_text())
    entry = yaml.safe_load(path.with_suffix(".yaml").read_text())
    assert facts["regions"] == ["1", "2", "3", "4", "7", "8", "9"]
    assert (entry["file"], entry["network"], len(entry["mean"])) == (path.name, "unet", len(entry["bands"]))
    tensors = torch.load(path, weights_only=True)
    assert facts["tensors"] == len(tensors)
    (run,) = recorder.runs("pretraining")
    assert (run["name"], run["status"]) == (path.stem, "FINISHED")
    before = path.stat().st_mtime_ns
    pretrain.run(compose.parse(SETTINGS))
    assert path.stat().st_mtime_ns == before
    assert not list((at / "mlruns" / "checkpoints").glob(f"{path.stem}/*"))
    known_regions = facts | {"regions": ["6"]}
    path.with_suffix(".json").write_text(json.dumps(known_regions))
    train.run(compose.parse([*SETTINGS, f"model.weights={path}"]))
    printed = capsys.readouterr().out
    assert f"model.weights={path}, own images of simulated, 7 regions, no labels" in printed
    assert "pre-trained on images, without labels, of 1 of 1 test regions (6)" in printed
