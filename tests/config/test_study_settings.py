"""The settings of the study's experiments are those that it reports (Svensson 2020)."""

import pytest

from rojsat.config import compose

CLASSIFIERS = [f"resnet{depth}_{channels}" for depth in (18, 152) for channels in ("tci", "s2")]
SEGMENTERS = ["deeplab_dates", "deeplab_roi6", "deeplab_roi7", "deeplab_roi8"]


@pytest.fixture(scope="module", params=CLASSIFIERS)
def classifier(request):
    return compose.load(request.param, ["size=full"])


@pytest.fixture(scope="module", params=SEGMENTERS)
def segmenter(request):
    return compose.load(request.param, ["size=full"])


def test_classifiers_are_optimised_as_in_the_study(classifier):
    assert (classifier.optimizer.name, classifier.optimizer.lr) == ("sgd", 0.001)
    assert classifier.optimizer.options == {"momentum": 0.9}
    assert (classifier.schedule.name, classifier.schedule.options) == ("step", {"step_size": 7, "gamma": 0.1})
    assert classifier.loss.name == "cross_entropy"


def test_classifiers_are_the_studys_networks_channels_and_split(classifier):
    network, channels = classifier.exp.split("_")
    assert classifier.model.options == {"backbone": network}
    assert (classifier.model.name, classifier.model.weights) == ("resnet", "imagenet")
    assert classifier.model.first_layer == "rgb_first"
    assert classifier.inputs.channels == [channels]
    assert (classifier.split.name, classifier.split.options) == ("dates", {})


def test_segmenters_are_optimised_as_in_the_study(segmenter):
    assert (segmenter.optimizer.name, segmenter.optimizer.lr, segmenter.optimizer.options) == ("adam", 0.0001, {})
    assert segmenter.schedule.name == "constant"
    assert (segmenter.loss.name, segmenter.loss.options) == ("masked_mse", {})
    assert (segmenter.train.monitor, segmenter.train.mode) == ("loss", "min")


def test_segmenters_are_the_studys_network_and_inputs(segmenter):
    assert (segmenter.model.name, segmenter.model.options) == ("deeplabv3", {"backbone": "resnet101"})
    assert (segmenter.model.weights, segmenter.model.first_layer) == ("coco", "rgb_first")
    assert segmenter.model.outputs == 1
    assert segmenter.inputs.channels == ["tci", "s2"]
    assert segmenter.inputs.flips == ["horizontal"]
    assert segmenter.inputs.shift is segmenter.inputs.erase is segmenter.inputs.jitter is None
    assert segmenter.inputs.negatives == []


@pytest.mark.parametrize("region", ["6", "7", "8"])
@pytest.mark.parametrize("network", ["deeplab", "unet"])
def test_region_5_validates_and_6_7_or_8_tests(network, region):
    split = compose.load(f"{network}_roi{region}").split
    assert (split.name, split.options) == ("regions", {"val": ["5"], "test": [region]})
    assert (split.allow_leaks, split.drop_near, split.distance) == (False, False, 120)


def test_the_split_by_dates_has_the_shares_of_the_study():
    split = compose.load("deeplab_dates").split
    assert (split.name, split.options) == ("dates", {})


@pytest.mark.parametrize("size", ["quick", "full"])
def test_the_threshold_of_the_degree_is_the_97th_percentile_with_zeros(size):
    labels = compose.load("deeplab_roi6", [f"size={size}"]).data.labels
    assert (labels.source, labels.options["percentile"], labels.options["zeros"]) == ("gps", 97, True)


def test_quick_downloads_nothing_and_scratch_neither():
    for name in ("resnet18_tci", "deeplab_roi6", "unet_roi6"):
        assert compose.load(name, ["size=quick"]).model.weights is None, name
    assert compose.load("deeplab_roi6", ["size=full", "variant=scratch"]).model.weights is None
    assert compose.load("deeplab_roi6", ["size=full", "variant=unet"]).model.weights == "imagenet"
