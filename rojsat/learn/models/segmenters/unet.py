"""U-Net with a residual encoder, by segmentation_models_pytorch (Ronneberger et al. 2015)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import segmentation_models_pytorch as smp
from huggingface_hub import constants
from huggingface_hub.file_download import repo_folder_name
from torch import Tensor, nn

from rojsat.config import lookup
from rojsat.learn.models import bounds, initial_weights
from rojsat.learn.models.dropout import before_scores
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start, TorchvisionFile

ENCODERS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
"""Those whose first layer is `conv1`."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    encoder: str = "resnet34",
    depth: int = 5,
    decoder: Sequence[int] = (256, 128, 64, 32, 16),
    fine: bool = False,
    dropout: float = 0.0,
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network.

    Args:
        channels: C.
        outputs: K, planes of scores.
        start: of the weights; its download is "imagenet" (encoder alone). A file may be torchvision's of the encoder.
        encoder: of `ENCODERS`.
        depth: stages of the encoder, 1..5; each halves the resolution (the first not if `fine`).
        decoder: width of the decoder's stages, deepest first; the last `depth` of them are used.
        fine: first layer 3 x 3 at full resolution, not 7 x 7 at half of it: sharper edges, nearly 4 times the work.
        dropout: share of the decoder's channels that are dropped before the scores, see `dropout.before_scores`.
        bounded: sigmoid on the degree, see `bounds.last`.
        quantiles: Q of the degree instead of the degree alone: (N, Q, H, W) that rise along Q, see `quantiles.check`.

    Returns:
        (N, C, H, W) to scores (N, K, H, W), any H and W.

    Raises:
        rojsat.config.lookup.UnknownNameError: for another encoder.
        ValueError: for a depth out of its range, fewer widths than stages, or impossible dropout or quantiles.
    """
    if encoder not in ENCODERS:
        raise lookup.unknown("model.options.encoder", encoder, ENCODERS)
    if not 1 <= depth <= min(5, len(decoder)):
        raise ValueError(f"model.options.depth is 1..5 and at most the {len(decoder)} widths of decoder, not {depth}")
    planes, last = bounds.planes(outputs, quantiles), bounds.last(outputs, bounded, quantiles)
    network = smp.Unet(
        encoder, depth, None, decoder_channels=tuple(decoder)[-depth:], in_channels=channels, classes=planes
    )
    network.segmentation_head.append(last)
    before_scores(network, dropout)
    network.requires_divisible_input_shape = False  # its decoder resizes to the size of each skip
    _shape_encoder(network.encoder, channels, depth, fine)
    downloads = {"imagenet": partial(_encoder_state, encoder, depth)}
    head = ("decoder.", "segmentation_head.") if start.weights == "imagenet" else ("segmentation_head.",)
    beyond = tuple(f"layer{stage}." for stage in range(max(1, depth), 5))
    torchvision = TorchvisionFile(
        f"torchvision's {encoder}", "conv1.weight", "encoder.", ("fc.", *beyond), ("decoder.", "segmentation_head.")
    )
    initial_weights.load(
        network,
        start,
        downloads,
        stem="encoder.conv1.weight",
        head=head,
        layouts=[torchvision],
        cache=_cache(encoder),
    )
    return network


def _shape_encoder(encoder: nn.Module, channels: int, depth: int, fine: bool) -> None:
    """Give the encoder a fine first layer, if asked for, and drop the stages that its depth never reaches."""
    if fine:
        encoder.conv1 = nn.Conv2d(channels, 64, kernel_size=3, padding=1, bias=False)
    for stage in range(max(1, depth), 5):
        setattr(encoder, f"layer{stage}", nn.Identity())


def _cache(encoder: str) -> str:
    """Where the encoder's weights are looked for before they are downloaded, in words."""
    repository = smp.encoders.encoders[encoder]["pretrained_settings"]["imagenet"]["repo_id"]
    folder = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repository, repo_type="model")
    return f"Hugging Face's cache of it, {folder}"


def _encoder_state(encoder: str, depth: int) -> dict[str, Tensor]:
    """ImageNet weights of the encoder under the network's keys."""
    source = smp.encoders.get_encoder(encoder, depth=depth, weights="imagenet")
    _shape_encoder(source, 3, depth, fine=False)
    return {f"encoder.{key}": value for key, value in source.state_dict().items()}
