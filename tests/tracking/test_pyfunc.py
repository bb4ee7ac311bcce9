"""MLflow models of other people: their code runs only where it is trusted."""

import pytest

from rojsat.config.keys import ConfigError
from rojsat.tracking import pyfunc, recorder

MODEL = """
flavors:
  python_function:
    code: code
    data: data
    loader_module: planted_loader
    python_version: 3.11.0
model_uuid: 0123456789abcdef
"""
LOADER = """
from pathlib import Path
Path({marker!r}).write_text("ran")
def _load_pyfunc(path):
    return None
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    """An MLflow model that leaves a file when it is loaded, and that file."""
    monkeypatch.setattr(recorder, "STORE", tmp_path / "mlruns")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder, marker = tmp_path / "theirs", tmp_path / "marker"
    (folder / "code").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "MLmodel").write_text(MODEL)
    (folder / "code" / "planted_loader.py").write_text(LOADER.format(marker=str(marker)))
    return folder, marker


@pytest.mark.slow
def test_code_of_a_model_from_elsewhere_runs_only_where_it_is_trusted(model):
    folder, marker = model
    with pytest.raises(ConfigError, match=r"theirs is an MLflow model from outside .*evaluate\.trust=true"):
        pyfunc.load(str(folder), ["B02"], trust=False)
    assert not marker.exists()
    with pytest.raises(ValueError, match="has no signature|cannot be loaded"):
        pyfunc.load(str(folder), ["B02"], trust=True)
    assert marker.read_text() == "ran"
