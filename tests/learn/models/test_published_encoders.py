"""Published encoders: the package's weights give the outputs that their authors' code gives."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rojsat.config.lookup import UnknownNameError
from rojsat.learn.models import published_encoders, weights_register
from rojsat.learn.models.galileo import GalileoNano
from rojsat.learn.models.presto import Presto
from rojsat.learn.models.weights_register import RegisterError

REFERENCES = Path(__file__).parent / "data"
ENCODERS = {"presto": Presto, "galileo_nano": GalileoNano}


def loaded(name):
    encoder = ENCODERS[name]().eval()
    published_encoders.load(encoder, published_encoders.find(name))
    return encoder


def reference(name):
    with np.load(REFERENCES / f"{name}_reference.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files if arrays[key].dtype.kind != "U"}


def presto_features(encoder, given, **changed):
    given = given | changed
    months = (given["month"][:, None] + torch.arange(given["x"].shape[1])) % 12
    with torch.inference_mode():
        return encoder(given["x"], given["mask"] > 0, given["latlon"], months)


def test_presto_gives_the_features_of_its_authors():
    given = reference("presto")
    assert (presto_features(loaded("presto"), given) - given["features"]).abs().max() < 1e-5


def test_presto_does_not_see_what_is_missing():
    given, encoder = reference("presto"), loaded("presto")
    filled = torch.where(given["mask"] > 0, torch.tensor(7.0), given["x"])
    assert torch.equal(presto_features(encoder, given, x=filled), presto_features(encoder, given))


def test_galileo_gives_the_tokens_of_its_authors():
    given, facts = reference("galileo"), published_encoders.find("galileo_nano")
    values = published_encoders.normalise(given["raw"], facts)
    missing = torch.zeros(1, 3, 7, dtype=torch.bool)
    missing[..., 0] = True  # radar
    with torch.inference_mode():
        tokens = loaded("galileo_nano")(values, missing, given["months"], patch=int(given["patch_size"]))
    assert (tokens - given["tokens"]).abs().max() < 1e-5


@pytest.mark.parametrize("name", published_encoders.NAMES)
def test_the_fixed_codes_of_a_random_encoder_are_those_of_the_file(name):
    torch.manual_seed(0)
    random, trained = ENCODERS[name]().state_dict(), loaded(name).state_dict()
    for key in ("pos_embed", "month_embed.weight"):
        torch.testing.assert_close(random[key], trained[key], atol=2e-6, rtol=0)
    assert not torch.allclose(random["blocks.0.mlp.fc1.weight"], trained["blocks.0.mlp.fc1.weight"])


@pytest.mark.parametrize("name", published_encoders.NAMES)
def test_a_changed_file_is_refused(name, tmp_path, monkeypatch):
    entry = published_encoders.find(name)
    for path in weights_register.FOLDER.glob(f"{name}.*"):
        content = path.read_bytes()
        (tmp_path / path.name).write_bytes(content[:-1] + b"?" if path.name == entry.file else content)
    monkeypatch.setattr(weights_register, "FOLDER", tmp_path)
    with pytest.raises(RegisterError, match="sha256"):
        published_encoders.load(ENCODERS[name](), entry)


def test_an_encoder_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="presto"):
        published_encoders.find("prest")


def test_a_licence_lies_beside_every_file_of_weights():
    for name in published_encoders.NAMES:
        assert "MIT License" in (weights_register.FOLDER / f"{name}.LICENSE").read_text()
