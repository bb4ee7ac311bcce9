import pytest
import torch
from torch.nn import functional

from rojsat.learn.models import first_layer


def rgb_weight():
    return torch.randn(64, 3, 7, 7, generator=torch.Generator().manual_seed(0)) * 0.1


def test_rgb_first_puts_the_weights_on_the_first_three_channels_and_draws_the_others():
    expanded = first_layer.expand(rgb_weight(), 13, mode="rgb_first")
    assert expanded.shape == (64, 13, 7, 7)
    assert torch.equal(expanded[:, :3], rgb_weight())
    bound = 1 / (13 * 7 * 7) ** 0.5  # torch's own draw of a convolution: uniform within this bound
    assert expanded[:, 3:].abs().max() <= bound
    assert expanded[:, 3:].std() == pytest.approx(bound / 3**0.5, rel=0.05)


@pytest.mark.parametrize("channels", [3, 13, 24])
def test_rgb_keeps_the_variance_of_the_output_filter_by_filter(channels):
    positions = (channels - 1, 1, 0)
    expanded = first_layer.expand(rgb_weight(), channels, mode="rgb", rgb=positions)
    generator = torch.Generator().manual_seed(1)
    before = functional.conv2d(torch.randn(8, 3, 67, 70, generator=generator), rgb_weight())
    after = functional.conv2d(torch.randn(8, channels, 67, 70, generator=generator), expanded)
    ratio = after.var(dim=(0, 2, 3)) / before.var(dim=(0, 2, 3))
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    assert ratio.min() > 0.8
    assert ratio.max() < 1.25


def test_rgb_puts_the_weights_where_the_colours_stand_in_one_proportion():
    expanded = first_layer.expand(rgb_weight(), 10, mode="rgb", rgb=(5, 2, 7))
    share = expanded[:, [5, 2, 7]] / rgb_weight()
    assert torch.allclose(share, share[:, :1, :1, :1].expand_as(share), rtol=1e-3)


def test_positions_of_the_colours():
    assert first_layer.rgb_positions(["ndvi", "tci.r", "tci.g", "tci.b"]) == (1, 2, 3)
    assert first_layer.rgb_positions(["B02", "B03", "B04", "B08"]) == (2, 1, 0)
    assert first_layer.rgb_positions(["B02", "B03", "B04", "B08"], dates=2) == (6, 5, 4)
    assert first_layer.rgb_positions(["ndvi"]) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": 10, "mode": "rgb"}, "add them to inputs.channels"),
        ({"channels": 2, "mode": "rgb_first"}, "there are 2"),
        ({"channels": 3, "mode": "bgr"}, "rgb_first, rgb"),
    ],
)
def test_impossible_channels_and_modes_say_what_to_do(options, message):
    with pytest.raises(ValueError, match=message):
        first_layer.expand(rgb_weight(), **options)
