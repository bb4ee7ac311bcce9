"""Models that were fitted elsewhere, as `evaluate.model` names them: an ONNX file, an MLflow model's folder or URI.

Standard library only: what is in them is read by `rojsat.learn.onnx_model` and `rojsat.tracking.pyfunc`.
"""

import re
from pathlib import Path

from rojsat.config import provenance
from rojsat.config.keys import ConfigError

FITTED = "fitted elsewhere: may have been trained on these regions"
"""What stands wherever the metrics of such a model are shown."""

ONNX = ".onnx"

_URI = re.compile(r"(models|runs|mlflow-artifacts|s3|gs|https?):/")


def check(address: str) -> None:
    """Refuse what names no model.

    Raises:
        ConfigError: no such file or folder, or one of another kind.
    """
    path = Path(address)
    if is_uri(address) or (path.is_file() and path.suffix == ONNX) or (path / "MLmodel").is_file():
        return
    is_there = "is not" if path.exists() else "does not exist; a model is"
    raise ConfigError(
        f"evaluate.model={address} {is_there} an ONNX file ({ONNX}), an MLflow model's folder (with a file MLmodel) "
        "or the URI of one (models:/NAME/VERSION, runs:/RUN/PATH)"
    )


def is_uri(address: str) -> bool:
    """Whether MLflow has the model, not a file or folder of this machine."""
    return _URI.match(address) is not None


def is_onnx(address: str) -> bool:
    """Whether it is an ONNX file."""
    return not is_uri(address) and Path(address).suffix == ONNX


def digest(address: str) -> str:
    """SHA-256 of the files of a model; of an address that MLflow has, of that."""
    path = Path(address)
    if is_uri(address):
        return provenance.text_digest(address)
    return provenance.digest(file for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


def public(address: str) -> str:
    """The address without the folders of this machine."""
    return address if is_uri(address) else Path(address).name


def name(address: str) -> str:
    """What its evaluations are called: the end of its address, and six digits of its digest."""
    words = re.sub(r"\W+", "-", address.rstrip("/").partition(":/")[2] if is_uri(address) else Path(address).stem)
    return f"{words.strip('-_')}-{digest(address)[:6]}"
