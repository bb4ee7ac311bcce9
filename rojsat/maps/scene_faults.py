"""Scenes that a model was not made for, by what they say of themselves: bands, level, resolution, type."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rojsat.chips import channels, harvest_years
from rojsat.chips.bands import CLOUD_MASKS, RESOLUTION
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.maps.model_card import ModelCard


def asset(plane: str) -> str:
    """The asset of a scene that holds a plane of a chip: `TOA-B02` for `toa.B02`, `TCI` for `tci.r`."""
    if plane in channels.TCI:
        return "TCI"
    return f"TOA-{plane.removeprefix('toa.')}" if plane.startswith("toa.") else plane


def usable(scenes: Sequence[Scene], card: ModelCard) -> list[Scene]:
    """The scenes that the model can be applied to, each with the assets that it needs alone.

    Beside the planes of its channels these are the bands that show in training whether a pixel has data, where all
    scenes have them, and cloud masks.

    Raises:
        ValueError: in one sentence, if a scene was not made for the model, or none has all its bands.
    """
    if harvest_years.CHANNEL in card.planes:
        raise ValueError(
            f"the model was trained with {harvest_years.CHANNEL}, which no scene holds: predict with a model of bands"
        )
    needed = dict.fromkeys(asset(plane) for plane in card.planes if plane != channels.OUTLINE)
    complete = [scene for scene in scenes if needed.keys() <= scene.assets.keys()]
    if not complete:
        raise ValueError(_missing(scenes, list(needed)))
    for scene in complete:
        for name in needed:
            fault = _fault(name, scene.assets[name])
            if fault:
                raise ValueError(f"scene {scene.id}: {fault}")
    lead = [*card.boa, *(f"TOA-{band}" for band in card.toa)]
    kept_assets = {*needed, *CLOUD_MASKS, *(name for name in lead if all(name in scene.assets for scene in complete))}
    return [_with(scene, kept_assets) for scene in complete]


def _with(scene: Scene, names: Iterable[str]) -> Scene:
    kept_assets = set(names)
    return replace(scene, assets={name: kept for name, kept in scene.assets.items() if name in kept_assets})


def _missing(scenes: Sequence[Scene], needed: Sequence[str]) -> str:
    """Why no scene has all that the model needs."""
    first = min(scenes, key=lambda scene: len(set(needed) - scene.assets.keys()))
    lacking = [name for name in needed if name not in first.assets]
    bands = {name for name in needed if name in RESOLUTION and name not in (*CLOUD_MASKS, "TCI")}
    if bands and not first.boa and first.toa:
        return (
            f"the model was trained on reflectance at the bottom of the atmosphere (L2A), scene {first.id} has that at "
            "the top alone (L1C): take the product L2A"
        )
    if any(name.startswith("TOA-") for name in lacking) and not first.toa and first.boa:
        return (
            f"the model was trained on reflectance at the top of the atmosphere (L1C), scene {first.id} has that at "
            "the bottom alone (L2A): take the product L1C"
        )
    has = ", ".join(sorted(first.assets))
    return f"the model needs {', '.join(needed)}; scene {first.id} lacks {', '.join(lacking)} (it has {has})"


def _fault(name: str, raster: Asset) -> str | None:
    """What is wrong with a raster; None if nothing."""
    native = RESOLUTION[name.removeprefix("TOA-")]
    if raster.dtype == "uint8" and name != "TCI":
        return (
            f"{name} holds 8 bits, a picture to look at and no reflectance: take the bands as they are delivered, "
            "16 bits with their scale"
        )
    if raster.resolution > native * 1.001:
        return (
            f"{name} has pixels of {raster.resolution:g} m, coarser than the {native} m that the model was trained "
            f"with: take {name} at {native} m"
        )
    return None
