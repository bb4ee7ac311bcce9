"""The model of a map: a run's report, an MLflow model or an ONNX file; with what it says of itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from torch import Tensor

from rojsat.config import compose, foreign_models, lookup
from rojsat.evaluation import report_files
from rojsat.learn import onnx_model
from rojsat.learn.data import tiles, windows
from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.samples import Samples
from rojsat.maps import model_card, portable_parity, portable_texts
from rojsat.maps.cell_prediction import PredictImage
from rojsat.maps.map_cells import MapCell
from rojsat.maps.model_card import ModelCard
from rojsat.stages import _tile_blending, candidates
from rojsat.tracking import pyfunc, recorder, registry, store

LIMITS = (1e-30, 1 - 2**-24)
"""Least and largest probability whose logit is finite; the largest is that below 1 in float32."""


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

    def predict_image(self, batch: int | None = None) -> PredictImage:
        """The model on cells of any size: in tiles where it sees windows, else at once, padded as in training.

        Args:
            batch: tiles of a scene together; None: the default.
        """
        if self.card.reach is not None:
            return self._pixels
        if self.card.window is None:
            return self._at_once
        blend = _tile_blending.TileBlending(self._scores, self.card.window, batch or _tile_blending.BATCH)

        def in_tiles(image: NDArray[np.float32], needed: NDArray[np.bool_], cell: MapCell) -> NDArray[np.float32]:
            if cell.name is None:
                return self._degree(blend(image, needed, cell))
            return self._degree(self._of_outline(image, needed, cell.name))

        return in_tiles

    def _pixels(self, image: NDArray[np.float32], needed: NDArray[np.bool_], cell: MapCell) -> NDArray[np.float32]:
        """A model of pixels on those that are needed, with what they depend on."""
        del cell
        assert self.card.reach is not None
        degree = np.full(needed.shape, np.nan, np.float32)
        spans = (np.flatnonzero(needed.any(axis=axis)) for axis in (1, 0))
        around = tuple(slice(max(0, span[0] - self.card.reach), span[-1] + 1 + self.card.reach) for span in spans)
        degree[around] = self.predict(image[:, *around][None])[0]
        return degree

    def _at_once(self, image: NDArray[np.float32], needed: NDArray[np.bool_], cell: MapCell) -> NDArray[np.float32]:
        del needed, cell
        height, width = image.shape[1:]
        missing = [max(0, side - length) for side, length in zip(self.card.shape, (height, width), strict=True)]
        padded = np.pad(image, [(0, 0), (0, missing[0]), (0, missing[1])], constant_values=np.nan)
        return np.asarray(self.predict(padded[None])[0, :height, :width])

    def _of_outline(self, image: NDArray[np.float32], needed: NDArray[np.bool_], name: str) -> NDArray[np.float32]:
        """In tiles that are placed as in the evaluation of a run."""
        window = self.card.window
        assert window is not None
        if self.card.inside:
            return self._as_evaluated(image, name, window)
        firsts = tiles.firsts_of_region(name, window)
        return tiles.predict_image(image, needed, self._predict_tiles, window=window, firsts=firsts)

    def _as_evaluated(self, image: NDArray[np.float32], region: str, window: int) -> NDArray[np.float32]:
        """In tiles that are moved back into what is seen, as those of a chip."""
        seen = np.asarray(np.isfinite(image).any(axis=0))
        rows = pd.DataFrame({"region": [region], "frame": [windows.INSIDE], "height": [window], "width": [window]})
        nothing = np.full((1, *seen.shape), -1, np.float32)
        samples = Samples(SampleArrays(image[None], seen[None], nothing, nothing >= 0, rows))
        samples.fill = np.nan
        return np.asarray(tiles.predict(samples, self._predict_tiles)[0])

    def _predict_tiles(self, batch: Tensor) -> NDArray[np.float32]:
        return self._scores(batch.numpy())

    def _scores(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """What tiles are merged by, as in an evaluation: degrees, and of probabilities their logits."""
        values = np.asarray(self.predict(images))
        return values if self.card.outputs == 1 else logit(np.clip(values, *LIMITS).astype(np.float64))

    def _degree(self, merged: NDArray[np.float32]) -> NDArray[np.float32]:
        return merged if self.card.outputs == 1 else expit(merged)


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
    address = mlflow_address(named)
    card = model_card.read(pyfunc.metadata(address), named)
    return MapModel(card, pyfunc.load(address, card.inputs, trust=trust), pyfunc.identity(address))


def pinned(named: str) -> str:
    """An address of the model that a name means now: what an alias or a report moves to later is another one."""
    if foreign_models.is_onnx(named):
        return str(Path(named).resolve())
    address = mlflow_address(named)
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
    text = onnx_model.metadata(path).get(portable_texts.KEY)
    metadata: dict[str, Any] | None = None if text is None else json.loads(text)
    card = model_card.read(metadata, path.name)
    # a file of `rojsat export` takes NaN for what is unknown, others 0
    is_own = metadata is not None and portable_texts.UNKNOWN in metadata
    predict = portable_parity.of_file(path) if is_own else onnx_model.load(path, card.inputs, card.outputs)
    return MapModel(card, predict, foreign_models.digest(str(path)))


def mlflow_address(named: str) -> str:
    """The address of an MLflow model; of a report that of its run's version.

    Raises:
        ValueError: if there is no such report, or no run of this machine made it.
    """
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
