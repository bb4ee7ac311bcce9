import numpy as np
import pytest
import torch

from rojsat.learn.data import pixel_samples
from tests.support.learning import samples


def test_known_pixels_come_once_with_their_features_and_targets():
    part = samples(regions=3)
    count = int(part.known.sum())
    code = torch.arange(part.known.numel()).reshape(part.known.shape)
    part.fitted[:] = torch.where(part.known, code.float(), -1)
    part.images[:, 0] = code
    drawn = pixel_samples.draw(part, lambda image: image[:, :1] * 2, most=10**6, seed=0)
    assert drawn.images.shape[1:] == (1, pixel_samples.SIDE, pixel_samples.SIDE) and drawn.known.sum() == count
    assert torch.equal(drawn.images[:, 0][drawn.known], 2 * drawn.fitted[drawn.known])
    assert set(drawn.fitted[drawn.known].int().tolist()) == set(code[part.known].tolist())
    few, again = (pixel_samples.draw(part, lambda image: image[:, :1], most=100, seed=0) for _ in range(2))
    assert few.known.sum() == 100 and len(few) == 2
    assert torch.equal(few.images, again.images)
    assert len(np.unique(few.fitted[few.known])) == 100


def test_a_part_without_known_pixels_is_refused():
    part = samples(regions=2)
    part.known[:] = False
    with pytest.raises(ValueError, match="no pixel of a part is known"):
        pixel_samples.draw(part, lambda image: image, most=100, seed=0)
