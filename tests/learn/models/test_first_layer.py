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


BOA = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
SIX = ("B02", "B03", "B04", "B08", "B11", "B12")


def weight_of(bands):
    return torch.randn(64, len(bands), 5, 5, generator=torch.Generator().manual_seed(0)) * 0.1


@pytest.mark.parametrize("mode", sorted(set(first_layer.MODES) - {"rgb_first"}))
@pytest.mark.parametrize(
    ("bands", "inputs"),
    [
        (first_layer.COLOURS, ("tci.b", "tci.g", "tci.r")),
        (first_layer.COLOURS, ("ndvi", *BOA)),
        (SIX, 2 * BOA),
        (SIX, ("ndvi", "B08", "B04")),
    ],
)
def test_the_output_keeps_its_variance_filter_by_filter(mode, bands, inputs):
    if mode == "rgb" and bands != first_layer.COLOURS:
        pytest.skip("rgb is for weights of red, green and blue")
    weight, generator = weight_of(bands), torch.Generator().manual_seed(1)
    expanded = first_layer.expand(weight, len(inputs), mode=mode, inputs=inputs, bands=bands)
    before = functional.conv2d(torch.randn(8, len(bands), 67, 70, generator=generator), weight)
    after = functional.conv2d(torch.randn(8, len(inputs), 67, 70, generator=generator), expanded)
    ratio = after.var(dim=(0, 2, 3)) / before.var(dim=(0, 2, 3))
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    assert ratio.min() > 0.8
    assert ratio.max() < 1.25


def shares_of(expanded, weight):
    """The factor (F, C) by which each channel has a band's weights."""
    share = expanded / weight
    assert torch.allclose(share, share[:, :, :1, :1].expand_as(share), rtol=1e-3)
    return share[:, :, 0, 0]


def test_rgb_puts_the_weights_where_the_colours_stand_in_one_proportion():
    inputs = ("ndvi", "B01", "B03", "B05", "B06", "B04", "B07", "B02", "B8A", "B09")
    expanded = first_layer.expand(rgb_weight(), 10, mode="rgb", inputs=inputs)
    share = shares_of(expanded[:, [5, 2, 7]], rgb_weight())
    assert torch.allclose(share, share[:, :1].expand_as(share), rtol=1e-3)


def test_by_band_puts_each_band_on_its_channel_of_every_date_and_zero_on_others():
    inputs = ("B12", "ndvi", "B08", "B12", "ndvi", "B08")
    weight = weight_of(SIX)
    expanded = first_layer.expand(weight, 6, mode="by_band", inputs=inputs, bands=SIX)
    assert (expanded[:, [1, 4]] == 0).all()
    share = shares_of(expanded[:, [0, 2, 3, 5]], weight[:, [5, 3, 5, 3]])
    assert torch.allclose(share, share[:, :1].expand_as(share), rtol=1e-3)
    assert torch.equal(first_layer.expand(weight, 6, mode="by_band", inputs=SIX, bands=SIX), weight)


def test_wavelength_gives_the_weights_between_the_nearest_bands_and_of_the_end_beyond():
    weight, inputs = weight_of(SIX), ("B8A", "B01", "evi", "toa.B10")
    expanded = first_layer.expand(weight, 4, mode="wavelength", inputs=inputs, bands=SIX)
    part = (864.7 - 832.8) / (1613.7 - 832.8)  # nanometres: B8A between B08 and B11
    between = (1 - part) * weight[:, 3] + part * weight[:, 4]
    share = shares_of(expanded[:, :2], torch.stack([between, weight[:, 0]], dim=1))
    assert torch.allclose(share[:, 0], share[:, 1], rtol=1e-3)
    assert (expanded[:, 2] == 0).all() and (expanded[:, 3] != 0).all()


def test_positions_of_the_colours():
    assert first_layer.rgb_positions(["ndvi", "tci.r", "tci.g", "tci.b"]) == (1, 2, 3)
    assert first_layer.rgb_positions(["B02", "B03", "B04", "B08"]) == (2, 1, 0)
    assert first_layer.rgb_positions(2 * ["B02", "B03", "B04", "B08"]) == (6, 5, 4)
    assert first_layer.rgb_positions(["ndvi"]) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": 10 * ["ndvi"], "mode": "rgb"}, "add them to inputs.channels"),
        ({"inputs": ["ndvi"], "mode": "by_band"}, "none of them is among ndvi"),
        ({"inputs": ["ndvi"], "mode": "wavelength"}, "needs bands"),
        ({"inputs": [], "mode": "by_band", "channels": 4}, "needs the names of 4 channels"),
        ({"inputs": 2 * ["B02"], "mode": "rgb_first"}, "there are 2"),
        ({"inputs": 3 * ["B02"], "mode": "bgr"}, "rgb_first, rgb"),
    ],
)
def test_impossible_channels_and_modes_say_what_to_do(options, message):
    with pytest.raises(ValueError, match=message):
        first_layer.expand(rgb_weight(), **{"channels": len(options["inputs"]), **options})
