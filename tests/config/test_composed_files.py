"""Composing files once and putting values into a copy gives what Hydra gives for both at once."""

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf

from rojsat.config import composed_files
from rojsat.config.compose import EXPERIMENTS

WORDS = [
    [],
    ["seed=3", "exp=unet_roi6"],
    ["size=full", "train.epochs=7", "data=objects_27"],
    ["+variant=[iou]", "++model.options.depth=2", "loss.name=masked_mse"],
    ["+variant=[year]", "size=full", "inputs.channels=[tci,ndvi]"],
    ["epochs.segmentation=3", "task=segmentation", "model.weights=null"],  # train.epochs refers to it
    ["++split.options={val: ['1'], test: ['2']}", "++model.options={depth: 3}"],
]


def at_once(name, words):
    with initialize_config_dir(str(EXPERIMENTS), version_base="1.3"):
        return compose(name, overrides=words)


@pytest.mark.parametrize("words", WORDS)
def test_values_are_put_into_composed_files_as_hydra_puts_them(words):
    expected = at_once("unet_roi6", words)
    for _ in range(2):  # the second time into files that were kept
        config = composed_files.composed(EXPERIMENTS, (), "unet_roi6", words)
        assert OmegaConf.to_container(config) == OmegaConf.to_container(expected)
        assert OmegaConf.is_struct(config) and OmegaConf.is_struct(expected)
        config.seed = 99  # changes nothing that is kept


@pytest.mark.parametrize("words", [["seed=a,b"], ["seed=["], ["nothing=3"], ["+seed=3"], ["train.epochs=many"]])
def test_what_hydra_refuses_is_refused_for_the_same_reason(words):
    with pytest.raises(HydraException) as expected:
        at_once("unet_roi6", words)
    with pytest.raises(HydraException) as error:
        composed_files.composed(EXPERIMENTS, (), "unet_roi6", words)
    assert str(error.value) == str(expected.value)
