"""The register of weights: what is known of each, where its file lies, whether it fits an experiment's channels.

An entry is a file `pretrained/<name>.yaml`, or `<file>.yaml` beside a file of weights of one's own; its keys are the
attributes of `Entry`.
"""

import hashlib
import importlib.metadata
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from rojsat.chips import channels
from rojsat.config import lookup
from rojsat.learn.models import first_layer

FOLDER = Path(__file__).parent / "pretrained"
"""Where the entries lie."""

FORMATS, KEYS, LOADS = ("torch", "onnx"), ("named", "in_order"), ("encoder", "all")

FARTHEST = 5.0
"""Standard deviations between the mean of a band in training and that of the weights, beyond which the scale is wrong:
snow is 3 from the mean of anything, per cent instead of shares 10 and more."""

SMALLEST = 0.02
"""Share of the weights' mean below which the scale is wrong: dark water and forest have 0.05, counts of 8 bits divided
twice 0.004."""


class RegisterError(ValueError):
    """An entry that cannot be, a file that is not the one it names, or channels that its weights are not for."""


@dataclass(frozen=True)
class Entry:
    """What is known of weights.

    Attributes:
        name: of the entry; of a file of one's own its path.
        source: publication, in words.
        date: of the publication or the package.
        licence: SPDX.
        file: below the folder of installed packages; without a package, beside the entry.
        bands: B names of channels in order, or red, green, blue.
        loads: "encoder" alone or "all", that is all but a last layer of another shape.
        sha256: of the file; None: not checked.
        package: that holds the file, by its name in the package registry.
        version: of the package that was looked at.
        format: "torch": a state dict; "onnx": the initialisers.
        keys: "named" as those of the network; "in_order": other names in the order of the network's.
        prefix: before the keys.
        unused: how keys begin that the network does not have.
        network: model.name that the weights are of; None: any with this encoder.
        encoder: model.options.encoder that the weights are of.
        scale: what a value of a channel (reflectance or picture in [0, 1]) is multiplied with to be in the unit of mean
            and std.
        mean: of each band where the weights were trained, to which they were standardised; empty: not known.
        std: likewise.
    """

    name: str
    source: str
    date: str
    licence: str
    file: str
    bands: tuple[str, ...]
    loads: str
    sha256: str | None = None
    package: str | None = None
    version: str | None = None
    format: str = "torch"
    keys: str = "named"
    prefix: str = ""
    unused: tuple[str, ...] = ()
    network: str | None = None
    encoder: str | None = None
    scale: float = 1.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    @property
    def words(self) -> str:
        """What it is, in words: package, version and licence."""
        origin = f"{self.package} {self.version}" if self.package else self.source
        return f"{origin}, {self.licence}"


def names() -> list[str]:
    """The names of all entries, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def starting() -> list[str]:
    """The names of entries whose weights a network can start from: those of a known encoder."""
    return [name for name in names() if _read(FOLDER / f"{name}.yaml", name).encoder]


def find(weights: str) -> Entry | None:
    """The entry of that name, or of the file of that path; None where there is none.

    Raises:
        RegisterError: if it lacks keys, has unknown ones, or contradicts itself.
    """
    if weights in names():
        return _read(FOLDER / f"{weights}.yaml", weights)
    beside = Path(weights).expanduser().with_suffix(".yaml")
    return _read(beside, weights) if Path(weights).suffix and beside.is_file() else None


def _read(path: Path, name: str) -> Entry:
    content = yaml.safe_load(path.read_text())
    possible = {each.name: each.default is MISSING for each in fields(Entry) if each.name != "name"}
    if not isinstance(content, dict):
        raise RegisterError(f"{path} is no entry of the register; it has the keys {', '.join(possible)}")
    stated: dict[str, Any] = {"file": Path(name).name, **content}
    for key in stated:
        if key not in possible:
            raise lookup.unknown(f"{path}: key", key, possible)
    missing = [key for key, required in possible.items() if required and key not in stated]
    if missing:
        raise RegisterError(f"{path} lacks {', '.join(missing)}")
    attributes: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in stated.items()}
    entry = Entry(name=name, **attributes)
    for key, among in (("format", FORMATS), ("keys", KEYS), ("loads", LOADS)):
        if getattr(entry, key) not in among:
            raise lookup.unknown(f"{path}: {key}", getattr(entry, key), among)
    lengths = {len(values) for values in (entry.mean, entry.std) if values}
    if lengths - {len(entry.bands)} or bool(entry.mean) != bool(entry.std) or any(value <= 0 for value in entry.std):
        raise RegisterError(f"{path}: mean and std have a value for each of the {len(entry.bands)} bands, std above 0")
    return entry


def locate(entry: Entry) -> Path:
    """The file of an entry, checked against its sha256.

    Raises:
        RegisterError: if it is not there, or another; the message says what to do.
    """
    path = _package_file(entry) if entry.package else _beside(entry)
    if entry.sha256 is not None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != entry.sha256:
            raise RegisterError(
                f"model.weights={entry.name}: {path} is not the file that was looked at (sha256 {digest[:12]}, not "
                f"{entry.sha256[:12]}); " + (_install(entry) if entry.package else "get it again from its source")
            )
    return path


def _package_file(entry: Entry) -> Path:
    try:
        path = Path(str(importlib.metadata.distribution(str(entry.package)).locate_file(entry.file)))
    except importlib.metadata.PackageNotFoundError as error:
        raise RegisterError(
            f"model.weights={entry.name} lies in a package that is missing: {_install(entry)}"
        ) from error
    if not path.is_file():
        raise RegisterError(f"model.weights={entry.name}: the package has no {entry.file}: {_install(entry)}")
    return path


def _install(entry: Entry) -> str:
    return f"pip install {entry.package}=={entry.version} (or rojsat[weights]); model.weights=null trains from scratch"


def _beside(entry: Entry) -> Path:
    folder = FOLDER if entry.name in names() else Path(entry.name).expanduser().parent
    path = folder / entry.file
    if not path.is_file():
        raise RegisterError(f"model.weights={entry.name}: no such file {path}; get it from its source ({entry.source})")
    return path


def check_channels(entry: Entry, mode: str, inputs: Sequence[str]) -> None:
    """Refuse channels that the first layer of the weights cannot be put on in this mode.

    Args:
        entry: of the weights.
        mode: model.first_layer.
        inputs: the C names of channels, those of several dates one after the other.

    Raises:
        RegisterError: for "rgb_first" with bands that are not those of the first channels, in their order.
        ValueError: as `first_layer.expand`.
    """
    bands = first_layer.own_names(entry.bands, inputs)
    if mode == "rgb_first" and tuple(inputs[: len(bands)]) != bands:
        raise RegisterError(
            f"model.weights={entry.name} are for {', '.join(entry.bands)} in this order, and the channels are "
            f"{', '.join(inputs)}: model.first_layer=rgb_first would mix them up; set model.first_layer=by_band (the "
            f"weights of a band on the channel of its name), wavelength or mean, or inputs.channels=[{','.join(bands)}]"
        )
    if mode == "rgb_first" and len(bands) != 3 and len(inputs) != len(bands):
        raise RegisterError(
            f"model.first_layer=rgb_first is for weights of red, green and blue, and model.weights={entry.name} are "
            f"for {', '.join(entry.bands)}; set model.first_layer=by_band, wavelength or mean"
        )


def check(weights: str | None, inputs: Sequence[str], mean: Iterable[float]) -> None:
    """Refuse channels in another unit than that of the weights, where the register knows it; see `check_scale`."""
    entry = None if weights is None else find(weights)
    if entry is not None and entry.mean:
        check_scale(entry, first_layer.undated(inputs), mean)


def check_scale(entry: Entry, inputs: Sequence[str], mean: Iterable[float]) -> None:
    """Refuse channels whose values are in another unit than those the weights were trained on.

    Args:
        entry: of the weights, with a mean.
        inputs: the C names of channels.
        mean: of each channel in the training part, in its own units.

    Raises:
        RegisterError: naming the band, its mean and that of the weights.
    """
    bands = first_layer.own_names(entry.bands, inputs)
    trained = dict(zip(bands, zip(entry.mean, entry.std, strict=True), strict=False))
    for name, value in zip(inputs, mean, strict=True):
        if name not in trained:
            continue
        (expected, deviation), own = trained[name], float(value) * entry.scale
        is_small = name not in channels.__all__ and own < SMALLEST * expected  # an index has no unit
        if abs(own - expected) > FARTHEST * deviation or is_small:
            raise RegisterError(
                f"model.weights={entry.name}: channel {name} has mean {float(value):.3g} in training, times "
                f"{entry.scale:g} it is {own:.3g}, and the weights were trained on {expected:.3g} ± {deviation:.3g}: "
                "the scale is another; state scale and offset of the scenes (data.options) so that channels are "
                "reflectance in [0, 1], or set model.weights=null"
            )
