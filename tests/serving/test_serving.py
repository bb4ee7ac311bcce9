"""A saved model in the hands of MLflow alone."""

import warnings

import mlflow
import numpy as np
import pytest
import torch
from torch import nn

from rojsat.learn import export
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.tracking import registry

pytestmark = pytest.mark.slow

NAMES = ["a", "b"]
STATISTICS = Statistics(np.float32([1, 2]), np.float32([2, 4]))


class Segmenter(nn.Module):
    """Halves five times and comes back, as a U-Net does."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(*[nn.Conv2d(2, 2, 3, stride=2, padding=1) for _ in range(5)])
        self.norm = nn.BatchNorm2d(2)

    def forward(self, image):
        small = self.norm(self.down(image))
        return nn.functional.interpolate(small, image.shape[2:])[:, :1]


def classifier():
    stem = [nn.Conv2d(2, 2, 3, stride=2, padding=1) for _ in range(5)]
    return nn.Sequential(*stem, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2))


@pytest.mark.parametrize(("build", "classes"), [(Segmenter, []), (classifier, ["clear", "need"])])
def test_a_saved_network_takes_small_chips_too_and_saving_warns_of_nothing(tmp_path, build, classes):
    torch.manual_seed(0)
    network = build().eval()
    example = np.random.default_rng(0).random((2, 2, 69, 72), np.float32)
    shape, smallest = export.save(network, STATISTICS, example, tmp_path / "model.pt2")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        about = {"classes": classes}
        registry.save(
            tmp_path / "saved",
            "network",
            tmp_path / "model.pt2",
            {"channels": NAMES, "smallest": smallest},
            example,
            shape,
            about,
        )
        model = mlflow.pyfunc.load_model(tmp_path / "saved")
    assert [str(warning.message) for warning in caught if "type hint" in str(warning.message).lower()] == []
    standalone = export.StandardisingNetwork(network, STATISTICS).eval()
    for height, width in ((20, 40), (40, 20), (32, 32), (7, 5), (40, 41)):
        images = np.random.default_rng(1).random((3, 2, height, width), np.float32)
        images[:, :, 0, 0] = np.nan
        predictions = model.predict({name: images[:, number] for number, name in enumerate(NAMES)})
        assert smallest <= 33
        filled = np.full((3, 2, max(smallest, height), max(smallest, width)), np.nan, np.float32)
        filled[:, :, :height, :width] = images
        with torch.no_grad():
            expected = standalone(torch.from_numpy(filled)).numpy()
        expected = expected if classes else expected[:, :height, :width]
        assert predictions.shape == ((3, 2) if classes else (3, height, width))
        np.testing.assert_allclose(predictions, expected, rtol=1e-5, atol=1e-6)
        assert classes or (np.isnan(predictions[:, 0, 0]).all() and np.isfinite(predictions[:, 1, 1]).all())
