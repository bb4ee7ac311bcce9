import numpy as np
import pytest
import torch

from rojsat.learn.filling import Filling, squared_error


def test_the_loss_is_the_mean_over_covered_pixels_and_others_have_no_gradient():
    output, target = torch.zeros(1, 2, 1, 3, requires_grad=True), torch.tensor([[[[1.0, 2.0, 9.0]], [[3.0, 4.0, 9.0]]]])
    loss = squared_error(output, target, torch.tensor([[[True, True, False]]]))
    assert float(loss) == pytest.approx(((1 + 9) / 2 + (4 + 16) / 2) / 2)
    loss.backward()
    assert output.grad[..., 2].eq(0).all() and output.grad[..., :2].ne(0).all()
    assert float(squared_error(output, target, torch.zeros(1, 1, 3, dtype=torch.bool))) == 0


def test_the_mean_of_a_channel_explains_nothing_and_the_image_everything():
    target = np.random.default_rng(0).normal(5, 2, (2, 3, 4, 4)).astype(np.float32)
    known = np.random.default_rng(1).random((2, 4, 4)) < 0.5
    mean = np.moveaxis(target, 1, -1)[known].mean(0)
    predictions = {1.0: target, 0.0: np.broadcast_to(mean[:, None, None], target.shape)}
    for expected, prediction in predictions.items():
        metric = Filling()
        metric.update(np.where(known[:, None], prediction, np.nan), target, known)
        assert metric.compute()["r2"] == pytest.approx(expected, abs=1e-6)
    assert np.isnan(Filling().compute()["r2"])
