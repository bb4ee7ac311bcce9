import numpy as np
import pytest
import torch

from rojsat.evaluation.metrics import Segmentation
from rojsat.learn import inference, losses
from tests.support.fakes import samples, tiny


def test_predictions_come_in_order_whatever_the_batch():
    found, model = samples(), tiny()
    one, other = (inference.infer(model, found, batch_size=size)[0] for size in (5, 12))
    assert one.shape == (12, 9, 8)
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_the_loss_is_the_mean_over_all_that_is_known_not_over_batches():
    found, model = samples(), tiny()
    whole = losses.masked_mse(model.eval()(found.images), found.targets, found.known)
    assert inference.infer(model, found, batch_size=5, loss=losses.masked_mse)[1] == pytest.approx(whole.item())


def test_scores_become_degrees_or_probabilities():
    scores = torch.randn(3, 2, 4, 5)
    assert torch.allclose(inference.activate(scores), torch.sigmoid(scores[:, 1] - scores[:, 0]))
    assert torch.equal(inference.activate(scores[:, :1]), scores[:, 0])
    assert torch.allclose(inference.activate(scores[..., 0, 0]).sum(dim=1), torch.ones(3))


def test_an_evaluation_holds_everything_side_by_side():
    found, model = samples(), tiny()
    predictions, loss = inference.infer(model, found, batch_size=4, loss=losses.masked_mse)
    result = inference.evaluate(predictions, found, Segmentation(), loss=loss)
    assert result.metrics["loss"] == loss
    assert result.predictions.shape == result.targets.shape == result.known.shape == result.seen.shape
    assert len(result.rows) == len(result.predictions)
