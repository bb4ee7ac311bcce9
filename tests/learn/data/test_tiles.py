import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.learn import inference, losses
from rojsat.learn.data import tiles
from rojsat.learn.data.sample_arrays import channel_statistics, read, standardise
from rojsat.learn.data.samples import Samples
from tests.support.learning import CHANNELS, GARBAGE, framed, tiny
from tests.support.stores import in_memory


class First(torch.nn.Module):
    """Gives its first channels back."""

    def __init__(self, outputs):
        super().__init__()
        self.outputs = outputs

    def forward(self, images):
        return images[:, : self.outputs]


@pytest.mark.parametrize("window", [8, 7, 2])
def test_an_identity_comes_back_and_is_nowhere_missing_where_something_is_seen(window):
    samples = framed(window)
    predictions, loss = inference.infer(First(1), samples, batch_size=5, loss=losses.masked_mse)
    assert predictions.shape == samples.seen.shape
    assert predictions.dtype == np.float32
    np.testing.assert_allclose(predictions[samples.seen], samples.images[:, 0].numpy()[samples.seen], atol=1e-6)
    known = samples.known.numpy()
    expected = np.mean((samples.images[:, 0].numpy()[known] - samples.targets.numpy()[known]) ** 2)
    assert loss == pytest.approx(expected, rel=1e-5)
    two = tiles.predict(samples, First(2))
    np.testing.assert_allclose(two[:, 1][samples.seen], samples.images[:, 1].numpy()[samples.seen], atol=1e-6)


@pytest.mark.parametrize("margin", [0, 3])
def test_tiles_inside_show_nothing_beyond_what_is_seen_and_predict_all_of_it(margin):
    store = in_memory(margin=margin, height=13, width=11)
    arrays = read(store, store.index, CHANNELS, dates=None, task="segmentation", window=8, inside=True)
    samples = Samples(standardise(arrays, channel_statistics(arrays)))
    for number, (row, col, height, width) in enumerate(samples.extents):
        region = str(number)
        for top, left in tiles.corners(
            samples.seen[number], tiles.firsts_of_region(region, 8), 8, samples.extents[number]
        ):
            for start, first, length in ((top, row, height), (left, col, width)):  # within, or over what is smaller
                assert min(first, first + length - 8) <= start <= max(first, first + length - 8)
    predictions, _ = inference.infer(First(1), samples, batch_size=5)
    np.testing.assert_allclose(predictions[samples.seen], samples.images[:, 0].numpy()[samples.seen], atol=1e-6)
    samples.known[:, :9] = False
    model = tiny().eval()
    every, alone = (inference.infer(model, samples, batch_size=4, known_alone=alone)[0] for alone in (False, True))
    known = samples.known.numpy()
    np.testing.assert_allclose(alone[known], every[known], rtol=1e-6, atol=1e-6)


def test_tiles_with_known_pixels_alone_give_the_same_bits_there():
    samples, model = framed(), tiny().eval()
    samples.known[:, :12] = False
    every, alone = (inference.infer(model, samples, batch_size=4, known_alone=alone)[0] for alone in (False, True))
    known = samples.known.numpy()
    np.testing.assert_allclose(alone[known], every[known], rtol=1e-6, atol=1e-6)
    assert np.isnan(alone).sum() > np.isnan(every).sum()


def test_where_pixels_are_known_decides_which_tiles_are_left_out_and_no_prediction():
    samples, model = framed(), tiny().eval()
    first = samples.known.clone()
    predictions = inference.infer(model, samples, batch_size=4, known_alone=True)[0]
    samples.known = first & (torch.rand(first.shape, generator=torch.Generator().manual_seed(0)) < 0.2)
    samples.known[0] = False
    fewer = inference.infer(model, samples, batch_size=4, known_alone=True)[0]
    both = samples.known.numpy()
    assert both.any() and np.isnan(fewer[0]).all() and not np.isnan(predictions[0]).all()
    np.testing.assert_allclose(fewer[both], predictions[both], rtol=1e-6)


def test_tiles_begin_where_the_name_of_the_region_says_and_cover_every_pixel_four_times():
    needed, firsts = np.ones((20, 30), bool), set()
    for number in range(200):
        corners = list(tiles.corners(needed, tiles.firsts_of_region(str(number), 8), 8))
        assert corners == list(tiles.corners(needed, tiles.firsts_of_region(str(number), 8), 8))
        count = np.zeros(needed.shape, int)
        for top, left in corners:
            count[max(0, top) : top + 8, max(0, left) : left + 8] += 1
        assert (count == 4).all()
        firsts.add(min(corners))
    assert len(firsts) == 16  # every offset of a half window
    needed[:] = False
    needed[3, 4] = True
    assert len(list(tiles.corners(needed, tiles.firsts_of_region("1", 8), 8))) == 4


def test_a_tile_as_large_as_an_image_that_tiles_stay_inside_of_is_the_image():
    needed, firsts = np.zeros((20, 30), bool), tiles.firsts_of_region("1", 30)
    extent = (4, 0, 10, 30)
    assert list(tiles.corners(needed, firsts, 30, extent)) == []
    needed[5, 7] = True
    assert list(tiles.corners(needed, firsts, 30, extent)) == [(0, 0)]
    assert len(list(tiles.corners(needed, firsts, 29, extent))) > 1


def test_a_part_of_which_nothing_is_seen_is_nan():
    samples = framed()
    samples.seen[:] = False
    assert np.isnan(tiles.predict(samples, First(1))).all()


def test_weights_are_those_of_a_hann_window_and_overlapping_ones_sum_to_1():
    weight = tiles.weights(8).numpy()
    assert weight[4:, :4] + weight[:4, :4] + weight[4:, 4:] + weight[:4, 4:] == pytest.approx(np.ones((4, 4)))
    assert 0 < weight.min() < 0.002
    assert (weight == weight.T).all() and (weight == weight[::-1]).all()


def test_in_the_frame_box_samples_go_in_as_they_are():
    store = in_memory()
    arrays = read(store, store.index, CHANNELS, dates=None, task="segmentation")
    samples, shapes = Samples(arrays), []
    tiles.predict(samples, lambda images: shapes.append(images.shape) or images[:, 0], batch_size=8)
    assert shapes == [(8, 3, 9, 8), (4, 3, 9, 8)]


@settings(deadline=None, max_examples=3)
@given(garbage=st.sampled_from(GARBAGE), other=st.sampled_from(GARBAGE))
def test_unseen_and_unknown_pixels_change_no_bit_of_windows_predictions_or_loss(garbage, other):
    clean, corrupted = in_memory(margin=7), in_memory(margin=7)
    hidden = np.broadcast_to(~corrupted.visible[:, None], corrupted.images.shape)
    corrupted.images[hidden] = garbage
    clean.images[hidden] = 0
    corrupted.degrees[(corrupted.degrees < 0) | ~corrupted.visible] = other
    first, second = (framed(store=store) for store in (clean, corrupted))
    for number in range(12):
        assert all(torch.equal(a, b) for a, b in zip(first[1, number], second[1, number], strict=True))
    model = tiny()
    (left, loss), (right, other_loss) = (
        inference.infer(model, samples, batch_size=4, loss=losses.masked_mse) for samples in (first, second)
    )
    np.testing.assert_array_equal(left, right)
    assert loss == other_loss
