"""The model of a map: a run's report, an MLflow model or an ONNX file; with what it says of itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.config import compose, foreign_models, lookup
from rojsat.evaluation import report_files
from rojsat.learn import onnx_model
from rojsat.learn.data import tiles
from rojsat.maps import map_cells, model_card
from rojsat.maps.cell_prediction import PredictImage
from rojsat.maps.map_cells import MapCell
from rojsat.maps.model_card import ModelCard
from rojsat.stages import candidates
from rojsat.tracking import pyfunc, recorder, registry, store

ONNX_KEY = "rojsat"
"""Under which an ONNX file carries the metadata of an MLflow model, as JSON."""


@dataclass(frozen=True)
class MapModel:
    """A model that can be applied to scenes.

    Attributes:
        card: what it says of itself.
        predict: (N, C, H, W) float32 in the channels' own units, NaN where unknown, to degrees (N, H, W).
        identity: what tells it from others.
    """

    card: ModelCard
    predict: Callable[[np.ndarray], np.ndarray]
    identity: str

    def predict_image(self) -> PredictImage:
        """The model on cells of any size: in tiles where it sees windows, else at once, padded as in training."""
        window = self.card.window

        def at_once(image: NDArray[np.float32], needed: NDArray[np.bool_], cell: MapCell) -> NDArray[np.float32]:
            del needed, cell
            height, width = image.shape[1:]
            missing = [max(0, side - length) for side, length in zip(self.card.shape, (height, width), strict=True)]
            padded = np.pad(image, [(0, 0), (0, missing[0]), (0, missing[1])], constant_values=np.nan)
            return np.asarray(self.predict(padded[None])[0, :height, :width])

        def in_tiles(image: NDArray[np.float32], needed: NDArray[np.bool_], cell: MapCell) -> NDArray[np.float32]:
            assert window is not None
            firsts = (
                tiles.firsts_on_grid(*map_cells.tile_phase(cell), window)
                if cell.name is None
                else tiles.firsts_of_region(cell.name, window)
            )
            return tiles.predict_image(
                image, needed, lambda batch: self.predict(batch.numpy()), window=window, firsts=firsts
            )

        return at_once if window is None else in_tiles


def load(named: str, *, trust: bool) -> MapModel:
    """The model that a command line names.

    Args:
        named: a run's report by its name or folder, an MLflow model's folder or URI, or an ONNX file.
        trust: whether to run the code of an MLflow model from outside the project's own store.

    Raises:
        ValueError: if there is none, it does not say what its training pixels look like, or predicts no degrees.
    """
    if foreign_models.is_onnx(named):
        return _onnx(Path(named))
    address = _address(named)
    card = model_card.read(pyfunc.metadata(address), named)
    return MapModel(card, pyfunc.load(address, card.inputs, trust=trust), pyfunc.identity(address))


def pinned(named: str) -> str:
    """An address of the model that a name means now: what an alias or a report moves to later is another one."""
    if foreign_models.is_onnx(named):
        return str(Path(named).resolve())
    address = _address(named)
    name, _, alias = address.removeprefix("models:/").partition("@")
    if not address.startswith("models:/") or not alias:
        return address
    store.connect(recorder.STORE)
    version = registry.at(name, alias)
    if version is None:
        raise ValueError(f"{address}: no version of that model has the alias")
    return f"models:/{version.name}/{version.number}"


def _onnx(path: Path) -> MapModel:
    if not path.is_file():
        raise ValueError(f"{path} does not exist")
    text = onnx_model.metadata(path).get(ONNX_KEY)
    metadata: dict[str, Any] | None = None if text is None else json.loads(text)
    card = model_card.read(metadata, path.name)
    return MapModel(card, onnx_model.load(path, card.inputs, card.outputs), foreign_models.digest(str(path)))


def _address(named: str) -> str:
    """The address of an MLflow model; of a report that of its run's version."""
    if foreign_models.is_uri(named) or (Path(named) / "MLmodel").is_file():
        return named
    reports = report_files.folders(compose.ROOT / "reports")
    folder = reports.get(named, Path(named))
    if not (folder / report_files.SUMMARY).is_file():
        raise lookup.unknown(
            "model (a run's report, its folder, models:/NAME@champion, runs:/…, FILE.onnx):", named, reports
        )
    provenance = folder / candidates.PROVENANCE
    if not provenance.is_file():
        raise ValueError(f"{folder} has no {candidates.PROVENANCE}, so no run of this machine made it: train it here")
    version = candidates.Candidate(folder, json.loads(provenance.read_text())).version
    return f"models:/{version.name}/{version.number}"
