import pytest
import torch

from rojsat.learn import trainable
from rojsat.learn.models.classifiers import resnet
from rojsat.learn.models.segmenters import deeplabv3, unet
from tests.support.learning import samples, tiny

BUILDS = {"deeplabv3": deeplabv3.build, "unet": unet.build, "resnet": resnet.build}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "side", "is_refused"),
    [("deeplabv3", 64, True), ("unet", 32, True), ("unet", 64, False), ("resnet", 32, True), ("resnet", 64, False)],
)
def test_batches_of_one_are_refused_exactly_where_training_would_fail(name, side, is_refused):
    network = BUILDS[name](3, 2).train()
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    try:
        trainable.check_batch_of_one(network, (3, side, side), 1, name)
        message = ""
    except ValueError as error:
        message = str(error)
    assert message.startswith(f"{name} needs train.batch_size of at least 2") == is_refused
    assert all(torch.equal(before[key], tensor) for key, tensor in network.state_dict().items())
    assert network.training
    trainable.check_batch_of_one(network, (3, side, side), 2, name)
    if is_refused:
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            network(torch.zeros(1, 3, side, side))
    else:
        network(torch.zeros(1, 3, side, side))


def unknown(part):
    part.known[:] = False
    return part


@pytest.mark.parametrize(
    ("train", "val", "message"),
    [
        (samples(regions=1, dates=1), samples(), "the training part has 1 sample;"),
        (samples(), unknown(samples()), "label of the validation part is known"),
        (unknown(samples()), samples(), "label of the training part is known"),
    ],
)
def test_parts_that_teach_nothing_are_refused(train, val, message):
    with pytest.raises(ValueError, match=message):
        trainable.check(tiny(), {"train": train, "val": val}, 4, "tiny")
