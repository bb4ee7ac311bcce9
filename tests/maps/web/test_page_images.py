import io

import numpy as np
import pytest
import rasterio
from PIL import Image

from rojsat.maps.web import degree_tiles, map_page, page_images, tile_grid
from tests.support import map_pages, map_scenes


def characters(images):
    tiles = [images.degree, *(date.tiles for date in images.dates)]
    return sum(len(content) * 4 / 3 for each in tiles for content in each.values())


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    return map_pages.facts(tmp_path_factory.mktemp("page"), map_scenes.stands((5, 5, 20, 20), (100, 60, 40, 50)))


@pytest.mark.parametrize(("room", "coarser", "dates"), [(5_000_000, 0, 2), (1_500, 1, 2), (900, 2, 0)])
def test_pictures_are_as_fine_and_of_as_many_dates_as_there_is_room_for(facts, room, coarser, dates):
    images = page_images.draw(facts.scenes, facts.rasters, facts.stands, 0.5, room)
    assert characters(images) <= room
    assert images.degree_zoom - images.zoom == coarser
    assert len(images.dates) == dates and len(images.dates) + len(images.left_out) == 2
    assert all(date.clear == 1 for date in images.dates)


def test_a_tile_shows_the_degree_where_it_lies(facts):
    images = page_images.draw(facts.scenes, facts.rasters, facts.stands, 0.5, 1_000_000)
    outline = facts.stands.to_crs(tile_grid.CRS).set_index("region").geometry["b"]
    values = []
    for tile in tile_grid.covering(images.degree_zoom, facts.stands.to_crs(tile_grid.CRS).geometry):
        if tile.name in images.degree:
            pixels = np.asarray(Image.open(io.BytesIO(images.degree[tile.name])))
            rows, cols = np.nonzero(pixels)
            east, north = tile.grid(degree_tiles.SIDE).affine * (cols + 0.5, rows + 0.5)
            inside = (east > outline.bounds[0]) & (north < outline.bounds[3])
            values += list(zip(east[inside], pixels[rows, cols][inside], strict=True))
    east, words = np.array(values).T
    half = outline.bounds[0] + (outline.bounds[2] - outline.bounds[0]) / 2
    assert set(words[east > half]) == {degree_tiles.MUCH, degree_tiles.NOT_SEEN, degree_tiles.NOT_SEEN_LINE}
    with rasterio.open(facts.rasters[0]) as raster:
        unseen = np.isnan(raster.read(1))[55:, 95:].mean()
    assert np.isin(words, [degree_tiles.NOT_SEEN, degree_tiles.NOT_SEEN_LINE]).mean() == pytest.approx(unseen, abs=0.02)


def test_words_follow_from_the_threshold_of_the_model():
    degree = np.array([[0.0, 0.1, 0.11, 0.55, 0.56, 1.0]], np.float32)
    values = degree_tiles.classes(degree, np.ones((1, 6), bool), np.float32(0.1))
    assert values.tolist() == [[1, 1, 2, 2, 3, 3]]
    assert (degree_tiles.classes(degree, np.zeros((1, 6), bool), 0.1) == 0).all()


@pytest.mark.slow
def test_a_page_of_500_stands_is_at_most_as_large_as_it_may_be(tmp_path, monkeypatch):
    corners = np.random.default_rng(0).integers(0, 285, (500, 2))
    stands = map_scenes.stands(*((int(col), int(row), 15, 15) for col, row in corners))
    stands["region"] = [f"stand {number}" for number in range(500)]
    facts = map_pages.facts(tmp_path, stands, days=("2019-07-01",), shape=(300, 300))
    free = map_page.write(facts, tmp_path).stat().st_size
    assert free <= map_page.MOST
    monkeypatch.setattr(map_page, "MOST", free - 5_000)
    monkeypatch.setattr(map_page, "LEAST_ROOM", 0)
    assert free - 50_000 < map_page.write(facts, tmp_path).stat().st_size <= free - 5_000
