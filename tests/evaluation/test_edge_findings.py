import numpy as np
import pytest

from rojsat.evaluation import edge_findings, edges
from rojsat.evaluation.edge_findings import PartSpots

TITLES = {name: name for name in edges.FRAMES}


def part(predict, masks):
    """The spots of images of ones, in two windows."""
    spots, images = PartSpots(), np.ones((len(masks), 1, *masks.shape[1:]), np.float32)
    for number in range(len(masks)):
        predicted = edges.predict_framed(predict, images[number, None], masks.shape[1:])
        spots.add(predicted, masks[number, None])
    return spots


def at_the_edge(images):
    """A network that predicts need at the edge of whatever it is given."""
    return (edges.distance(*images.shape[-2:]) < 2)[None] * np.ones((len(images), 1, 1), np.float32)


def none(images):
    return np.zeros_like(images[:, 0])


def test_spots_are_summed_over_images():
    masks = np.zeros((2, 60, 60), np.float32)
    spots = part(at_the_edge, masks)
    ring = 60 * 60 - 56 * 56
    assert spots.first == 2 * ring
    assert int(spots.profiles["padded"]["spots"].sum()) == 2 * ring
    assert spots.share_remaining("padded") == spots.share_remaining("bare") == 1
    assert spots.share_remaining("mirrored") == 0


def test_the_mean_degree_of_the_masks_is_over_known_pixels_at_their_distance():
    masks = np.zeros((1, 40, 40), np.float32)
    masks[:, edges.distance(40, 40) >= 10] = 0.4
    masks[0, 20] = -1
    spots = part(none, masks)
    assert spots.mean_degree(low=10) == pytest.approx(0.4)
    assert spots.mean_degree(high=3) == 0


def test_the_table_has_a_row_a_part_and_frame_and_no_share_of_nothing():
    rows = edge_findings.table({"test images": part(none, np.zeros((1, 40, 40), np.float32))}, TITLES)["rows"]
    assert [row[:3] for row in rows] == [["test images", name, 0] for name in edges.FRAMES]
    assert {row[5] for row in rows} == {None}


def test_the_text_says_where_spots_are_and_that_the_frame_matters():
    spots = part(at_the_edge, np.zeros((1, 60, 60), np.float32))
    sentences = " ".join(edge_findings.text({"test images": spots}, spots))
    assert "Test images: " in sentences
    assert "spots are denser near the edge" in sentences
    assert "puts more spots" in sentences


def test_the_text_of_few_spots_gives_no_cause():
    spots = part(none, np.zeros((1, 60, 60), np.float32))
    *_, sentence = edge_findings.text({"test images": spots}, spots)
    assert sentence == "Test images: 0 spots in all, too few to say more."
