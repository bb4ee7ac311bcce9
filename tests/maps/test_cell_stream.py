import threading

import numpy as np
import pytest

from rojsat.geo.cutting.overpass_reader import OverpassReader
from rojsat.maps import cell_groups, cell_prediction, cell_stream, map_making
from rojsat.maps.cell_prediction import CellMeans
from tests.support import map_scenes


def by_pixel(image, needed, cell):
    del needed, cell
    return 3 * image[1]


@pytest.fixture
def planned(tmp_path):
    """Twelve cells of 25 pixels on two dates, one of them half under cloud."""
    cloud = np.full((60, 80), 4)
    cloud[:, :40] = 9
    scenes = [
        map_scenes.write_scene(tmp_path, "2019-07-11", scl=cloud),
        map_scenes.write_scene(tmp_path, "2019-08-20"),
    ]
    return map_making.plan(scenes, map_scenes.stands((0, 0, 80, 60)), map_scenes.card(), "scene", 25)


def groups(planned, card):
    return cell_groups.groups(planned.cells, planned.visits, planned.grids, card)


def test_overlapping_reading_and_writing_changes_no_bit(planned, monkeypatch):
    monkeypatch.setattr(cell_groups, "CELL", 12)  # four groups
    card, predicted = map_scenes.card(), {}
    some = groups(planned, card)
    assert len(some) == 4 and sorted(cell.id for group in some for cell in group.cells) == sorted(
        cell.id for cell in planned.cells
    )
    for _ in cell_stream.predict(some, card, by_pixel, lambda cell, cell_map: predicted.update({cell.id: cell_map})):
        pass
    for cell in planned.cells:
        means = CellMeans(cell)
        for visit in planned.visits[cell.id]:
            with OverpassReader([visit], card.resampling, card.cloud_margin) as reader:
                view = cell_prediction.read(cell, visit, card, reader)
            means.add(cell_prediction.single(view, card), by_pixel)
        for name, plane in vars(means.cell_map()).items():
            np.testing.assert_array_equal(getattr(predicted[cell.id], name), plane)


def test_an_error_of_any_thread_is_raised_at_once_and_leaves_what_is_complete(planned, monkeypatch):
    card, samples, written = map_scenes.card(), cell_groups.samples, []

    def broken(group, card):
        for number, sample in enumerate(samples(group, card)):
            if number == 14:  # all cells on the first date, two on the second
                raise ValueError("B04 cannot be read")
            yield sample

    def refuse(cell, cell_map):
        raise OSError(f"no space left for {cell.id}, {cell_map.degree.shape}")

    def interrupt(image, needed, cell):
        raise KeyboardInterrupt

    with pytest.raises(OSError, match="no space left"):
        list(cell_stream.predict(groups(planned, card), card, by_pixel, refuse))
    with pytest.raises(KeyboardInterrupt):
        list(cell_stream.predict(groups(planned, card), card, interrupt, refuse))
    monkeypatch.setattr(cell_groups, "samples", broken)
    with pytest.raises(ValueError, match="B04 cannot be read"):
        list(cell_stream.predict(groups(planned, card), card, by_pixel, lambda cell, _: written.append(cell.id)))
    assert written == [cell.id for cell in groups(planned, card)[0].cells[:2]]
    assert not [each.name for each in threading.enumerate() if each.name.startswith(("reader", "writer"))]


def test_rasters_are_opened_once_for_the_cells_of_a_group(planned, monkeypatch):
    card, opened = map_scenes.card(), []

    class Counted(OverpassReader):
        def __init__(self, visits, *how):
            opened.append(len(visits))
            super().__init__(visits, *how)

    monkeypatch.setattr(cell_groups, "OverpassReader", Counted)
    (group,) = groups(planned, card)
    assert sum(1 for _ in cell_groups.samples(group, card)) == 24
    assert opened == [12, 12]
