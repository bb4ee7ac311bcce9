import pytest

from rojsat.chips import roles
from rojsat.config import checks, compose
from rojsat.learn import choices, losses

OTHERS = {
    # what torch or a model refuses alone: what its error says
    "model.options.depth=9": "model.options.depth is 1..5",
    "model.options.encoder=resnt18": "model.options.encoder 'resnt18' does not exist. Did you mean 'resnet18'?",
    "model.weights=csmask_l2": "model.weights 'csmask_l2' does not exist. Did you mean 'csmask_l2a'?",
    "model.weights=csmask_l2a": "choose model.name=unet model.options.encoder=efficientnet-b4",
    "optimizer.options.weight_decay=-1": "optimizer adam, schedule constant: Invalid weight_decay value",
    "train.pixels=100": "model.name=pixel_net, not unet; set it to null",
    "train.monitor=r3": "train.monitor 'r3' does not exist. Did you mean 'r2'?",
}


@pytest.fixture(scope="module")
def unet():
    return compose.load("unet_roi6")


def test_what_can_be_trained_passes_without_data(unet):
    choices.check(unet)
    others = {"ridge": {}, "position": {}, "fpn": {"encoder": "resnet18"}, "segformer": {"encoder": "mit_b0"}}
    others |= {"pixel_net": {"context": 5, "windows": [5, 9], "ends": True}, "lraspp": {}, "dpt": {}}
    for name, options in others.items():
        choices.check(compose.with_values(unet, {"model.name": name, "model.options": options}))


@pytest.mark.parametrize("word", OTHERS)
def test_what_a_model_or_torch_refuses_is_refused_without_data(unet, word):
    key, _, value = word.partition("=")
    number = int(value) if value.lstrip("-").isdecimal() else value
    wrong = compose.with_values(unet, {key: number})
    checks.check(wrong)
    with pytest.raises(ValueError) as error:
        choices.check(wrong)
    assert OTHERS[word] in str(error.value)


def test_a_predictor_of_pixels_is_refused_for_stands():
    stands = compose.load("resnet18_tci", ["variant=position"])
    with pytest.raises(ValueError, match="position predicts pixels"):
        choices.check(stands)


@pytest.mark.parametrize("task, experiment", [("segmentation", "unet_roi6"), ("classification", "resnet18_tci")])
def test_the_table_of_losses_says_what_they_do(task, experiment):
    assert set(losses.OUTPUTS) == set(losses.__all__) >= set(losses.OF_PIXELS)
    base = compose.with_values(compose.load(experiment), {"model.name": ""})
    for name in set(losses.__all__) - set(losses.OF_HEADS):  # their planes are those of a head
        for outputs in (1, len(roles.CLASSES), 3):
            chosen = compose.with_values(base, {"loss.name": name, "model.outputs": outputs})
            assert refuses(lambda: checks.check(chosen)) == refuses(  # noqa: B023 - called at once
                lambda: choices._try_loss(getattr(losses, name), task, outputs)  # noqa: B023
            ), (name, outputs)


def refuses(call):
    try:
        call()
    except ValueError:
        return True
    return False
