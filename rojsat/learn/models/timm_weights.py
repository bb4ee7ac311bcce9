"""Weights of timm's networks by name: what there is of each, and where it is looked for before it is downloaded."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import timm
from huggingface_hub import constants
from huggingface_hub.file_download import repo_folder_name
from torch import Tensor, nn

from rojsat.learn.models.initial_weights import Download

IMAGENET = ("in1k", "in21k", "in22k", "in12k")
"""Parts of the names of weights that were trained on labels of ImageNet."""


def downloads(architecture: str, state: Callable[[nn.Module], Mapping[str, Tensor]]) -> dict[str, Download]:
    """The weights that timm has of an architecture, by the names of `tags`.

    Args:
        architecture: of timm.
        state: from the network with its weights, for three channels, to those under the keys of another network.
    """
    return {name: partial(_download, f"{architecture}.{tag}", state) for name, tag in tags(architecture).items()}


def tags(architecture: str) -> dict[str, str]:
    """Names of the weights that timm has of an architecture: its own, and "imagenet" for its choice where that is so.

    Returns:
        By name: timm's own, of one set of weights.
    """
    own = [name.partition(".")[2] for name in timm.list_pretrained(f"{architecture}.*")]
    named = {tag: tag for tag in own}
    config = timm.get_pretrained_cfg(architecture)
    default = str(config.tag) if config is not None else ""
    if default in own and any(part in default for part in IMAGENET):
        named["imagenet"] = default
    return named


def _download(name: str, state: Callable[[nn.Module], Mapping[str, Tensor]]) -> Mapping[str, Tensor]:
    return state(timm.create_model(name, pretrained=True))


def cache(architecture: str, weights: str) -> str:
    """Where these weights are looked for before they are downloaded, in words; empty where timm has none."""
    tag = tags(architecture).get(weights)
    config = timm.get_pretrained_cfg(f"{architecture}.{tag}") if tag else None
    if config is None or not config.hf_hub_id:
        return ""
    folder = repo_folder_name(repo_id=config.hf_hub_id, repo_type="model")
    return f"Hugging Face's cache of it, {Path(constants.HF_HUB_CACHE) / folder}"
