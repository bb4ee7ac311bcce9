import warnings

import pytest
import torch

from rojsat.learn import optimizers, schedules


@pytest.mark.parametrize("name", optimizers.__all__)
def test_an_optimizer_goes_downhill(name):
    parameter = torch.nn.Parameter(torch.tensor([3.0]))
    optimizer = getattr(optimizers, name)([parameter], 0.1)
    for _ in range(50):
        optimizer.zero_grad()
        parameter.square().sum().backward()
        optimizer.step()
    assert abs(parameter.item()) < 1


def rates(schedule, epochs=20, **options):
    optimizer = optimizers.sgd([torch.nn.Parameter(torch.zeros(1))], 1.0)
    following, learning_rates = schedule(optimizer, epochs, **options), []
    for _ in range(epochs):
        learning_rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        following.step()
    return learning_rates


@pytest.mark.parametrize("name", schedules.__all__)
def test_a_schedule_stays_between_zero_and_the_rate_without_warning(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learning_rates = rates(getattr(schedules, name))
    assert all(0 < rate <= 1 for rate in learning_rates)


def test_step_is_that_of_the_study():
    assert rates(schedules.step, 15) == pytest.approx([1.0] * 7 + [0.1] * 7 + [0.01])


def test_cosine_falls_and_one_cycle_rises_first():
    falling, cycle = rates(schedules.cosine), rates(schedules.one_cycle)
    assert falling == sorted(falling, reverse=True)
    assert falling[10] == pytest.approx(0.5)
    assert cycle[0] == pytest.approx(0.1)
    assert max(cycle) == cycle[6] == 1.0
    assert cycle[-1] < 0.05
