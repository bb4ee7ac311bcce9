import hashlib
import json

import numpy as np
import pystac
import pytest
import rasterio
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.raster import RasterExtension
from pystac.validation.stac_validator import JsonSchemaSTACValidator
from rio_cogeo.cogeo import cog_validate

from rojsat.evaluation.report_files import write_text
from rojsat.geo.scenes import catalog
from rojsat.maps import map_cells, map_item, map_rasters
from rojsat.maps.cell_prediction import CellMap
from tests.support import map_scenes

DAYS = ("2019-07-11", "2019-08-05")
MADE_FROM = {"model": "abc", "run": "made", "scenes": ["S2A_20190711_022"]}


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """A map of 700 x 600 pixels: its files, its scenes and their folder."""
    folder = tmp_path_factory.mktemp("item")
    raw, out = folder / "raw", folder / "map"
    out.mkdir()
    red = {"B04": np.full((700, 600), 0.03), "B02": np.full((700, 600), 0.02)}
    scenes = [map_scenes.write_scene(raw, day, shape=(700, 600), reflectance=red) for day in DAYS]
    catalog.write(raw, scenes, description="two days")
    (grid,) = map_cells.map_grids(scenes, map_scenes.stands((0, 0, 600, 700)))
    (cell,) = map_cells.of_scene([grid], 0, size=700)
    shape = grid.grid.shape
    seen = CellMap(
        np.full(shape, 0.5, np.float32),
        np.ones(shape, np.uint8),
        np.full(shape, 18088, np.int32),
        np.zeros(shape, np.float32),
    )
    map_rasters.write_cell(folder / "cell.npz", seen)
    raster = map_rasters.write(out / "degree.tif", grid, [(cell, folder / "cell.npz")], None, {})
    write_text(out / "stands.csv", "rank,region\n1,a\n")
    return [raster, out / "stands.csv"], scenes, raw


def test_an_item_is_valid_and_says_where_what_and_from_which_scenes_and_model(described):
    files, scenes, raw = described
    path = map_item.write(files[0].parent, files, scenes, raw, map_scenes.card(), MADE_FROM)
    content = json.loads(path.read_text())
    JsonSchemaSTACValidator().validate_core(content, pystac.STACObjectType.ITEM, content["stac_version"])
    item = pystac.Item.from_file(str(path))
    assert (item.properties["start_datetime"][:10], item.properties["end_datetime"][:10]) == DAYS
    assert item.properties[map_item.MODEL]["name"] == "made" and item.properties[map_item.MODEL]["hash"] == "abc"
    degree = item.assets["degree.tif"]
    with rasterio.open(degree.get_absolute_href()) as raster:
        projection = ProjectionExtension.ext(degree)
        assert (projection.code, projection.shape) == ("EPSG:32633", list(raster.shape))
        assert projection.transform == list(raster.transform)[:6]
        assert [band["name"] for band in degree.extra_fields["bands"]] == list(raster.descriptions)
        assert [band.unit for band in RasterExtension.ext(degree).bands] == list(raster.units)
    for asset in item.assets.values():
        written = FileExtension.ext(asset)
        digest = hashlib.sha256((files[0].parent / asset.href.split("/")[-1]).read_bytes()).hexdigest()
        assert written.checksum == f"1220{digest}" and written.size > 0
    linked = [link.resolve_stac_object().target.id for link in item.get_links("derived_from")]
    assert linked == [scene.id for scene in scenes]
    before = path.read_bytes()
    map_item.write(files[0].parent, files, scenes, raw, map_scenes.card(), MADE_FROM)
    assert path.read_bytes() == before


def test_an_item_without_what_stac_asks_for_is_refused(described):
    files, scenes, raw = described
    content = json.loads(map_item.write(files[0].parent, files, scenes, raw, map_scenes.card(), MADE_FROM).read_text())
    del content["properties"]["start_datetime"]
    with pytest.raises(pystac.errors.STACValidationError):
        JsonSchemaSTACValidator().validate_core(content, pystac.STACObjectType.ITEM, content["stac_version"])


def test_the_raster_of_a_map_is_cloud_optimized(described):
    valid, faults, warnings = cog_validate(described[0][0], strict=True)
    assert valid, [*faults, *warnings]
