"""What an exported model says of itself, under the names that programs look for. Knows neither torch nor onnx.

Deepness, the plugin of QGIS, divides what a raster holds by 255, subtracts `standardization_mean` and divides by
`standardization_std` (its `preprocessing_utils.py`, from version 0.6 on): with the right two the network gets its
channels in their own units, and standardises them itself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rojsat.chips import channels
from rojsat.chips.bands import MSI
from rojsat.maps import model_card
from rojsat.maps.model_card import ModelCard

KEY = "rojsat"
"""Under which an ONNX file carries the metadata of an MLflow model, as JSON; `rojsat predict` reads it."""

UNKNOWN = "unknown"
"""In that JSON: what a value of a pixel is where it is not known."""

BYTE = 255
"""What Deepness divides the values of a raster by."""

PIXEL = 10
"""Height and width of a pixel, metres."""

OVERLAP = 50
"""Of neighbouring tiles, per cent of their side: as `rojsat.learn.data.tiles` lays them."""

REFLECTANCE = frozenset(band.name for band in MSI)
"""Channels whose stored numbers have a scale and an offset, with `toa.` before them or not."""


@dataclass(frozen=True)
class RasterBand:
    """One band of the raster that a program gives to the model, in sequence.

    Attributes:
        name: of the stored plane.
        role: of its date: before, after; empty of a model of single dates.
        unit: of the plane.
        scale: the plane is what the raster holds times this …
        offset: … plus this.
    """

    name: str
    role: str
    unit: str
    scale: float
    offset: float


def raster_bands(card: ModelCard, scale: float, offset: float) -> list[RasterBand]:
    """The bands of the raster of a model.

    Args:
        card: of the model.
        scale: of stored reflectance: 0.0001 of reflectance × 10000, 1 of reflectance, and where a program applies the
            scale of the file itself.
        offset: of stored reflectance.
    """
    return [_band(name, role, scale, offset) for role in (card.roles or ("",)) for name in card.planes]


def _band(name: str, role: str, scale: float, offset: float) -> RasterBand:
    if name.removeprefix("toa.") in REFLECTANCE:
        return RasterBand(name, role, "reflectance in [0, 1]", scale, offset)
    if name in channels.TCI:
        return RasterBand(name, role, "true colour in [0, 1]", 1 / BYTE, 0.0)
    assert name == channels.OUTLINE
    return RasterBand(name, role, "1 inside the outline, else 0", 1.0, 0.0)


def texts(
    metadata: Mapping[str, Any],
    card: ModelCard,
    bands: Sequence[RasterBand],
    *,
    side: int,
    smallest: int,
    licence: str,
) -> dict[str, str]:
    """The metadata of the file, by name; each of Deepness's is JSON.

    Args:
        metadata: of the MLflow model.
        card: of the model.
        bands: see `raster_bands`.
        side: of a tile, pixels.
        smallest: height and width that the network takes, pixels.
        licence: sentences.
    """
    own = dict(metadata) | {UNKNOWN: "NaN", "smallest": smallest, "roles": list(card.roles)}
    own[model_card.KEY] = dict(metadata[model_card.KEY]) | {
        "outputs": 1,  # a class's probability is one plane, too
        "names": list(card.planes),  # indices are computed inside
    }
    deepness = {
        "model_type": "Regressor",
        "class_names": {"0": card.target},
        "resolution": 100 * PIXEL,  # centimetres
        "tile_size": side,
        "tiles_overlap": OVERLAP,
        "reg_output_scaling": 1.0,
        "standardization_mean": [-band.offset / band.scale / BYTE for band in bands],
        "standardization_std": [1 / band.scale / BYTE for band in bands],
    }
    contents = {name: json.dumps(value) for name, value in deepness.items()}
    contents["bands"] = json.dumps([vars(band) for band in bands])
    contents |= {"threshold": json.dumps(card.threshold), "verdict": card.verdict, "licence": licence}
    return contents | {KEY: json.dumps(own, sort_keys=True)}
