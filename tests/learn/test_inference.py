import numpy as np
import pytest
import torch

from rojsat.evaluation.metrics import Segmentation
from rojsat.learn import inference, losses
from tests.support.learning import samples, tiny


def test_predictions_come_in_order_whatever_the_batch():
    val, model = samples(), tiny()
    small, large = (inference.infer(model, val, batch_size=size)[0] for size in (5, 12))
    assert small.shape == (12, 9, 8)
    np.testing.assert_allclose(small, large, rtol=1e-5, atol=1e-6)


def test_the_loss_is_the_mean_over_all_known_pixels_not_over_batches():
    val, model = samples(), tiny()
    expected = losses.masked_mse(model.eval()(val.images), val.targets, val.known)
    assert inference.infer(model, val, batch_size=5, loss=losses.masked_mse)[1] == pytest.approx(expected.item())


def test_scores_become_degrees_or_probabilities():
    scores = torch.randn(3, 2, 4, 5)
    assert torch.allclose(inference.activate(scores), torch.sigmoid(scores[:, 1] - scores[:, 0]))
    assert torch.equal(inference.activate(scores[:, :1]), scores[:, 0])
    assert torch.allclose(inference.activate(scores[..., 0, 0]).sum(dim=1), torch.ones(3))


def test_an_evaluation_holds_everything_side_by_side():
    val, model = samples(), tiny()
    predictions, loss = inference.infer(model, val, batch_size=4, loss=losses.masked_mse)
    result = inference.evaluate(predictions, val, Segmentation())
    assert result.metrics["mse"] == pytest.approx(loss, rel=1e-5)
    assert result.predictions.shape == result.targets.shape == result.known.shape == result.seen.shape
    assert len(result.rows) == len(result.predictions)
