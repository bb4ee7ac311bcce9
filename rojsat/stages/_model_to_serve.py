"""Finds out what a server must know of its model and scenes, in a process that ends: it needs torch, the server not."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from rojsat.config import compose, lazy, recipes
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.catalog import Scene
from rojsat.server import served_model
from rojsat.server.served_model import ServedModel

_map_model = lazy.module("rojsat.stages._map_model")
scene_faults = lazy.module("rojsat.maps.scene_faults")


def in_a_process(named: str, words: Sequence[str], *, trust: bool) -> ServedModel:
    """Load a model once, and look at the scenes that it will be applied to.

    Args:
        named: the model, as a command line names it.
        words: of the data set.
        trust: whether to run the code of an MLflow model from outside the project's own store.

    Raises:
        ValueError: if there is no such model, it cannot be applied, or the scenes were not made for it.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(describe, named, list(words), trust).result()


def describe(named: str, words: Sequence[str], trust: bool) -> ServedModel:
    """What `in_a_process` gives, in this process."""
    address = _map_model.pinned(named)
    model = _map_model.load(address, trust=trust)
    scenes = _scenes(words)
    if scenes is not None:
        scene_faults.usable(scenes, model.card)
    return served_model.describe(address, model.identity, model.card, words, scenes)


def _scenes(words: Sequence[str]) -> list[Scene] | None:
    """The scenes of a data set that is made already; None of others, which are found for each area."""
    experiment = compose.parse(list(words))
    folder, made_by = recipes.folder("raw", experiment), recipes.recipe("raw", experiment)
    if recipes.read(folder) is None or not recipes.is_made(folder, made_by):
        return None
    return catalog.read(folder)
