import pytest
import torch
from fakes import GARBAGE
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.learn import losses

QUICK = settings(deadline=None, max_examples=30)
OUTPUTS = {"masked_mse": 1, "cross_entropy": 2}


def case(name, seed=0):
    generator = torch.Generator().manual_seed(seed)
    output = torch.randn(3, OUTPUTS.get(name, 2), 4, 5, generator=generator)
    target = torch.rand(3, 4, 5, generator=generator) * (torch.rand(3, 4, 5, generator=generator) < 0.5)
    return output, target, torch.rand(3, 4, 5, generator=generator) < 0.6


def judged(loss, output, target, known):
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
    value, gradient = judged(loss, output, torch.where(known, target, 0.0), known)
    spoilt = torch.where(known.unsqueeze(1), output, garbage) if output_too else output
    other, other_gradient = judged(loss, spoilt, torch.where(known, target, garbage), known)
    assert torch.equal(value, other)
    assert torch.equal(gradient, other_gradient)
    assert not gradient.isnan().any()
    assert (gradient.movedim(1, -1)[~known] == 0).all()


@pytest.mark.parametrize("name", losses.__all__)
def test_nothing_known_costs_nothing(name):
    output, target, known = case(name)
    value, gradient = judged(getattr(losses, name), output, target * float("nan"), torch.zeros_like(known))
    assert value == 0
    assert (gradient == 0).all()


@QUICK
@given(st.sampled_from([-1, -100, 10**9]))
def test_unknown_labels_change_no_bit_either(garbage):
    output, target = torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    known = torch.tensor([True, True, False, True])
    value, gradient = judged(losses.cross_entropy, output, target, known)
    other, other_gradient = judged(losses.cross_entropy, output, torch.where(known, target, garbage), known)
    assert torch.equal(value, other)
    assert torch.equal(gradient, other_gradient)


def test_masked_mse_is_the_sum_over_the_known_by_their_number():
    output = torch.tensor([[[[1.0, 2.0, 5.0]]]])
    target, known = torch.tensor([[[0.5, 0.0, 0.0]]]), torch.tensor([[[True, True, False]]])
    assert losses.masked_mse(output, target, known) == pytest.approx((0.25 + 4) / 2)


def test_cross_entropy_of_pixels_takes_any_degree_above_zero_as_class_1():
    output, target, known = case("cross_entropy")
    expected = torch.nn.functional.cross_entropy(output, (target > 0).long())
    assert torch.allclose(losses.cross_entropy(output, target, torch.ones_like(known)), expected)


def test_a_number_of_outputs_that_cannot_be_is_refused():
    _, target, known = case("masked_mse")
    with pytest.raises(ValueError, match="model.outputs=2"):
        losses.cross_entropy(torch.zeros(3, 1, 4, 5), target, known)
    with pytest.raises(ValueError, match="model.outputs=1"):
        losses.masked_mse(torch.zeros(3, 2, 4, 5), target, known)
