import json

import numpy as np
import pytest
from affine import Affine

from rojsat.bands import BOA
from rojsat.catalog import UnknownNameError
from rojsat.chips import Chips
from rojsat.geo import cutting, masks, scenes, vectors
from rojsat.geo.cog import write_cog
from rojsat.geo.sources import geotiff

BANDS = ["B02", "B08"]
PATTERN = "scenes/{site}_{year}-{month}.tif"
BEETLE = list(BOA)


def tif(path, bands=2, left=0, size=(12, 9), crs="EPSG:3857"):
    array = np.full((bands, *size), 500, np.uint16)
    write_cog(path, array, transform=Affine(10, 0, left, 0, -10, 100), crs=crs, nodata=0)


@pytest.fixture
def root(tmp_path):
    for site, left in (("a_1", 0), ("b", 500)):
        tif(tmp_path / f"in/scenes/{site}_2019-09.tif", left=left)
        tif(tmp_path / f"in/scenes/{site}_2020-09.tif", left=left)
        tif(tmp_path / f"in/masks/{site}.tif", bands=1, left=left)
    (tmp_path / "raw").mkdir()
    return tmp_path / "in"


def written(root, **options):
    raw = root.parent / "raw"
    geotiff.write(raw, root=root, **({"pattern": PATTERN, "bands": BANDS} | options))
    return raw


def test_every_site_and_date_is_a_scene_and_every_site_a_region(root):
    raw = written(root, scale=2e-4, offset=-0.1, relative_orbit=7)
    found = scenes.read(raw)
    assert [scene.id for scene in found] == [
        f"{site}_{year}-09-15_007" for year in (2019, 2020) for site in ("a_1", "b")
    ]
    asset = found[0].assets["B08"]
    assert (asset.band, asset.scale, asset.offset, asset.nodata) == (2, 2e-4, -0.1, 0)
    assert asset.href == str(root / "scenes/a_1_2019-09.tif")
    regions = vectors.load_regions(raw / "regions.gpkg")
    assert regions["region"].tolist() == ["a_1", "b"]
    assert set(regions["role"]) == {"clearing"}
    assert regions.geometry[1].bounds == (500, -20, 590, 100)


@pytest.mark.parametrize(
    ("name", "pattern", "scene"),
    [
        ("x_20190831.tif", "{site}_{date}.tif", "x_2019-08-31_000"),
        ("T33_x_2019-08-31_R065_v2.tif", "{any}_{site}_{date}_R{orbit}_{any}.tif", "x_2019-08-31_065"),
        ("2019/08/31.tif", "{year}/{month}/{day}.tif", "all_2019-08-31_000"),
    ],
)
def test_names_tell_site_date_and_orbit(tmp_path, name, pattern, scene):
    tif(tmp_path / "in" / name)
    (tmp_path / "raw").mkdir()
    assert scenes.read(written(tmp_path / "in", pattern=pattern))[0].id == scene


def test_label_rasters_are_listed_by_site(root):
    raw = written(root, label_rasters="masks/{site}.tif")
    assert json.loads((raw / "labels.json").read_text())[1] == {"label": str(root / "masks/b.tif"), "valid": None}
    with pytest.raises(ValueError, match=r"site 'a_1' has no valid raster: .*forest/a_1.tif does not exist"):
        written(root, label_rasters="masks/{site}.tif", valid_rasters="forest/{site}.tif")


def test_regions_may_come_from_a_file(root):
    written(root)
    regions = vectors.load_regions(root.parent / "raw/regions.gpkg").iloc[:1].to_crs("EPSG:4326")
    regions.drop(columns=["role", "region"]).assign(lot=5).to_file(root / "lots.geojson")
    raw = written(root, regions=root / "lots.geojson", region_role="stand", region_label="need", id_field="lot")
    found = vectors.load_regions(raw / "regions.gpkg")
    assert found[["region", "role", "label"]].to_numpy().tolist() == [["5", "stand", "need"]]
    assert found.crs == "EPSG:3857"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"root": "nowhere"}, ValueError, "nowhere is no folder: data.root"),
        ({"pattern": "{site}_{date}.tiff"}, ValueError, "no file of .* matches .*; the files there are: masks/a_1.tif"),
        ({"pattern": "scenes/{site}_{yaer}-{month}.tif"}, UnknownNameError, "Did you mean 'year'"),
        ({"pattern": "scenes/{site}_{any}.tif"}, ValueError, "tells no date"),
        ({"pattern": "scenes/{any}{year}-{month}.tif"}, ValueError, "lies on two grids|two files are"),
        ({"bands": ["B02"]}, ValueError, r"has 2 bands, but 1 are named"),
        ({"bands": ["B02", "B8"]}, UnknownNameError, "Did you mean 'B08'"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_there_is(root, options, error, message):
    options = {"root": root, "pattern": PATTERN, "bands": BANDS} | options
    with pytest.raises(error, match=message):
        geotiff.write(root.parent / "raw", **options)


def test_rasters_of_one_site_on_two_grids_or_without_crs_are_refused(root):
    tif(root / "scenes/b_2020-09.tif", left=505)
    with pytest.raises(ValueError, match="site 'b' lies on two grids: that of b_2019-09-15_000 and that of b_2020"):
        written(root)
    tif(root / "scenes/b_2020-09.tif", left=500, crs=None)
    with pytest.raises(ValueError, match="b_2020-09.tif has no coordinate system"):
        written(root)


def test_real_sites_become_chips(real, tmp_path):
    """Eight of the beetle sites, among them one with holes in 2019, and one larger than a chip."""
    sites = ["205232", "205275", "205313", "205410", "205694", "216167", "249088", "211704"]
    places = {stage: tmp_path / stage for stage in ("in", "raw", "masks", "chips")}
    for place in places.values():
        place.mkdir()
    for site in sites:
        for kind, names in {
            "scenes": [f"{site}_2019-09", f"{site}_2020-09"],
            "masks": [site],
            "forest": [site],
        }.items():
            (places["in"] / kind).mkdir(exist_ok=True)
            for name in names:
                (places["in"] / kind / f"{name}.tif").symlink_to(real / "beetle" / kind / f"{name}.tif")
    labels = {"label_rasters": "masks/{site}.tif", "valid_rasters": "forest/{site}.tif"}
    geotiff.write(places["raw"], root=places["in"], pattern=PATTERN, bands=BEETLE, **labels)
    masks.write(places["raw"], places["masks"], source="rasters")
    cutting.write(places["raw"], places["masks"], places["chips"], recipe={}, size=64)
    chips = Chips(places["chips"])
    assert chips.size("clearing") == (64, 64)
    assert "205410" in set(chips.dropped["region"])  # 94 % of 2019 is missing
    assert chips.index["nodata"].max() <= 0.5
    assert {"tci.r", "toa.B10"}.isdisjoint(chips.names("clearing"))
    for row in chips.index.itertuples():
        chip = chips.read(row.chip)
        assert set(chip.arrays) == {"boa"}
        assert set(np.unique(chip.mask())) <= {-1, 0, 1}
    facts = masks.read(places["masks"]).facts["pixels"]
    assert facts["above_zero"] > 1000 and facts["unknown"] > 1000


@pytest.mark.parametrize(
    ("folder", "options", "scene", "count"),
    [
        (
            "flanders",
            {"pattern": "{site}_{date}_10m.tif", "bands": ["B02", "B03", "B04", "B08"]},
            "west_2017-08-04_000",
            190,
        ),
        (
            "sen2r",
            {
                "pattern": "S2A2A_{date}_{orbit}_{site}_BOA_10.tif",
                "bands": [band for band in BOA if band != "B8A"],
                "nodata": 65535,
            },
            "Barbellino_2017-07-03_022",
            2,
        ),
    ],
)
def test_other_real_folders_are_read_too(real, tmp_path, folder, options, scene, count):
    geotiff.write(tmp_path, root=real / folder, **options)
    found = scenes.read(tmp_path)
    assert len(found) == count
    assert found[0].id == scene
