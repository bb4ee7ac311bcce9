import numpy as np
import pytest

from rojsat.evaluation import edges


def echo(images):
    """A network that knows no frame: the first channel, 0 where unknown."""
    return np.nan_to_num(images[:, 0])


def edge_lover(images):
    """A network that is high at the edge of whatever it is given."""
    return (edges.distance(*images.shape[-2:]) < 2)[None] * np.ones((len(images), 1, 1), np.float32)


def test_distance_is_to_the_nearest_edge():
    assert edges.distance(3, 4).tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("frame", edges.FRAMES)
def test_a_frame_gives_back_what_a_network_predicts_of_the_image_itself(frame):
    images = np.random.default_rng(0).random((2, 3, 50, 61), np.float32)
    degrees = edges.FRAMES[frame](echo, images, (67, 70))
    np.testing.assert_array_equal(degrees, images[:, 0])


def test_only_a_frame_that_moves_the_edge_moves_what_depends_on_it():
    images = np.ones((1, 1, 60, 60), np.float32)
    shares = {}
    for name, frame in edges.FRAMES.items():
        masks = np.zeros((1, 60, 60), np.float32)
        table = edges.profile(edges.spots(frame(edge_lover, images, (60, 60)), masks), masks)
        shares[name] = edges.share(table, high=2)
    assert shares["padded"] == shares["bare"] == 1
    assert shares["mirrored"] == 0
    assert 0 < shares["shifted"] < 1


def test_unknown_pixels_and_pixels_with_need_are_no_spots():
    masks = np.array([[[-1, 0, 0.3]]], np.float32)
    spots = edges.spots(np.full((1, 1, 3), 0.9, np.float32), masks)
    assert spots.tolist() == [[[False, True, False]]]
    assert edges.profile(spots, masks)[["pixels", "spots"]].to_numpy().tolist() == [[1, 1]]
    assert np.isnan(edges.share(edges.profile(spots, masks), low=5))
