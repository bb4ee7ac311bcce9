import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.learn import losses
from tests.support.learning import GARBAGE, PLANES

QUICK = settings(deadline=None, max_examples=30)
LIKELIHOODS = ("negative_binomial", "poisson")
"""Losses that may be below 0: logarithms of densities."""


def case(name, seed=0):
    generator = torch.Generator().manual_seed(seed)
    output = torch.randn(3, PLANES.get(name, 2), 4, 5, generator=generator)
    target = torch.rand(3, 4, 5, generator=generator) * (torch.rand(3, 4, 5, generator=generator) < 0.5)
    return output, target, torch.rand(3, 4, 5, generator=generator) < 0.6


def evaluated(loss, output, target, known):
    """The loss and the gradient at the output."""
    output = output.clone().requires_grad_()
    value = loss(output, target, known)
    value.backward()
    return value.detach(), output.grad


@pytest.mark.parametrize("name", losses.__all__)
@QUICK
@given(seed=st.integers(0, 10**6), garbage=st.sampled_from(GARBAGE), output_too=st.booleans())
def test_unknown_pixels_change_no_bit_of_loss_or_gradient(name, seed, garbage, output_too):
    loss, (output, target, known) = getattr(losses, name), case(name, seed)
    value, gradient = evaluated(loss, output, torch.where(known, target, 0.0), known)
    corrupted = torch.where(known.unsqueeze(1), output, garbage) if output_too else output
    other, other_gradient = evaluated(loss, corrupted, torch.where(known, target, garbage), known)
    assert torch.equal(value, other)
    assert torch.equal(gradient, other_gradient)
    assert not gradient.isnan().any()
    assert (gradient.movedim(1, -1)[~known] == 0).all()


@pytest.mark.parametrize("name", losses.__all__)
def test_nothing_known_costs_nothing(name):
    output, target, known = case(name)
    value, gradient = evaluated(getattr(losses, name), output, target * float("nan"), torch.zeros_like(known))
    assert value == 0
    assert (gradient == 0).all()


@pytest.mark.parametrize("name", losses.__all__)
@pytest.mark.parametrize("scale", [1e-3, 1e3, 1e9])
def test_loss_and_gradient_are_finite_and_some_gradient_is_left_at_extreme_scores(name, scale):
    output, target, known = case(name)
    value, gradient = evaluated(getattr(losses, name), output * scale, target, known)
    assert value.isfinite() and gradient.isfinite().all()
    assert value >= 0 or name in LIKELIHOODS
    saturated = (
        name == "lovasz_softmax" and scale > 1
    )  # probabilities are 0 and 1: that is why it comes with cross entropy
    assert saturated or gradient.any()


@QUICK
@given(st.sampled_from([-1, -100, 10**9]))
def test_unknown_labels_change_no_bit_either(garbage):
    output, target = torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    known = torch.tensor([True, True, False, True])
    value, gradient = evaluated(losses.cross_entropy, output, target, known)
    other, other_gradient = evaluated(losses.cross_entropy, output, torch.where(known, target, garbage), known)
    assert torch.equal(value, other)
    assert torch.equal(gradient, other_gradient)


def test_masked_mse_is_the_sum_over_the_known_by_their_number():
    output = torch.tensor([[[[1.0, 2.0, 5.0]]]])
    target, known = torch.tensor([[[0.5, 0.0, 0.0]]]), torch.tensor([[[True, True, False]]])
    assert losses.masked_mse(output, target, known) == pytest.approx((0.25 + 4) / 2)


def pixels(*degrees):
    """Output, target and known of pixels in a row."""
    output, target = (torch.tensor([list(values)]).unsqueeze(1) for values in degrees)
    return output.unsqueeze(1), target, torch.ones_like(target, dtype=torch.bool)


def test_pinball_costs_an_error_by_its_side_and_is_a_mean_over_pixels_and_quantiles():
    output = torch.tensor([[[[0.2, 0.5]], [[0.6, 0.5]]]])  # two quantiles of two pixels
    target, known = torch.tensor([[[0.4, 0.5]]]), torch.ones(1, 1, 2, dtype=torch.bool)
    cost = losses.pinball(output, target, known, quantiles=(0.1, 0.75))
    assert cost == pytest.approx((0.1 * 0.2 + 0.25 * 0.2) / 4)
    known[0, 0, 1] = False
    assert losses.pinball(output, target, known, quantiles=(0.1, 0.75)) == pytest.approx(2 * cost)


def test_pinball_is_least_at_the_quantiles_of_the_targets():
    target = torch.linspace(0, 1, 101).reshape(1, 1, 101)
    known, levels = torch.ones_like(target, dtype=torch.bool), (0.05, 0.5, 0.9)
    output = torch.zeros(1, 3, 1, 1, requires_grad=True)
    optimizer = torch.optim.Adam([output], lr=0.02)
    for _ in range(300):
        optimizer.zero_grad()
        losses.pinball(output.expand(-1, -1, 1, 101), target, known, quantiles=levels).backward()
        optimizer.step()
    assert output.flatten().tolist() == pytest.approx(levels, abs=0.03)


def test_soft_iou_is_one_less_the_smaller_by_the_greater_degrees():
    assert losses.soft_iou(*pixels([0.2, 0.5, 0.0], [0.4, 0.25, 0.0])) == pytest.approx(1 - (0.2 + 0.25) / (0.4 + 0.5))


def test_soft_iou_of_zeros_and_ones_is_that_of_sets():
    assert losses.soft_iou(*pixels([1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0])) == pytest.approx(1 - 1 / 3)
    assert losses.soft_iou(*pixels([0.3, 0.7], [0.3, 0.7])) == 0


def test_soft_iou_of_nothing_and_nothing_is_no_loss_and_no_gradient():
    value, gradient = evaluated(losses.soft_iou, *pixels([0.0, 0.0], [0.0, 0.0]))
    assert value == 0
    assert (gradient == 0).all()


@QUICK
@given(seed=st.integers(0, 10**6), spread=st.sampled_from([0.1, 1.0, 100.0]))
def test_soft_iou_is_finite_and_lies_in_0_to_1_for_degrees(seed, spread):
    output, target, known = case("soft_iou", seed)
    value, gradient = evaluated(losses.soft_iou, output * spread, target, known)
    assert value.isfinite() and gradient.isfinite().all()
    assert 0 <= losses.soft_iou(output.clamp(0, 1), target, known) <= 1


@pytest.mark.parametrize("start", [-2.0, 0.3, 3.0])
def test_soft_iou_leads_an_output_from_anywhere_to_the_target(start):
    output, target, known = pixels([start] * 4, [0.0, 0.5, 0.9, 1.0])
    output = output.clone().requires_grad_()
    optimizer = torch.optim.Adam([output], lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        losses.soft_iou(output, target, known).backward()
        optimizer.step()
    assert torch.allclose(output[:, 0], target, atol=0.06)


def certain(*labels):
    """Scores of pixels in a row, 50 for their class, 0 for the other: probabilities of 0 and 1."""
    return torch.tensor([[[[50.0 * (label == number) for label in labels]] for number in (0, 1)]])


def test_lovasz_softmax_of_certain_scores_is_one_less_the_mean_iou_of_the_classes():
    target, known = torch.tensor([[[0.4, 0.9, 0.0, 0.0]]]), torch.ones(1, 1, 4, dtype=torch.bool)
    assert losses.lovasz_softmax(certain(1, 0, 1, 0), target, known) == pytest.approx(1 - 1 / 3)
    assert losses.lovasz_softmax(certain(1, 1, 1, 0), target, known) == pytest.approx(1 - (2 / 3 + 1 / 2) / 2)
    known[0, 0, 2] = False
    assert losses.lovasz_softmax(certain(1, 1, 1, 0), target, known) == pytest.approx(0, abs=1e-6)


def test_lovasz_hinge_is_one_less_the_iou_of_class_1_by_margins():
    target, known = torch.tensor([[[0.4, 0.9, 0.0]]]), torch.ones(1, 1, 3, dtype=torch.bool)
    wide = torch.tensor([[[[-2.0, -2.0, 2.0]], [[2.0, 2.0, -2.0]]]])
    assert losses.lovasz_hinge(wide, target, known) == 0
    wide[0, :, 0, 2] = 0.0  # no margin: an error of 1, which leaves an IoU of 2 in 3
    assert losses.lovasz_hinge(wide, target, known) == pytest.approx(1 / 3)


def test_lovasz_cross_entropy_is_the_sum_with_its_weight():
    arrays = case("lovasz_cross_entropy")
    total = losses.cross_entropy(*arrays) + 0.5 * losses.lovasz_softmax(*arrays)
    assert losses.lovasz_cross_entropy(*arrays, weight=0.5) == pytest.approx(total.item())


def test_cross_entropy_of_pixels_takes_any_degree_above_zero_as_class_1():
    output, target, known = case("cross_entropy")
    expected = torch.nn.functional.cross_entropy(output, (target > 0).long())
    assert torch.allclose(losses.cross_entropy(output, target, torch.ones_like(known)), expected)


def test_a_number_of_outputs_that_cannot_be_is_refused():
    _, target, known = case("masked_mse")
    with pytest.raises(ValueError, match="model.outputs=2"):
        losses.cross_entropy(torch.zeros(3, 1, 4, 5), target, known)
    for loss in (losses.masked_mse, losses.soft_iou):
        with pytest.raises(ValueError, match="model.outputs=1"):
            loss(torch.zeros(3, 2, 4, 5), target, known)
    for loss, outputs in ((losses.lovasz_softmax, 1), (losses.lovasz_hinge, 1), (losses.lovasz_hinge, 3)):
        with pytest.raises(ValueError, match="model.outputs=2"):
            loss(torch.zeros(3, outputs, 4, 5), target, known)
