import pytest

from rojsat.config import compose, foreign_models
from rojsat.config.keys import ConfigError
from rojsat.stages import evaluate


@pytest.fixture
def folder(tmp_path):
    """An MLflow model and an ONNX file, as far as their names go."""
    (tmp_path / "their net").mkdir()
    (tmp_path / "their net" / "MLmodel").write_text("flavors: {}\n")
    (tmp_path / "net.onnx").write_bytes(b"1")
    return tmp_path


def test_a_name_tells_two_contents_apart_and_has_no_folder_of_this_machine(folder):
    address = str(folder / "net.onnx")
    name = foreign_models.name(address)
    (folder / "net.onnx").write_bytes(b"2")
    assert name.startswith("net-") and foreign_models.name(address) != name
    assert foreign_models.public(address) == "net.onnx"
    assert foreign_models.name(str(folder / "their net")).startswith("their-net-")
    assert foreign_models.name("models:/theirs/3").startswith("theirs-3-")
    assert foreign_models.public("models:/theirs/3") == "models:/theirs/3"


def test_what_is_no_model_is_refused(folder):
    for good in ("models:/theirs/3", str(folder / "their net"), str(folder / "net.onnx")):
        foreign_models.check(good, folder, trust=False)
    (folder / "net.pt").write_bytes(b"1")
    for bad, message in (("net.pt", "is not an ONNX file"), ("no.onnx", "does not exist"), ("", "is not an ONNX file")):
        with pytest.raises(ConfigError, match=message):
            foreign_models.check(str(folder / bad), folder, trust=True)


def test_a_model_that_runs_code_is_trusted_only_in_the_own_store_or_by_word(folder):
    store, address = folder / "mlruns", str(folder / "their net")
    with pytest.raises(ConfigError, match=r"runs its author's code on this machine.*evaluate\.trust=true"):
        foreign_models.check(address, store, trust=False)
    foreign_models.check(address, store, trust=True)
    foreign_models.check(str(folder / "net.onnx"), store, trust=False)
    (folder / "mlruns").mkdir()
    (folder / "mlruns" / "link").symlink_to(folder / "their net")
    with pytest.raises(ConfigError, match="outside this project's tracking store"):
        foreign_models.check(str(store / "link"), store, trust=False)


def test_its_evaluations_have_its_name_and_those_of_the_experiment_stay(folder):
    words = ["exp=unet", "folds=dates"]
    own = compose.evaluation_name(compose.parse([evaluate.COMMAND.unabridged(word) for word in words]))
    for model in (str(folder / "their net"), "models:/theirs@champion"):
        experiment = compose.parse([evaluate.COMMAND.unabridged(word) for word in [*words, f"model={model}"]])
        assert experiment.evaluate.model == model
        assert compose.run_name(experiment) == "unet"
        assert compose.evaluation_name(experiment) == f"{foreign_models.name(model)}_on_{own}"
