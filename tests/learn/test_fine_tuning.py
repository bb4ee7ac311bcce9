from functools import partial

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from rojsat.config import compose
from rojsat.evaluation.metrics import Segmentation
from rojsat.learn import choices, fine_tuning, losses, optimizers, schedules, training
from rojsat.learn.models.classifiers import resnet
from rojsat.learn.models.segmenters import deeplabv3, fpn, unet
from tests.support.learning import samples


def small(channels=3, **options):
    torch.manual_seed(0)
    return unet.build(channels, 1, encoder="resnet18", depth=3, decoder=(16, 16, 8), **options)


def train(network, folder, **changes):
    """Two epochs on the store in memory."""
    how = {
        "loss": losses.masked_mse,
        "fabric": Fabric(accelerator="cpu", devices=1),
        "optimizer": partial(optimizers.adamw, lr=0.01),
        "schedule": schedules.constant,
        "metrics": lambda: Segmentation(0.1),
        "epochs": 2,
        "batch_size": 2,
        "folder": folder,
    }
    return list(training.fit(network, samples(), samples(), **how | changes))


def changed(network, before):
    return {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}


def snapshot(network):
    return {key: value.clone() for key, value in network.state_dict().items()}


@pytest.mark.parametrize("part", ["encoder", None])
def test_weights_and_statistics_of_a_frozen_encoder_stay_and_all_else_is_trained(tmp_path, part):
    network = small()
    before = snapshot(network)
    fine_tuning.freeze_part(network, part)
    train(network, tmp_path)
    moved = changed(network, before)
    encoder = {key for key in before if key.startswith("encoder.")}
    decoder = {key for key in before if not key.startswith("encoder.")}
    assert decoder <= moved
    assert moved & encoder == (set() if part else encoder)


def test_a_frozen_encoder_does_in_training_what_it_does_in_evaluation():
    network, image = small(), torch.randn(2, 3, 33, 41)
    train_alike, free = small(), small()
    fine_tuning.freeze_part(network, "encoder")
    for each in (network, train_alike, free):
        fine_tuning.set_train(each)
    assert network.decoder.training and not network.encoder.training and free.encoder.training
    with torch.no_grad():
        deepest = [each.encoder(image)[-1] for each in (network, small().eval(), free)]
    assert torch.equal(deepest[0], deepest[1])
    assert not torch.allclose(deepest[0], deepest[2])


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (small, {"encoder.conv1": 1, "encoder.bn1": 1, "encoder.layer1.0.conv1": 2, "encoder.layer2.1.bn2": 3}),
        (
            partial(fpn.build, 3, 1, encoder="efficientnet-b0"),
            {
                "network.encoder._conv_stem": 1,
                "network.encoder._blocks.0._se_reduce": 1,  # of one pooled value
                "network.encoder._blocks.1._depthwise_conv": 2,
                "network.encoder._blocks.15._bn2": 5,
            },
        ),
        (partial(resnet.build, 3, 2), {"conv1": 1, "layer1.0.conv1": 2, "layer4.1.bn2": 5}),
        (
            partial(fpn.build, 3, 1, encoder="mit_b0"),
            {"network.encoder.patch_embed1.proj": 2, "network.encoder.block4.1.attn.q": 5},
        ),
    ],
)
def test_depth_is_how_often_the_image_was_halved(make, expected):
    network = make()
    depths = fine_tuning.depths(network, 3)
    assert {layer: depths[f"{layer}.weight"] for layer in expected} == expected
    assert depths.keys() == fine_tuning.encoder_parameters(network).keys()
    assert network.training


def test_rates_fall_with_the_distance_from_the_decoder(tmp_path):
    network = small()
    plain = partial(optimizers.adamw, lr=0.01, weight_decay=0.0)
    layered = fine_tuning.by_depth(plain, network, 3, lr=0.01, decay=0.5)(network.parameters())
    named = {parameter: name for name, parameter in network.named_parameters()}
    rates = {named[each]: group["lr"] for group in layered.param_groups for each in group["params"]}
    assert rates.keys() == set(named.values())
    expected = {"encoder.conv1": 1 / 8, "encoder.layer1.0.conv1": 1 / 4, "encoder.layer2.0.conv1": 1 / 2}
    expected |= {"decoder.blocks.0.conv1.0": 1, "segmentation_head.0": 1}
    assert {layer: rates[f"{layer}.weight"] / 0.01 for layer in expected} == pytest.approx(expected)
    assert layered.param_groups[0]["lr"] == 0.01  # what the history records
    before = snapshot(network)
    optimizer = fine_tuning.by_depth(plain, network, 3, lr=0.01, decay=0.5)
    (epoch,) = train(network, tmp_path, optimizer=optimizer, epochs=1, batch_size=len(samples()))
    assert epoch.learning_rate == 0.01
    for layer, share in expected.items():  # a first step of Adam is as long as the rate
        step = (network.get_parameter(f"{layer}.weight") - before[f"{layer}.weight"]).abs().max().item()
        assert step == pytest.approx(0.01 * share, rel=0.02)


def test_every_schedule_keeps_the_proportions_of_the_rates():
    network = small()
    for name in schedules.__all__:
        optimizer = fine_tuning.by_depth(partial(optimizers.sgd, lr=0.1), network, 3, lr=0.1, decay=0.5)
        layered = optimizer(network.parameters())
        schedule = getattr(schedules, name)(layered, 8)
        for _ in range(3):
            layered.step()
            schedule.step()
        rates = [group["lr"] for group in layered.param_groups]
        assert [rate / rates[0] for rate in rates] == pytest.approx([1, 1 / 2, 1 / 4, 1 / 8])


def test_the_backbone_of_deeplab_is_its_encoder():
    with torch.device("meta"):
        network = deeplabv3.build(3, 1)
    assert {name.split(".")[1] for name in fine_tuning.encoder_parameters(network)} == {"backbone"}


def test_without_a_decay_the_optimizer_is_the_same():
    plain = partial(optimizers.adam, lr=0.1)
    assert fine_tuning.by_depth(plain, nn.Linear(2, 2), 3, lr=0.1, decay=None) is plain


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("unet_roi6", {"model.freeze": "encoder", "train.update_bn": True}, "keeps those of the encoder"),
        ("baseline_gbm", {"model.freeze": "encoder"}, "are for networks"),
        ("baseline_gbm", {"optimizer.layer_decay": 0.5}, "are for networks"),
    ],
)
def test_what_cannot_be_is_refused_without_data(name, changes, message):
    with pytest.raises(ValueError, match=message):
        choices.check(compose.with_values(compose.load(name), changes))


def test_a_network_without_an_encoder_is_refused():
    with pytest.raises(ValueError, match="with an encoder, and this one has none"):
        fine_tuning.check(nn.Conv2d(3, 1, 1), "encoder", None, update_bn=False)
