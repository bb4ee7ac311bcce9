"""Write a trained network as an ONNX file that other programs run, with a model card beside it.

The file takes bands in their own units (reflectance in [0, 1]) or NaN, any number of images of any height and width,
and gives the degree; spectral indices, standardisation and padding are inside. It carries the sequence of bands, roles
of dates, threshold, training distribution and verdict of the model, and what QGIS's plugin Deepness reads. Before it is
put in its place it is run by onnxruntime beside torch on images of several sizes: degrees that differ by more than 1e-4
are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rojsat.config import command, compose, foreign_models, lazy, lookup, progress
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.evaluation import report_files
    from rojsat.maps import model_card, model_text, portable_graph, portable_indices, portable_parity, portable_texts
    from rojsat.maps.model_card import ModelCard
    from rojsat.stages import _map_model, candidates
    from rojsat.tracking import pyfunc
    from rojsat.tracking.pyfunc import SavedModel
else:
    report_files, candidates = lazy.module("rojsat.evaluation.report_files"), lazy.module("rojsat.stages.candidates")
    model_card, model_text = lazy.module("rojsat.maps.model_card"), lazy.module("rojsat.maps.model_text")
    portable_graph = lazy.module("rojsat.maps.portable_graph")
    portable_indices = lazy.module("rojsat.maps.portable_indices")
    portable_parity = lazy.module("rojsat.maps.portable_parity")
    portable_texts = lazy.module("rojsat.maps.portable_texts")
    _map_model, pyfunc = lazy.module("rojsat.stages._map_model"), lazy.module("rojsat.tracking.pyfunc")

FREE = "free"
"""Any height and width."""

COMMAND = Command(
    "rojsat.stages.export",
    __doc__,
    "model=unet_roi6 out=model.onnx\nmodel=models:/beetle-segmentation@champion out=deepness.onnx tile=256",
    "model=MODEL out=FILE.onnx [tile=free] [scale=0.0001] [offset=0] [trust=false] [dry=true]",
    {
        "model": "a run's report (name or folder) or an MLflow model (models:/NAME@champion, runs:/ID/PATH)",
        "out": "the file; the model card is written beside it, with the ending .md",
        "tile": "free: any height and width; a number of pixels: squares of that side alone, as Deepness needs; free",
        "scale": "what Deepness multiplies reflectance in a raster by: 0.0001 of reflectance x 10000; 1 of a raster "
        "whose own scale QGIS applies; 0.0001",
        "offset": "what it adds: -0.1 for products of ESA since 2022 as they are; 0",
        "trust": "true takes an MLflow model from outside this project's store; false",
    },
)

WHY_NONE = {
    "pixels": "an estimator of scikit-learn on single pixels",
    "frame": "a predictor that sees no image",
    "stands": "an estimator of stands",
}
"""What models are of which no file is made."""


@dataclass(frozen=True)
class Exportable:
    """A model that is exported.

    Attributes:
        metadata: what MLflow has of it.
        card: what it says of itself.
        saved: its files.
        example: (1, C, h, w) float32 in the channels' own units, an image of training.
        report: the folder of its run's report; None where no report of this machine is of that run.
    """

    metadata: Mapping[str, Any]
    card: ModelCard
    saved: SavedModel
    example: np.ndarray
    report: Path | None

    @property
    def smallest(self) -> int:
        """Height and width that it takes, pixels."""
        return int(self.saved.settings.get("smallest", 1))

    @property
    def dates(self) -> int:
        """How many dates its input stacks."""
        return max(1, len(self.card.dates))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of images as in training, pixels."""
        return (self.card.window, self.card.window) if self.card.window else self.card.shape


def run(words: list[str], dry: bool = False) -> None:
    """Export what the words ask for; `dry=true` prints what would be written."""
    plain, values = command.split(words, COMMAND)
    out, side, scale, offset = _checked(plain, values)
    progress.doing("looks at the model")
    source = _source(values["model"], trust=values.get("trust") == "true")
    if side is not None and side < source.smallest:
        raise ConfigError(f"tile={side} is too small for this network, which takes {source.smallest} pixels or more")
    bands = portable_texts.raster_bands(source.card, scale, offset)
    if dry:
        print("\n".join([*model_text.bands(bands), f"{source.card.run} -> {out}, {out.with_suffix('.md')}"]))
        return
    for name in ("onnx", "onnxscript", "onnxruntime"):
        portable_graph.package(name)
    licence = model_text.licence(source.metadata, _summary(source))
    tile = side or max(*source.shape, source.smallest)
    texts = portable_texts.texts(
        source.metadata, source.card, bands, side=tile, smallest=source.smallest, licence=licence
    )
    parity = _write(out, source, [band.offset for band in bands], side, texts)
    card = model_text.card(source.card, source.metadata, source.report, bands, parity=str(parity), file=out.name)
    report_files.write_text(out.with_suffix(".md"), card)
    print(f"{out.resolve()}: {out.stat().st_size / 1e6:.1f} MB; {parity}")
    print(f"{out.with_suffix('.md').resolve()}: its model card")


def _checked(plain: list[str], values: Mapping[str, str]) -> tuple[Path, int | None, float, float]:
    """File, side of its tiles, scale and offset; refuses what can be seen to be wrong before anything is imported.

    Raises:
        ConfigError: a key is missing or has a value that cannot be.
    """
    missing = [f"{key}=" for key in ("model", "out") if not values.get(key)]
    if plain or missing:
        raise ConfigError(
            f"{', '.join(missing) or ' '.join(plain)} {'missing' if missing else 'is no key'}: {COMMAND.form}"
        )
    if foreign_models.is_onnx(values["model"]):
        raise ConfigError(f"model={values['model']} is an ONNX file already: name the run or MLflow model that made it")
    out = Path(values["out"]).expanduser()
    if out.suffix != foreign_models.ONNX or out.is_dir():
        raise ConfigError(f"out={values['out']} must be a file that ends in {foreign_models.ONNX}")
    if not out.resolve().parent.is_dir():
        raise ConfigError(f"out={values['out']}: there is no folder {out.parent}; make it first")
    if values.get("trust", "false") not in ("true", "false"):
        raise lookup.unknown("trust", values["trust"], ("true", "false"))
    tile = values.get("tile", FREE)
    if tile != FREE and not (tile.isdecimal() and int(tile) > 0):
        raise ConfigError(f"tile={tile} is neither {FREE} nor a number of pixels, as 256")
    scale, offset = (_number(key, values.get(key, default)) for key, default in (("scale", "0.0001"), ("offset", "0")))
    if scale <= 0:
        raise ConfigError(f"scale={scale:g} must be above 0: reflectance is stored value x scale + offset")
    return out, None if tile == FREE else int(tile), scale, offset


def _number(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise ConfigError(f"{key}={text} is no number")
    return value


def _source(named: str, *, trust: bool) -> Exportable:
    """The model that a command line names.

    Raises:
        ValueError: if there is none, or none that can be written as ONNX.
    """
    address = _map_model.mlflow_address(named)
    metadata = pyfunc.metadata(address)
    card = model_card.read(metadata, named)
    if card.blocks:
        raise ValueError(
            f"the model {named} reads all dates of a place at once, with the day of the year of each, which no other "
            "program gives to a file: `rojsat predict` and MLflow apply it"
        )
    saved = pyfunc.files(address, card.inputs, trust=trust)
    if saved.kind != "network" or saved.example is None:
        what = WHY_NONE.get(saved.kind, "none that rojsat recorded, with an example of its input")
        raise ValueError(
            f"the model {named} is {what}, and only networks are written as ONNX: `rojsat predict` applies it, and "
            "MLflow (`mlflow.pyfunc.load_model`) loads it in other programs"
        )
    return Exportable(metadata, card, saved, saved.example, _report(named, saved.run))


def _report(named: str, run_id: str | None) -> Path | None:
    """The folder of the report of a model's run, where this machine has it."""
    folder = report_files.folders(compose.ROOT / "reports").get(named, Path(named))
    if (folder / report_files.SUMMARY).is_file():
        return folder
    try:
        return candidates.of_run(run_id).folder if run_id else None
    except ValueError:
        return None


def _summary(source: Exportable) -> dict[str, Any] | None:
    return None if source.report is None else report_files.read_summary(source.report)


def _write(
    out: Path, source: Exportable, empty: list[float], side: int | None, texts: Mapping[str, str]
) -> portable_parity.Parity:
    """Write the file beside, compare it with torch, and rename it into place.

    Raises:
        ValueError: if it predicts something else; then nothing is left.
    """
    partial = out.with_name(f".partial-{out.name}")
    try:
        progress.doing("reads the network")
        program = portable_graph.load(source.saved.file)
        progress.doing("writes it as ONNX")
        converted = portable_graph.convert(program, empty, side, names=source.card.names, dates=source.dates)
        partial.write_bytes(portable_graph.with_texts(converted, texts))
        progress.doing("runs both on the same images")
        expected, example, spread = _expected(source, program)
        parity = portable_parity.check(
            expected,
            portable_parity.of_file(partial),
            example,
            spread,
            portable_parity.sizes(source.shape, source.smallest, side),
        )
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return parity


def _expected(source: Exportable, program: Any) -> tuple[portable_parity.Predict, np.ndarray, np.ndarray]:
    """The network as the file is to be, an image that both get (of indices drawn), deviations of the noise on it."""
    card, predict = source.card, portable_parity.of_program(program)
    if card.planes == card.names:
        return predict, source.example, np.array(source.metadata["std"], np.float32)
    drawn = portable_indices.example(card.distribution, card.planes, source.dates, source.example.shape[2:])
    return portable_indices.from_planes(predict, card.names, source.dates), *drawn


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
