import numpy as np
import pytest
import torch

from rojsat.chips import boxes
from rojsat.learn.data import tiles, windows
from rojsat.learn.data.augmentation import TURNS, Augmentation
from rojsat.learn.data.sample_arrays import channel_statistics, read, standardise
from rojsat.learn.data.samples import EpochSampler, Samples, loader
from tests.support.learning import CHANNELS
from tests.support.stores import in_memory

WINDOW, MARGIN = 8, 7


def framed(task="segmentation", store=None, **options):
    store = store or in_memory(margin=MARGIN)
    arrays = read(store, store.index, CHANNELS, dates=None, task=task, window=WINDOW)
    return Samples(standardise(arrays, channel_statistics(arrays)), **options)


def test_a_draw_is_a_square_of_its_chip_that_holds_a_known_pixel():
    train = framed(windows_per_chip=3)
    assert (len(train), train.draws) == (12, 36)
    assert set(train.rows["height"]) == set(train.rows["width"]) == {WINDOW}
    for number in range(train.draws):
        image, target, known = train[1, number]
        assert image.shape == (3, WINDOW, WINDOW)
        assert known.any() and (target[~known] == -1).all()
        chip = train.images[number // 3]
        cuts = chip.unfold(1, WINDOW, 1).unfold(2, WINDOW, 1)
        assert (cuts == image[:, None, None]).all(dim=(0, 3, 4)).sum() == 1


def test_the_same_seed_epoch_and_number_give_the_same_window_whatever_the_workers():
    train, other = framed(windows_per_chip=2, seed=1), framed(windows_per_chip=2, seed=2)
    batches = [
        torch.cat(
            [images for images, *_ in loader(samples, EpochSampler(24, seed=0, epoch=e), batch_size=4, workers=w)]
        )
        for samples, e, w in ((train, 1, 0), (train, 1, 2), (train, 2, 0), (other, 1, 0))
    ]
    assert torch.equal(batches[0], batches[1])
    assert not torch.equal(batches[0], batches[2])
    assert not torch.equal(batches[0], batches[3])


@pytest.mark.parametrize("task", ["segmentation", "classification"])
def test_all_draws_of_an_epoch_are_samples_without_a_frame(task):
    train = framed(task, windows_per_chip=2)
    drawn = train.drawn(3)
    assert (len(drawn), drawn.window, drawn.drawn(3)) == (24, None, drawn)
    for number in (0, 7):
        assert all(torch.equal(a, b) for a, b in zip(drawn[0, number], train[3, number], strict=True))
    assert (drawn.images[:, 0].numpy()[~drawn.seen] == 0).all()
    assert drawn.rows["region"].tolist() == np.repeat(train.rows["region"], 2).tolist()
    assert drawn.rows[["height", "box_height"]].drop_duplicates().to_numpy().tolist() == [[WINDOW, WINDOW]]


def test_every_known_pixel_stands_at_every_place_equally_often():
    known = np.zeros((20, 20), bool)
    known[7:9, 7:12] = known[11, 9] = True
    counts = {}
    for seed in range(5_000):
        corner = windows.draw(known, 3, (seed,))
        counts[corner] = counts.get(corner, 0) + 1
    reached = {
        (int(row) - down, int(col) - right)
        for row, col in np.argwhere(known)
        for down in range(3)
        for right in range(3)
    }
    assert set(counts) == reached
    expected = 5_000 / len(reached)
    assert max(abs(count - expected) for count in counts.values()) < 5 * np.sqrt(expected)


def within(margin=0, **options):
    store = in_memory(margin=margin)
    arrays = read(store, store.index, CHANNELS, dates=None, task="segmentation", window=6, inside=True)
    return Samples(standardise(arrays, channel_statistics(arrays)), **options)


@pytest.mark.parametrize("margin", [0, 2])
def test_windows_inside_lie_in_what_is_seen_and_hold_a_known_pixel(margin):
    """Chips without the surroundings that other windows need; with some, these are real neighbours."""
    train = within(margin, windows_per_chip=20)
    for number in range(train.draws):
        *_, known, seen = train._window(number // 20, (0, 1, number))
        top, left, height, width = train.extents[number // 20]
        origin = windows.draw(train.known[number // 20].numpy(), 6, (0, 1, number))
        row, col = windows.inside(origin, train.extents[number // 20], 6)
        for start, first, length in ((row, top, height), (col, left, width)):  # within, or over what is smaller
            assert min(first, first + length - 6) <= start <= max(first, first + length - 6)
        assert torch.equal(seen, windows.cut(torch.from_numpy(train.seen[number // 20]), (row, col), 6, False))
        assert known.any()


@pytest.mark.parametrize(
    ("starts", "length", "expected"),
    [([-5, -1, 0, 3, 7, 9], 10, [2, 3, 7, 8]), ([-9, 0, 1, 30], 2, [0, 1, 2]), ([4], 4, [2])],
)
def test_a_start_is_moved_back_into_its_span_or_over_a_shorter_one(starts, length, expected):
    assert windows.moved_inside(starts, 2, length, 4) == expected


def test_no_pixel_at_the_edge_of_an_image_is_drawn_less_often_than_one_in_the_middle():
    counts = np.zeros((24, 24), int)
    for origin in np.ndindex(31, 31):  # all that touch the image, each as likely
        row, col = windows.inside((origin[0] - 7, origin[1] - 7), (0, 0, 24, 24), 8)
        counts[row : row + 8, col : col + 8] += 1
    assert counts.min() == counts[12, 12] == 8 * 8


def test_what_is_seen_of_a_chip_is_its_extent():
    seen = np.zeros((6, 9), bool)
    assert windows.extent(seen) == (0, 0, 6, 9)
    seen[2, 3] = seen[4, 7] = True
    assert windows.extent(seen) == (2, 3, 3, 5)


def test_pixels_beyond_the_chip_are_unseen():
    plane = torch.arange(1, 26.0).reshape(5, 5)
    assert torch.equal(windows.cut(plane, (-1, 3), 3, -1), torch.tensor([[-1, -1, -1], [4, 5, -1], [9, 10, -1]]))
    assert (windows.cut(plane, (-9, 0), 3, 0) == 0).all()


@pytest.mark.parametrize(("window", "margin"), [(9, 7), (1, 7), (2, 0)])
def test_windows_that_could_show_where_the_box_is_are_refused(window, margin):
    store = in_memory(margin=margin)
    with pytest.raises(
        ValueError, match=rf"inputs.window={window} is 2 or more, and needs chips with .* data.chips.margin"
    ):
        read(store, store.index, CHANNELS, dates=None, task="segmentation", window=window)


def test_in_the_frame_box_surroundings_change_no_bit():
    wide = in_memory(margin=3)
    plain = in_memory(margin=3)
    down, across = boxes.inside(wide.index.iloc[0])
    plain.images, plain.visible, plain.degrees = (
        np.ascontiguousarray(array[..., down, across]) for array in (wide.images, wide.visible, wide.degrees)
    )
    plain.index = boxes.own(wide.index)
    for task in ("segmentation", "classification"):
        a, b = (read(store, store.index, CHANNELS, dates=None, task=task) for store in (wide, plain))
        assert [
            np.array_equal(getattr(a, name), getattr(b, name)) for name in ("images", "seen", "targets", "known")
        ] == [True] * 4
        assert a.rows[["height", "width", "box_row", "easting"]].equals(
            b.rows[["height", "width", "box_row", "easting"]]
        )
    framed_arrays = read(wide, wide.index, CHANNELS, dates=None, task="segmentation", window=4)
    assert (
        framed_arrays.known.sum(axis=(1, 2))
        == read(plain, plain.index, CHANNELS, dates=None, task="segmentation").known.sum(axis=(1, 2))
    ).all()


def test_a_stand_is_in_its_windows_and_nothing_tells_its_size():
    index = in_memory(margin=MARGIN).index
    sizes = index.assign(box_height=np.arange(len(index)) % 9 + 1, box_width=8)
    store = in_memory(margin=MARGIN)
    store.index = sizes
    stands = framed("classification", store)
    assert stands.rows[["height", "width"]].drop_duplicates().to_numpy().tolist() == [[WINDOW, WINDOW]]
    images, labels, known = stands.batch(0, 12)
    assert images.shape == (12, 3, WINDOW, WINDOW)
    assert torch.equal(images[3], stands.images[3, :, 5:13, 7:15])  # 4 rows of box in the middle of 8
    assert labels.shape == known.shape == (12,)
    for draw in range(12):
        top, left = windows.draw_around(stands.rows[boxes.COLUMNS].iloc[draw], WINDOW, (0, draw))
        height = sizes["box_height"].iloc[draw]
        low, high = sorted((top, top + WINDOW - height))
        assert left == 7 and low <= 7 <= high
    assert stands[1, 3][0].shape == (3, WINDOW, WINDOW)


def planted(count, rng, box=(26, 22), margin=11):
    """Chips whose degree depends on nothing but the place in the box: objects in uneven margins, 1 in their middle."""
    store = in_memory(regions=count, dates=1, channels=3, height=box[0], width=box[1], margin=margin)
    store.images[:] = 0
    store.visible[:] = True
    store.degrees[:] = -1
    down, across = boxes.inside(store.index.iloc[0])
    for degree in store.degrees:
        top, bottom, left, right = rng.integers(1, 6, 4)
        rows, cols = (
            np.sin(np.pi * (np.arange(length) + 0.5) / length)
            for length in (box[0] - top - bottom, box[1] - left - right)
        )
        degree[down, across] = np.pad(np.outer(rows, cols), ((top, bottom), (left, right)))
    return store


def r2(prediction, samples):
    known, target = samples.known.numpy(), samples.targets.numpy()
    return 1 - np.mean((prediction[known] - target[known]) ** 2) / np.var(target[known])


@pytest.mark.slow
@pytest.mark.parametrize("flips", [(), tuple(TURNS)])
def test_a_map_of_places_in_the_window_knows_no_more_than_a_constant(flips):
    rng = np.random.default_rng(0)
    stores = planted(40, rng), planted(40, rng)
    stores[1].index["region"] = "test " + stores[1].index["region"]
    train, test = (
        Samples(
            read(store, store.index, CHANNELS, dates=None, task="segmentation", window=12),
            augmentation=Augmentation((12, 12), flips=flips) if flips else None,
            windows_per_chip=40,
        )
        for store in stores
    )
    targets = torch.stack([train[1, number][1] for number in range(train.draws)]).numpy()
    lookup = np.nanmean(np.where(targets >= 0, targets, np.nan), axis=0)
    mean = train.targets[train.known].mean().item()
    assert lookup == pytest.approx(mean, abs=0.06)
    places = tiles.predict(test, lambda images: np.broadcast_to(lookup, (len(images), 12, 12)))
    assert r2(places, test) == pytest.approx(r2(np.full(places.shape, mean), test), abs=0.02)
    box_train, box_test = (
        read(store, store.index, CHANNELS, dates=None, task="segmentation").targets for store in stores
    )
    in_box = np.broadcast_to(box_train.mean(axis=0), box_test.shape)
    assert 1 - np.mean((in_box - box_test) ** 2) / box_test.var() > 0.5  # in the frame box it knows most
