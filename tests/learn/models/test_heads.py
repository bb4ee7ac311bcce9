import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.learn import inference, losses
from rojsat.learn.models import heads

KNOWN = torch.ones(1, 1, 101, dtype=torch.bool)


def fitted(name, target, **options):
    """The degree that one set of scores, the same for all pixels, predicts once its loss is least."""
    head = getattr(heads, name)(1, **options)
    scores = torch.zeros(1, head.outputs, 1, 1, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        getattr(losses, head.loss)(
            scores.expand(-1, -1, *target.shape[1:]), target, KNOWN, **head.loss_options
        ).backward()
        optimizer.step()
    return head.degree(scores.detach()).item()


@pytest.mark.parametrize("name", ["ordinal", "poisson", "negative_binomial"])
def test_a_head_fitted_to_degrees_predicts_their_mean(name):
    target = torch.linspace(0, 1, 101).reshape(1, 1, 101) ** 3  # most are small
    assert fitted(name, target) == pytest.approx(target.mean().item(), abs=0.005)


@pytest.mark.parametrize("name", heads.__all__)
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), spread=st.sampled_from([0.1, 10.0, 1e9]))
def test_every_head_but_the_linear_ones_predicts_a_degree_from_0_to_1_of_any_scores(name, seed, spread):
    head = getattr(heads, name)(1)
    scores = spread * torch.randn(2, head.outputs, 3, 4, generator=torch.Generator().manual_seed(seed))
    if "quantiles" in head.options or name in ("linear", "bounded"):
        return  # their last layer is the segmenter's own
    degree = inference.activation(head)(scores)
    assert degree.shape == (2, 3, 4)
    assert ((degree >= 0) & (degree <= 1)).all()


def test_bins_that_are_full_up_to_a_degree_are_that_degree():
    edges = (0.1, 0.25, 0.5)
    high, low = 40.0, -40.0
    full_to_the_second = torch.tensor([high, 0.0, 2 * high, 0.0]).reshape(1, 4, 1, 1)  # steps down are softplus
    assert heads.expected(full_to_the_second, edges=edges).item() == pytest.approx(0.25)
    assert heads.expected(torch.tensor([low, 0.0, 0.0, 0.0]).reshape(1, 4, 1, 1), edges=edges).item() == pytest.approx(
        0
    )
    assert heads.widths(edges) == pytest.approx([0.1, 0.15, 0.25, 0.5])


def test_ordinal_costs_the_cross_entropy_of_the_share_of_each_bin_below_the_degree():
    scores = torch.tensor([0.3, -0.5]).reshape(1, 2, 1, 1)
    target, known = torch.full((1, 1, 1), 0.4), torch.ones(1, 1, 1, dtype=torch.bool)
    second = 0.3 - math.log1p(math.exp(-0.5))
    shares = [(0.3, 1.0), (second, 0.2 / 0.8)]  # of bins 0 to 0.2 and 0.2 to 1
    cost = sum(math.log1p(math.exp(logit)) - share * logit for logit, share in shares) / 2
    assert losses.ordinal(scores, target, known, edges=(0.2,)).item() == pytest.approx(cost)


def test_poisson_is_least_at_the_mean_of_heat_that_is_no_whole_number_and_counts_in_its_own_unit():
    heat = torch.tensor([[[0.0, 0.2, 2.5]]])
    assert fitted_rate(losses.poisson, heat) == pytest.approx(0.9, abs=0.005)
    scores, known = torch.zeros(1, 1, 1, 3), torch.ones_like(heat, dtype=torch.bool)
    mean = 0.25 * 8
    cost = sum(mean - 8 * value * math.log(mean) for value in heat.flatten().tolist()) / 3
    assert losses.poisson(scores, heat, known, limit=8).item() == pytest.approx(cost, rel=1e-5)


def fitted_rate(loss, heat):
    scores = torch.zeros(1, 1, 1, 1, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        loss(scores.expand(-1, -1, 1, 3), heat, torch.ones_like(heat, dtype=torch.bool)).backward()
        optimizer.step()
    return heads.log_heat(scores.detach()).exp().item()


def test_negative_binomial_is_the_density_of_scipy():
    scipy_stats = pytest.importorskip("scipy.stats")
    scores, counts = torch.tensor([0.7, -0.2]).reshape(1, 2, 1, 1), torch.tensor([[[3.0]]])
    known = torch.ones(1, 1, 1, dtype=torch.bool)
    mean = 20 * math.log1p(math.exp(0.7 + math.log(math.expm1(0.25))))
    for dispersion in (None, 0.4):
        spread = dispersion or math.log1p(math.exp(-0.2 + math.log(math.expm1(1))))
        density = scipy_stats.nbinom(1 / spread, 1 / (1 + spread * mean)).logpmf(3)
        planes = scores if dispersion is None else scores[:, :1]
        cost = losses.negative_binomial(planes, counts / 20, known, dispersion=dispersion, limit=20)
        assert cost.item() == pytest.approx(-density, rel=1e-5)


def test_heat_has_a_finite_logarithm_and_slope_at_any_score():
    scores = torch.tensor([-1e9, -100.0, -15.0, 0.0, 100.0, 1e9], requires_grad=True)
    heads.log_heat(scores).sum().backward()
    assert heads.log_heat(scores).isfinite().all() and scores.grad.isfinite().all()
    assert heads.log_heat(torch.zeros(1)).exp().item() == pytest.approx(0.25)
    assert scores.grad[:2].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("ordinal", {"edges": [0.5, 0.2]}, "they rise and lie between 0 and 1"),
        ("ordinal", {"edges": []}, "they rise and lie between 0 and 1"),
        ("ordinal", {"edges": [0.5, 1.0]}, "they rise and lie between 0 and 1"),
        ("negative_binomial", {"dispersion": 0.0}, "0.001 to 1000"),
        ("quantiles", {"quantiles": [0.1, 0.9]}, "at least one on each side"),
    ],
)
def test_options_that_cannot_be_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(heads, name)(1, **options)


@pytest.mark.parametrize("name", sorted(set(heads.__all__) - {"linear"}))
def test_a_head_is_of_one_degree(name):
    with pytest.raises(ValueError, match="of one degree|are of a degree"):
        getattr(heads, name)(2)
