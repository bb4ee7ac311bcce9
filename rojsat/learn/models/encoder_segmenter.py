"""Segmenters of an encoder and a decoder by segmentation_models_pytorch, with any of its encoders."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import segmentation_models_pytorch as smp
import torch
from huggingface_hub import constants
from huggingface_hub.file_download import repo_folder_name
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.nn import functional

from rojsat.config import lookup
from rojsat.learn.models import bounds, initial_weights
from rojsat.learn.models.dropout import before_scores
from rojsat.learn.models.initial_weights import Start
from rojsat.learn.models.padded import Padded
from rojsat.learn.models.trained_weights import TorchvisionFile, WeightsError

OF_TIMM = ("tu-tf_efficientnet_lite0",)
"""Encoders of timm that the register has weights of."""

ENCODERS = (*sorted(name for name in smp.encoders.encoders if not name.startswith("timm-")), *OF_TIMM)
"""Those of segmentation_models_pytorch under their present names; `timm-` are old names."""

DEPTHS = range(3, 6)
"""Stages of an encoder that decoders are made for; each halves the resolution."""

WIDTHS = (256, 128, 64, 32, 16)
"""Channels of the stages of a decoder that has as many as the encoder, deepest first, as in `unet`."""

TRIAL = 64
"""Height and width of the image of zeros that an encoder is tried on, pixels: two pixels where it halves five times."""


def build(
    architecture: Callable[..., nn.Module],
    channels: int,
    outputs: int,
    *,
    start: Start,
    encoder: str,
    bounded: bool,
    quantiles: Sequence[float],
    depth: int = 5,
    dropout: float = 0.0,
    multiple: int = 32,
    **settings: Any,
) -> nn.Module:
    """Build a network of an encoder and a decoder.

    Args:
        architecture: of segmentation_models_pytorch.
        channels: C.
        outputs: K, planes of scores.
        start: of the weights; its downloads are those that segmentation_models_pytorch has of the encoder alone
            ("imagenet" for most). A file may be torchvision's of a ResNet encoder, or of the encoder alone.
        encoder: of `ENCODERS`.
        bounded: sigmoid on the degree, see `bounds.last`.
        quantiles: of the degree, see `quantiles.check`.
        depth: stages of the encoder, of `DEPTHS`; an option of the networks that work with fewer than 5.
        dropout: share of the decoder's channels that are dropped before the scores, see `dropout.before_scores`.
        multiple: the network takes heights and widths that are multiples of this, pixels; others are padded.
        **settings: of the architecture.

    Returns:
        (N, C, H, W) to scores (N, K, H, W), any H and W.

    Raises:
        rojsat.config.lookup.UnknownNameError: for another encoder.
        ValueError: for an encoder or a setting that the architecture refuses, quantiles that are not possible, or
            weights for an encoder that has no first layer of its own.
    """
    if encoder not in ENCODERS:
        raise lookup.unknown("model.options.encoder", encoder, ENCODERS)
    if depth not in DEPTHS:
        raise ValueError(f"model.options.depth is {DEPTHS[0]}..{DEPTHS[-1]}, not {depth}")
    planes, last = bounds.planes(outputs, quantiles), bounds.last(outputs, bounded, quantiles)
    network = _assemble(
        partial(architecture, encoder, encoder_depth=depth, encoder_weights=None, in_channels=channels, classes=planes),
        encoder,
        depth,
        settings,
    )
    _fix_padding(network.encoder)
    first = _trim(network.encoder, channels)
    before_scores(network, dropout)
    padded = Padded(network, multiple, last)
    if start.weights is not None:
        _load(padded, start, encoder, depth, first)
    return padded


def _assemble(make: Callable[..., nn.Module], encoder: str, depth: int, settings: Mapping[str, Any]) -> nn.Module:
    """The network, or what its decoder refuses in words."""
    device = torch.get_default_device()
    try:
        if device.type != "meta" or not encoder.startswith("mit_"):
            return make(**settings)
        with (
            torch.random.fork_rng(devices=[]),
            torch.device("cpu"),
        ):  # it reads numbers of tensors
            return make(**settings).to(device)
    except (ValueError, NotImplementedError) as error:
        raise ValueError(
            f"model.options.encoder={encoder} of depth {depth} does not go with the decoder ({error}); choose another, "
            "as resnet34"
        ) from error


class FixedSame(nn.Conv2d):
    """TensorFlow's padding SAME for heights and widths that are multiples of the stride, the same for all of them.

    timm computes it from each image, which makes an export for any size take longer than training.
    """

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to (N, F, H / stride, W / stride)."""
        height, width = (
            reach * (kernel - 1) + 1 - stride
            for reach, kernel, stride in zip(self.dilation, self.kernel_size, self.stride, strict=True)
        )
        sides = (width // 2, width - width // 2, height // 2, height - height // 2)
        return super().forward(functional.pad(image, sides))


def _fix_padding(encoder: Any) -> None:
    """Put `FixedSame` in the place of timm's layers, with the same weights; no random number is drawn."""
    for parent in list(encoder.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, Conv2dSame):
                bias = layer.bias is not None
                size = (layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride, 0, layer.dilation)
                with torch.device("meta"):
                    fixed = FixedSame(*size, layer.groups, bias)  # type: ignore[arg-type]
                fixed.weight, fixed.bias = layer.weight, layer.bias
                setattr(parent, name, fixed)


def _trim(encoder: Any, channels: int) -> list[str]:
    """Drop the parts that the encoder never runs, as stages beyond its depth; names of the convolutions of the image.

    It is tried on zeros in evaluation mode, which changes neither weights nor statistics nor random numbers.
    """
    image = torch.zeros(1, channels, TRIAL, TRIAL)
    called: set[nn.Module] = set()
    first: list[str] = []

    def note(name: str, layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        called.add(layer)
        if isinstance(layer, nn.Conv2d) and inputs and inputs[0] is image:
            first.append(name)

    hooks = [
        layer.register_forward_pre_hook(partial(note, name))
        for name, layer in encoder.named_modules()
        if layer is not encoder
    ]
    with torch.no_grad():
        encoder.eval()(image)
    encoder.train()
    for hook in hooks:
        hook.remove()
    for name, child in list(encoder.named_children()):
        if not called.intersection(child.modules()):
            setattr(encoder, name, nn.Identity())
    return first


def _load(network: Padded, start: Start, encoder: str, depth: int, first: Sequence[str]) -> None:
    """Put the weights that `start` asks for into the network.

    Raises:
        rojsat.learn.models.trained_weights.WeightsError: if it cannot be known which layer sees the image.
    """
    if len(first) != 1:
        raise WeightsError(
            f"model.weights={start.weights}: {len(first)} convolutions of encoder {encoder} see the image, so no first "
            "layer can be fitted to its channels; choose model.weights=null, or another model.options.encoder"
        )
    sources = {} if encoder in OF_TIMM else smp.encoders.encoders[encoder]["pretrained_settings"]
    beside = tuple(f"network.{name}." for name, _ in network.network.named_children() if name != "encoder")
    own = set(network.state_dict())
    layouts = [
        TorchvisionFile(f"torchvision's {encoder}", "conv1.weight", "network.encoder.", ("fc.", *beyond), beside)
        for beyond in [tuple(f"layer{stage}." for stage in range(max(1, depth), 5))]
        if encoder.startswith("resnet")
    ]
    initial_weights.load(
        network,
        start,
        {name: partial(_encoder_state, encoder, depth, name, own) for name in sources},
        stem=f"network.encoder.{first[0]}.weight",
        head=beside if start.weights in sources else ("network.segmentation_head.",),
        beside=beside,
        layouts=layouts,
        cache=_cache(sources),
    )


def _cache(sources: Mapping[str, Mapping[str, str]]) -> str:
    """Where an encoder's weights are looked for before they are downloaded, in words."""
    names = [repo_folder_name(repo_id=source["repo_id"], repo_type="model") for source in sources.values()]
    return f"Hugging Face's cache of it, {' or '.join(str(Path(constants.HF_HUB_CACHE) / name) for name in names)}"


def _encoder_state(encoder: str, depth: int, source: str, own: set[str]) -> dict[str, Tensor]:
    """Downloaded weights of the encoder under those of the network's keys that it has."""
    state = smp.encoders.get_encoder(encoder, depth=depth, weights=source).state_dict()
    return {key: value for name, value in state.items() if (key := f"network.encoder.{name}") in own}
