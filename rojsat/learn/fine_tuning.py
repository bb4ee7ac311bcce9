"""Training of a network that starts from weights: layers that stay as they are, learning rates by depth."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import Parameter
from torch.optim import Optimizer

from rojsat.learn.models.first_layer import undated
from rojsat.learn.models.initial_weights import Start

FROZEN = ("encoder",)
"""What `model.freeze` may name."""

ENCODERS = ("encoder", "backbone")
"""Names of the part of a network that sees the image; without one it is all of a classifier but its layer `HEAD`."""

HEAD = "fc."
"""How the keys of a classifier's last layer begin."""

SIDE = 256
"""Height and width of the image that depth is measured on, pixels: 8 where it is halved five times."""


def initial_network(
    build: Callable[..., nn.Module],
    inputs: Sequence[str],
    outputs: int,
    *,
    weights: str | None,
    first_layer: str,
    freeze: str | None,
    dates: int | None = None,
) -> tuple[nn.Module, str]:
    """Build a network with the weights that it starts from.

    Args:
        build: from channels and outputs, `start` by keyword, to the network.
        inputs: the C names of its channels.
        outputs: K.
        weights: `model.weights`.
        first_layer: `model.first_layer`.
        freeze: `model.freeze`.
        dates: T, blocks of the images of series, each of as many inputs; None: images are no series.

    Returns:
        The network, and the sentence that says what was loaded and what was not; empty for random initialisation.
    """
    sentences: list[str] = []
    start = Start(weights, first_layer, undated(inputs)[: len(inputs) // (dates or 1)], sentences.append)
    network = build(len(inputs), outputs, start=start, **({"dates": dates} if dates else {}))
    freeze_part(network, freeze)
    return network, " ".join(sentences)


def encoder_parameters(network: nn.Module) -> dict[str, Parameter]:
    """The parameters of the encoder by their names in the network.

    Raises:
        ValueError: for a network that has none.
    """
    named = dict(network.named_parameters())
    part = next((name for name, _ in network.named_modules() if name.rpartition(".")[2] in ENCODERS), None)
    if part is not None:
        return {name: value for name, value in named.items() if name.startswith(f"{part}.")}
    encoder = {name: value for name, value in named.items() if not name.startswith(HEAD)}
    if len(encoder) == len(named):
        raise ValueError(
            "model.freeze and optimizer.layer_decay are for networks with an encoder, and this one has "
            "none; set both to null"
        )
    return encoder


def check(network: nn.Module | None, part: str | None, decay: float | None, *, update_bn: bool) -> None:
    """Refuse what cannot be, before there are data.

    Args:
        network: any; None: a model that is no network.
        part: `model.freeze`.
        decay: `optimizer.layer_decay`.
        update_bn: whether statistics of batch normalisation are estimated again after training.

    Raises:
        ValueError: for a model without an encoder, or statistics to estimate again of layers that stay as they are.
    """
    if part is None and decay is None:
        return
    if network is None:
        raise ValueError("model.freeze and optimizer.layer_decay are for networks; set both to null")
    if part is not None and update_bn:
        raise ValueError(
            "train.update_bn=true and train.keep=average estimate statistics of batch normalisation again, and "
            "model.freeze keeps those of the encoder; set train.update_bn=false and another train.keep, or "
            "model.freeze=null"
        )
    encoder_parameters(network)


def freeze_part(network: nn.Module, part: str | None) -> None:
    """Let the parameters of a part stay as they are; `set_train` lets its batch normalisation do so, too.

    Args:
        network: in place.
        part: of `FROZEN`; None: nothing stays.

    Raises:
        ValueError: for a network that has no such part.
    """
    if part is None:
        return
    for parameter in encoder_parameters(network).values():
        parameter.requires_grad = False


def set_train(network: nn.Module) -> None:
    """Put a network in training mode, but for layers whose parameters all stay as they are.

    Their batch normalisation uses the statistics that it has and keeps them, and no dropout draws in them.
    """
    network.train()
    for layer in network.modules():
        parameters = list(layer.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            layer.eval()


def depths(network: nn.Module, channels: int) -> dict[str, int]:
    """How often the image has been halved where a parameter of the encoder stands, by the parameter's name.

    The network is tried on tensors without memory. Layers of tokens or of a single pooled value have the depth of the
    layer before them.

    Args:
        network: any.
        channels: C of its image.

    Raises:
        ValueError: for a network that has no encoder.
    """
    encoder = encoder_parameters(network)
    owner = {name: name.rpartition(".")[0] for name in encoder}
    by_layer: dict[str, int] = {}
    depth = 0

    def note(name: str, output: Any) -> None:
        nonlocal depth
        if isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
            depth = max(depth, round(torch.tensor(SIDE / output.shape[2]).log2().item()))
        by_layer.setdefault(name, depth)

    names = set(owner.values())
    hooks = [
        layer.register_forward_hook(lambda _, __, output, name=name: note(name, output))
        for name, layer in network.named_modules()
        if name in names
    ]
    was_training = network.training
    tensors = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    without_memory = {key: torch.empty_like(tensor, device="meta") for key, tensor in tensors.items()}
    try:
        functional_call(network.eval(), without_memory, torch.zeros(1, channels, SIDE, SIDE, device="meta"))
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    return {name: by_layer.get(layer, 0) for name, layer in owner.items()}


def by_depth(
    optimizer: Callable[..., Optimizer], network: nn.Module, channels: int, *, lr: float, decay: float | None
) -> Callable[[Iterable[Parameter]], Optimizer]:
    """An optimizer whose learning rate falls with the distance of an encoder's stage from the decoder.

    The rate of a stage is that of the decoder times `decay` for every stage up to the decoder (Clark et al. 2020,
    ELECTRA; Bao et al. 2022, BEiT, by blocks): the deepest has `decay`, the one before `decay` squared.

    Args:
        optimizer: from parameters, or groups of them with an `lr` each, to the optimizer.
        network: whose parameters it gets.
        channels: C of its image.
        lr: learning rate of all that is not the encoder.
        decay: in (0, 1]; None: one rate for all.

    Raises:
        ValueError: for a network that has no encoder.
    """
    if decay is None:
        return optimizer
    parameters, stages = dict(network.named_parameters()), depths(network, channels)
    scales = {parameters[name]: decay ** (max(stages.values()) - stage + 1) for name, stage in stages.items()}
    return lambda trained: optimizer(groups(list(trained), scales, lr))


def groups(parameters: Sequence[Parameter], scales: Mapping[Parameter, float], lr: float) -> list[dict[str, Any]]:
    """Groups of parameters of one learning rate each, the largest rate first; parameters without a scale have `lr`."""
    rates = [lr * scales.get(parameter, 1.0) for parameter in parameters]
    return [
        {"params": [each for each, own in zip(parameters, rates, strict=True) if own == rate], "lr": rate}
        for rate in sorted(set(rates), reverse=True)
    ]
