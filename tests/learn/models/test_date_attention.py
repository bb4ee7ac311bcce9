"""Networks of series: dates are a set, of which some are missing."""

import numpy as np
import pytest
import torch
from torch.export import Dim

from rojsat.learn.data import series
from rojsat.learn.models.date_attention import DateAttention, pool, without_some
from rojsat.learn.models.segmenters import temporal, temporal_pixel_net

DAYS = ["2019-05-02", "2019-07-11", "2019-09-09"]
CHANNELS = 2
PLANES = CHANNELS + len(series.PLANES)

NETWORKS = {"temporal": (temporal, {"encoder": "resnet18", "depth": 3}), "temporal_pixel_net": (temporal_pixel_net, {})}


@pytest.fixture(params=NETWORKS)
def network(request):
    module, options = NETWORKS[request.param]
    torch.manual_seed(0)
    return module.build(len(DAYS) * PLANES, 1, dates=len(DAYS), **options).eval()


def images(days=DAYS, number=3, count=2, seed=0, height=19, width=21):
    """Standardised images of series; every date has an unseen corner of its own."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        values = rng.normal(size=(len(days), CHANNELS, height, width)).astype(np.float32)
        seen = np.ones((len(days), height, width), bool)
        for date in range(len(days)):
            seen[date, : 3 * date, :5] = False
        made.append(np.nan_to_num(series.image(values, seen, days, number)))
    return torch.from_numpy(np.stack(made))


def test_a_permutation_of_the_dates_changes_nothing(network):
    image = images()
    turned = image.unflatten(1, (-1, PLANES))[:, [2, 0, 1]].flatten(1, 2)
    assert not torch.equal(turned, image)
    torch.testing.assert_close(network(turned), network(image), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_a_missing_date_changes_nothing_nor_does_another_number_of_dates(network, training):
    for layer in network.modules():
        layer.train(training)
    two, padded = images(DAYS[:2], 2), images(DAYS[:2], 4)
    assert padded.shape[1] == 2 * two.shape[1]
    expected = network(two)
    torch.testing.assert_close(network(padded), expected, rtol=1e-4, atol=1e-5)
    assert expected.isfinite().all()


def test_a_cloudy_pixel_of_a_date_is_as_if_the_date_were_not_there():
    network = temporal_pixel_net.build(2 * PLANES, 1, dates=2, context=1).eval()
    both, first = images(DAYS[:2], 2), images(DAYS[:2], 2)
    first[:, PLANES:] = 0  # the first date alone
    hidden = both[:, PLANES + CHANNELS] == 0
    assert hidden.any() and not hidden.all()
    outputs, of_first = network(both)[:, 0], network(first)[:, 0]
    torch.testing.assert_close(outputs[hidden], of_first[hidden])
    assert not torch.isclose(outputs[~hidden], of_first[~hidden]).any()


def test_the_day_of_the_year_counts(network):
    spring, autumn = images(["2019-04-20", "2019-05-02"], 2), images(["2019-10-04", "2019-05-02"], 2)
    assert not torch.allclose(network(spring), network(autumn), atol=1e-4)


def test_a_single_date_and_none_are_finite_and_train(network):
    network.train()
    for image in (images(DAYS[:1], 1), torch.zeros(2, PLANES, 19, 21)):
        output = network(image)
        assert output.shape == (2, 1, 19, 21) and output.isfinite().all()
        network.zero_grad()
        output.square().mean().backward()
        assert all(value.grad is None or value.grad.isfinite().all() for value in network.parameters())


def test_weights_of_dates_are_a_mean_over_those_that_see():
    torch.manual_seed(0)
    seen = torch.tensor([[1.0, 1, 0], [0, 1, 0]])[None, :, None]  # (1, 2, 1, 3): the first date, both, none
    weights = DateAttention(4, 2)(torch.randn(1, 2, 4, 1, 3), seen, torch.randn(1, 2, 2))
    torch.testing.assert_close(weights.sum(dim=1)[0, :, 0], torch.tensor([[1.0, 1, 0]] * 2))
    assert (weights[0, 1, :, 0, 0] == 0).all() and (weights[0, :, :, 0, 1] > 0).all()
    constant = torch.full((1, 2, 4, 2, 6), 3.0)
    finer = seen.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    expected = torch.tensor([3.0, 3, 3, 3, 0, 0]).expand(1, 4, 2, 6)
    torch.testing.assert_close(pool(constant, weights, finer), expected)


def test_dates_are_left_out_in_training_but_never_all():
    torch.manual_seed(0)
    image = images(DAYS, 4, count=200)
    kept = without_some(image, PLANES, 0.5).unflatten(1, (-1, PLANES))[:, :, CHANNELS].amax(dim=(2, 3))
    assert (kept.sum(dim=1) >= 1).all() and (kept[:, 3] == 0).all()
    assert kept[:, :3].mean().item() == pytest.approx(0.5 + 0.5**3 / 3, abs=0.07)
    single = images(DAYS[:1], 4)
    assert torch.equal(without_some(single, PLANES, 0.9), single)


@pytest.mark.parametrize("missing", [0.0, 0.9])
def test_the_option_acts_in_training_alone(missing):
    torch.manual_seed(0)
    network = temporal_pixel_net.build(3 * PLANES, 1, dates=3, missing=missing)
    image = images()
    assert torch.equal(network.train()(image), network(image)) == (missing == 0)
    assert torch.equal(network.eval()(image), network(image))


@pytest.mark.parametrize("options, message", [({"heads": 0}, "heads is 1 or more"), ({"missing": 1}, "and below 1")])
@pytest.mark.parametrize("module", [temporal, temporal_pixel_net])
def test_options_that_cannot_be_are_refused(module, options, message):
    with pytest.raises(ValueError, match=message):
        module.build(5, 1, **options)


@pytest.mark.slow
def test_an_export_predicts_what_the_network_does_at_other_sizes(network):
    free = {0: Dim.AUTO, 2: Dim.AUTO, 3: Dim.AUTO}
    with torch.no_grad():
        exported = torch.export.export(network, (images(),), dynamic_shapes=(free,)).module()
        other = images(count=3, height=40, width=33)
        torch.testing.assert_close(exported(other), network(other), rtol=1e-4, atol=1e-5)
