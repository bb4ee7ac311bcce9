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


def check(address: str, store: Path, *, trust: bool) -> None:
    """Refuse what names no model, and a folder that must not be loaded from.

    Args:
        address: of the model.
        store: folder of the project's own tracking store.
        trust: whether the user trusts whoever made the model.

    Raises:
        ConfigError: no such file or folder, or one of another kind; an MLflow model that lies outside the store.
    """
    path = Path(address)
    if is_uri(address) or (path.is_file() and path.suffix == ONNX):
        return
    if (path / "MLmodel").is_file():
        check_place(path, address, store, trust=trust)
        return
    is_there = "is not" if path.exists() else "does not exist; a model is"
    raise ConfigError(
        f"evaluate.model={address} {is_there} an ONNX file ({ONNX}), an MLflow model's folder (with a file MLmodel) "
        "or the URI of one (models:/NAME/VERSION, runs:/RUN/PATH)"
    )


def check_place(place: Path, address: str, store: Path, *, trust: bool) -> None:
    """Refuse an MLflow model of elsewhere, unless its author is trusted: it is code, or a pickle, which is code too.

    Args:
        place: where its files lie.
        address: as the user names it.
        store: folder of the project's own tracking store.
        trust: whether the user trusts whoever made the model.

    Raises:
        ConfigError: if it lies outside the store.
    """
    if not trust and not place.resolve().is_relative_to(store.resolve()):
        raise ConfigError(
            f"{public(address)} is an MLflow model from outside this project's tracking store. To load it runs its "
            "author's code on this machine, with all that you may do: evaluate.trust=true (on the command line "
            "`trust=true`) if you trust them; or ask for the model as an ONNX file, which holds no code"
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
