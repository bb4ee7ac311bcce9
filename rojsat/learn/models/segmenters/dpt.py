"""DPT: a vision transformer and a convolutional decoder, by segmentation_models_pytorch (Ranftl et al. 2021)."""

import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import segmentation_models_pytorch as smp
import timm
import torch
from torch import Tensor, nn

from rojsat.config import lookup
from rojsat.learn.models import bounds, initial_weights, timm_weights
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start
from rojsat.learn.models.padded import Padded

MULTIPLE = 32
"""Pixels: the decoder's coarsest plane is of a thirty-second."""

STAGES = 4
"""Depths of the encoder whose features the decoder takes."""

ENCODER = "network.encoder.model."
"""What stands before the keys of timm's."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    encoder: str = "vit_tiny_patch16_224",
    decoder: Sequence[int] = (96, 192, 384, 768),
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network.

    Args:
        channels: C.
        outputs: K, planes of scores.
        start: of the weights; its downloads are those that timm has of the encoder, see `timm_weights.tags`.
        encoder: a transformer of timm's that takes any size of image, with patches of 4, 8, 16 or 32 pixels.
        decoder: width of the decoder's four stages, finest first (Ranftl et al. 2021 for their base network).
        bounded: sigmoid on the degree, see `bounds.last`.
        quantiles: Q of the degree instead of the degree alone: (N, Q, H, W) that rise along Q, see `quantiles.check`.

    Returns:
        (N, C, H, W) to scores (N, K, H, W), any H and W.

    Raises:
        rojsat.config.lookup.UnknownNameError: for an encoder that timm does not have.
        ValueError: for one that the decoder cannot use, other than four widths, or quantiles that are not possible.
    """
    if not timm.is_model(encoder):
        raise lookup.unknown("model.options.encoder", encoder, timm.list_models("vit_*"))
    if len(decoder) != STAGES or min(decoder) < 1:
        raise ValueError(f"model.options.decoder is four widths, as [96, 192, 384, 768], not {list(decoder)}")
    planes, last = bounds.planes(outputs, quantiles), bounds.last(outputs, bounded, quantiles)
    network = _assemble(encoder, in_channels=channels, classes=planes, decoder_intermediate_channels=tuple(decoder))
    padded = Padded(network, MULTIPLE, last)
    if start.weights is not None:
        _load(padded, start, encoder)
    return padded


def _assemble(encoder: str, **settings: Any) -> nn.Module:
    """The network without the parts of the encoder that it never runs, or why it cannot be, in words."""
    image = torch.zeros(1, settings["in_channels"], 2 * MULTIPLE, 2 * MULTIPLE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of encoders without a token of the complete image
            network = smp.DPT(f"tu-{encoder}", STAGES, None, dynamic_img_size=True, **settings)
        _trim(network, network.encoder.model, image)
    except (AssertionError, RuntimeError, TypeError, ValueError) as error:  # each transformer has its own
        raise ValueError(
            f"model.options.encoder={encoder} does not go with dpt ({error}); it needs a transformer that takes any "
            "size of image, with patches of 4, 8, 16 or 32 pixels, as vit_tiny_patch16_224"
        ) from error
    return network


def _trim(network: nn.Module, transformer: nn.Module, image: Tensor) -> None:
    """Drop what of the transformer an image does not go through, as its classifier."""
    called: set[nn.Module] = set()

    def note(layer: nn.Module, _: tuple[Any, ...]) -> None:
        called.add(layer)

    hooks = [layer.register_forward_pre_hook(note) for layer in transformer.modules()]
    with torch.no_grad():
        network.eval()(image)
    network.train()
    for hook in hooks:
        hook.remove()
    for name, child in list(transformer.named_children()):
        if not called.intersection(child.modules()):
            setattr(transformer, name, nn.Identity())


def _load(network: Padded, start: Start, encoder: str) -> None:
    """Put the weights that `start` asks for into the network."""
    downloads = timm_weights.downloads(encoder, partial(_encoder_state, own=set(network.state_dict())))
    first: Any = timm.get_pretrained_cfg(encoder)
    decoder, scores = ("network.decoder.", "network.segmentation_head."), ("network.segmentation_head.head.4.",)
    initial_weights.load(
        network,
        start,
        downloads,
        stem=f"{ENCODER}{first.first_conv}.weight",
        head=decoder if start.weights in downloads else scores,
        beside=decoder,
        cache=timm_weights.cache(encoder, str(start.weights)),
    )


def _encoder_state(trained: nn.Module, own: set[str]) -> Mapping[str, Tensor]:
    """Weights of timm's under those of the network's keys that it has."""
    state = {f"{ENCODER}{key}": value for key, value in trained.state_dict().items()}
    return {key: value for key, value in state.items() if key in own}
