import json
import shutil
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import yaml
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from rojsat.chips.bands import BOA
from rojsat.chips.reader import Chips
from rojsat.config.lookup import UnknownNameError
from rojsat.geo import account, masks
from rojsat.geo.cutting import data_set
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources import _patterns, geotiff
from rojsat.geo.vectors import region_files

BANDS = ["B02", "B08"]
PATTERN = "scenes/{site}_{year}-{month}.tif"
BEETLE = list(BOA)
EXPERIMENTS = Path(__file__).parents[3] / "experiments"


def tif(path, bands=2, left=0, size=(12, 9), crs="EPSG:3857", metres=10, dtype=np.uint16, nodata=0, names=None):
    array = np.full((bands, *size), 500 if np.dtype(dtype).itemsize > 1 else 255, dtype)
    write_cog(
        path, array, transform=Affine(metres, 0, left, 0, -metres, 100), crs=crs, nodata=nodata, descriptions=names
    )


@pytest.fixture
def root(tmp_path):
    for site, left in (("a_1", 0), ("b", 500)):
        tif(tmp_path / f"in/scenes/{site}_2019-09.tif", left=left)
        tif(tmp_path / f"in/scenes/{site}_2020-09.tif", left=left)
        tif(tmp_path / f"in/masks/{site}.tif", bands=1, left=left)
    return tmp_path / "in"


def written(root, regions=None, files=None, pattern=PATTERN, bands=BANDS, scale=1e-4, offset=0.0, **options):
    raw = root.parent / "raw"
    raw.mkdir(exist_ok=True)
    kind = {"pattern": pattern, "bands": bands, "scale": scale, "offset": offset}
    geotiff.write(raw, regions, root=root, files=files or [kind], **options)
    return raw


def test_scenes_that_are_copies_of_coarser_pixels_are_interpolated_if_asked(tmp_path):
    coarse = np.random.default_rng(0).integers(1, 3000, (2, 9, 12)).astype(np.uint16)
    place = Affine(10, 0, 500_000, 0, -10, 5_500_000)
    plane = np.kron(coarse, np.ones((1, 2, 2), np.uint16))
    write_cog(tmp_path / "in/scenes/a_2019-09.tif", plane, transform=place, crs="EPSG:32633", nodata=0)
    read = {}
    for choice in ("keep", "interpolate"):
        raw = written(tmp_path / "in", native_grid=choice)
        (scene,) = catalog.read(raw)
        with rasterio.open(scene.assets["B08"].href) as raster:
            read[choice] = raster.read(scene.assets["B08"].band)
        words = account.lines(
            raw, source="geotiff", root=tmp_path / "in", options={"files": [{"pattern": PATTERN}]}, regions=(), gps={}
        )
        shutil.rmtree(raw)
        assert words[1].startswith("native grid: 1 of 1 scenes") and words[2:] == ["left aside: nothing"]
    np.testing.assert_array_equal(read["keep"], plane[1])
    corners = coarse[1, :-1, :-1], coarse[1, 1:, :-1], coarse[1, :-1, 1:], coarse[1, 1:, 1:]
    expected = sum(weight * corner.astype(int) for weight, corner in zip((9, 3, 3, 1), corners, strict=True)) / 16
    np.testing.assert_array_equal(read["interpolate"][1:-1:2, 1:-1:2], np.floor(expected + 0.5))
    with pytest.raises(UnknownNameError, match="native_grid"):
        written(tmp_path / "in", native_grid="sharpen")


def test_every_site_and_date_is_a_scene_and_every_site_a_region(root):
    raw = written(root, scale=2e-4, offset=-0.1, relative_orbit=7)
    scenes = catalog.read(raw)
    assert [scene.id for scene in scenes] == [
        f"{site}_{year}-09-15_007" for year in (2019, 2020) for site in ("a_1", "b")
    ]
    asset = scenes[0].assets["B08"]
    assert (asset.band, asset.scale, asset.offset, asset.nodata) == (2, 2e-4, -0.1, 0)
    assert asset.href == str(root / "scenes/a_1_2019-09.tif")
    regions = region_files.load_regions(raw / "regions.gpkg")
    assert regions["region"].tolist() == ["a_1", "b"]
    assert set(regions["role"]) == {"clearing"}
    assert regions.geometry[1].bounds == (500, -20, 590, 100)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda path: tif(path, names=("B8", "b2")), "band 1 is described as B8, not B02 as data.options.files says"),
        (lambda path: tif(path, dtype=np.uint8), "in 8 bits.*state another scale"),
        (
            lambda path: path.with_name(f"{path.name}.aux.xml").write_text(
                "<PAMDataset><GeoTransform>-200, 10, 0, 100, 0, -10</GeoTransform></PAMDataset>"
            ),
            "two georeferencing sources that differ.*delete a_1_2019-09.tif.aux.xml",
        ),
    ],
)
def test_what_a_file_says_of_itself_is_not_overruled(root, fault, message):
    fault(root / "scenes/a_1_2019-09.tif")
    with pytest.raises(ValueError, match=message):
        written(root)


def test_a_sidecar_of_statistics_and_other_words_for_bands_do_no_harm(root):
    tif(root / "scenes/a_1_2019-09.tif", names=("blue", "B08"))
    (root / "scenes/a_1_2019-09.tif.aux.xml").write_text("<PAMDataset><Metadata/></PAMDataset>")
    assert len(catalog.read(written(root))) == 4


@pytest.mark.parametrize(
    ("name", "pattern", "scene"),
    [
        ("x_20190831.tif", "{site}_{date}.tif", "x_2019-08-31_000"),
        ("T33_x_2019-08-31_R065_v2.tif", "{any}_{site}_{date}_R{orbit}_{any}.tif", "x_2019-08-31_065"),
        ("2019/08/31.tif", "{year}/{month}/{day}.tif", "all_2019-08-31_000"),
    ],
)
def test_names_hold_site_date_and_orbit(tmp_path, name, pattern, scene):
    tif(tmp_path / "in" / name)
    assert catalog.read(written(tmp_path / "in", pattern=pattern))[0].id == scene


def test_label_rasters_are_listed_by_site(root):
    raw = written(root, label_rasters="masks/{site}.tif")
    assert json.loads((raw / "labels.json").read_text())[1] == {"label": str(root / "masks/b.tif"), "valid": None}
    with pytest.raises(ValueError, match=r"site 'a_1' has no valid raster: .*forest/a_1.tif does not exist"):
        written(root, label_rasters="masks/{site}.tif", valid_rasters="forest/{site}.tif")


def test_regions_that_are_given_are_not_made(root):
    regions = gpd.GeoDataFrame({"region": ["5"]}, geometry=[box(50, 0, 80, 50)], crs="EPSG:3857").to_crs("EPSG:4326")
    with pytest.raises(
        ValueError, match=r"no scene touches any region: the scenes lie within 0\.0000, -0\.0002, .*1\.0"
    ):
        written(root, regions.set_geometry(regions.translate(1)))
    raw = written(root, regions)
    assert len(catalog.read(raw)) == 4
    assert not (raw / "regions.gpkg").exists()


def test_regions_with_swapped_axes_get_another_message_than_those_elsewhere(tmp_path):
    grid = {"transform": Affine(10, 0, 600000, 0, -10, 6500000), "crs": "EPSG:32633", "nodata": 0}
    write_cog(tmp_path / "in/a_20190801.tif", np.ones((1, 9, 9), np.uint16), **grid)
    right = gpd.GeoSeries([box(600010, 6499950, 600050, 6499990)], crs="EPSG:32633").to_crs("EPSG:4326")
    west, south, east, north = right.total_bounds
    regions = gpd.GeoDataFrame({"region": ["5"]}, geometry=[box(south, west, north, east)], crs="EPSG:4326")
    with pytest.raises(ValueError, match="With x and y swapped they would overlap"):
        written(tmp_path / "in", regions, pattern="{site}_{date}.tif", bands=["B02"])


def test_regions_that_are_made_take_the_role_that_is_asked_for(root):
    assert set(region_files.load_regions(written(root, role="control") / "regions.gpkg")["role"]) == {"control"}
    with pytest.raises(UnknownNameError, match="Did you mean 'stand'"):
        written(root, role="stands")


SEVERAL = [
    {"pattern": "{site}_{date}_10m.tif", "bands": ["B02", "TCI", None, None]},
    {"pattern": "{site}_{date}_20m.tif", "bands": ["B05", None], "scale": 2e-4, "offset": -0.1, "nodata": 65535},
    {"pattern": "scl/{site}_{year}{month}{day}.tif", "bands": ["SCL"]},
]


@pytest.fixture
def several(tmp_path):
    for site in ("a", "å b"):
        tif(tmp_path / f"in/{site}_2019-08-31_10m.tif", bands=4)
        tif(tmp_path / f"in/{site}_20190831_20m.tif", bands=2, size=(6, 5), metres=20, nodata=65535)
        tif(tmp_path / f"in/scl/{site}_20190831.tif", bands=1, size=(6, 5), metres=20)
    return tmp_path / "in"


def test_several_files_are_one_scene_with_several_pixel_sizes(several):
    raw = written(several, files=SEVERAL)
    first, second = catalog.read(raw)
    assert [first.id, second.id] == ["--b_2019-08-31_000", "a_2019-08-31_000"]
    assert region_files.load_regions(raw / "regions.gpkg")["region"].tolist() == ["a", "å b"]
    assets = {
        name: (asset.resolution, asset.scale, asset.offset, asset.nodata, asset.band)
        for name, asset in second.assets.items()
    }
    assert assets == {
        "B02": (10, 1e-4, 0, 0, 1),
        "TCI": (10, 1, 0, 0, 2),
        "B05": (20, 2e-4, -0.1, 65535, 1),
        "SCL": (20, 1, 0, 0, 1),
    }
    assert tuple(second.grid.shape) == (12, 9)


def test_a_scene_that_lacks_a_file_is_refused(several):
    (several / "a_20190831_20m.tif").unlink()
    with pytest.raises(ValueError, match=r"site 'a' of 2019-08-31 has no file \{site\}_\{date\}_20m.tif"):
        written(several, files=SEVERAL)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"crs": "EPSG:32633"}, "differ in their coordinate systems"),
        ({"dtype": np.float32}, "20m.tif holds float32; store reflectance as uint16"),
        ({"bands": 3}, r"20m.tif has 3 bands, but 2 are named"),
    ],
)
def test_a_file_of_a_scene_that_does_not_fit_is_refused(several, damage, message):
    tif(several / "a_20190831_20m.tif", **({"bands": 2, "size": (6, 5), "metres": 20, "nodata": 65535} | damage))
    with pytest.raises(ValueError, match=message):
        written(several, files=SEVERAL)


def test_files_that_are_cut_short_or_none_are_refused(root):
    path = root / "scenes/b_2020-09.tif"
    noise = np.random.default_rng(0).integers(1, 9999, (2, 300, 300)).astype(np.uint16)
    write_cog(path, noise, transform=Affine(10, 0, 500, 0, -10, 100), crs="EPSG:3857", nodata=0)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])  # its header is complete, GDAL opens it
    with pytest.raises(ValueError, match=r"b_2020-09.tif is cut short: a block of band . lies behind its end"):
        written(root)
    path.write_bytes(content[:40])
    with pytest.raises(ValueError, match="b_2020-09.tif cannot be opened as a raster"):
        written(root)
    path.write_text("<html>404 Not Found</html>")
    with pytest.raises(ValueError, match="b_2020-09.tif cannot be opened as a raster"):
        written(root)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"root": Path("nowhere")}, ValueError, "nowhere is no folder: data.root"),
        ({"pattern": "{site}_{date}.tiff"}, ValueError, "no file of .* matches .*; the files there are: masks/a_1.tif"),
        ({"pattern": "scenes/{site}_{yaer}-{month}.tif"}, UnknownNameError, "Did you mean 'year'"),
        ({"pattern": "scenes/{site}_{any}.tif"}, ValueError, "has no date"),
        ({"pattern": "scenes/{any}{year}-{month}.tif"}, ValueError, "two files are site 'all' of 2019-09-15"),
        ({"pattern": "scenes/{site}_{site}_{date}.tif"}, ValueError, "has the field 'site' more than once"),
        ({"bands": ["B02"]}, ValueError, r"has 2 bands, but 1 are named"),
        ({"bands": ["B02", "B8"]}, UnknownNameError, "Did you mean 'B08'"),
        ({"bands": ["B02", "B02"]}, ValueError, "name B02 more than once"),
        ({"files": [{"pattern": PATTERN}]}, ValueError, "need a pattern and bands"),
        ({"files": [{"patern": PATTERN}]}, UnknownNameError, "Did you mean 'pattern'"),
        ({"files": [{"pattern": PATTERN, "bands": BANDS}] * 2}, ValueError, "come from two files"),
        ({"label_rasters": "masks/{region}.tif"}, UnknownNameError, "field 'region' does not exist"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_there_is(root, tmp_path, monkeypatch, options, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        written(**({"root": root} | options))


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
    folders = {stage: tmp_path / stage for stage in ("in", "raw", "masks", "chips")}
    for folder in folders.values():
        folder.mkdir()
    for site in sites:
        for kind, names in {
            "scenes": [f"{site}_2019-09", f"{site}_2020-09"],
            "masks": [site],
            "forest": [site],
        }.items():
            (folders["in"] / kind).mkdir(exist_ok=True)
            for name in names:
                (folders["in"] / kind / f"{name}.tif").symlink_to(real / "beetle" / kind / f"{name}.tif")
    options = yaml.safe_load((EXPERIMENTS / "data/beetle.yaml").read_text())["options"]
    geotiff.write(folders["raw"], None, root=folders["in"], **options)
    masks.write(folders["raw"], folders["masks"], source="rasters")
    data_set.write(folders["raw"], folders["masks"], folders["chips"], recipe={}, size=64)
    chips = Chips(folders["chips"])
    assert chips.size("clearing") == (64, 64)
    assert "205410" in set(chips.dropped["region"])  # 94 % of 2019 is missing
    assert chips.index["nodata"].max() <= 0.5
    assert {"tci.r", "toa.B10"}.isdisjoint(chips.names("clearing"))
    for row in chips.index.itertuples():
        chip = chips.read(row.chip)
        assert set(chip.arrays) == {"boa"}
        assert set(np.unique(chip.mask())) <= {-1, 0, 1}
    facts = masks.read(folders["masks"]).facts["pixels"]
    assert facts["above_zero"] > 1000 and facts["unknown"] > 1000


@pytest.mark.slow
def test_real_dates_with_several_pixel_sizes_are_one_scene_each(real, tmp_path):
    options = yaml.safe_load((EXPERIMENTS / "data/flanders.yaml").read_text())["options"]
    geotiff.write(tmp_path, None, root=real / "flanders", **options)
    scenes = catalog.read(tmp_path)
    assert len(scenes) == 190
    assert scenes[0].id == "west_2017-08-04_000"
    for scene in scenes:
        assert scene.boa == ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
        assert "SCL" in scene.assets
    assert region_files.load_regions(tmp_path / "regions.gpkg")["region"].tolist() == ["east", "west"]


DAYS = st.dates(date(2015, 6, 23), date(2060, 1, 1)).map(pd.Timestamp)


@given(st.from_regex(r"[^/\x00_\n]+", fullmatch=True), DAYS, st.integers(1, 143))
def test_names_come_back_as_they_were(site, day, orbit):
    name = f"tiles/{site}_R{orbit:03d}_{day:%Y%m%d}_10m.tif"
    parsed = _patterns.parse("tiles/{site}_R{orbit}_{date}_10m.tif", name)
    assert parsed == _patterns.SceneName(site, day, orbit)


@given(st.text(), st.from_regex(r"\w_\d{8}_\d{3}\.tif") | st.text())
def test_any_name_is_read_or_refused(text, name):
    for pattern in ("{site}_{date}_{orbit}.tif", "{site}{any}{year}{month}", text, text + "{date}" + text):
        try:
            parsed = _patterns.parse(pattern, name)
        except ValueError:
            continue
        assert parsed is None or (parsed.orbit in range(144) and parsed.day.year >= 2015 and "/" not in parsed.site)


def tagged(path, **tags):
    """Write what a raster's owner says of its numbers into the file."""
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as raster:
        for name, value in tags.items():
            setattr(raster, name, value)


def test_the_numbers_that_a_file_states_win(tmp_path):
    tif(tmp_path / "in/x_20190831.tif", nodata=65535)
    tagged(tmp_path / "in/x_20190831.tif", scales=(2e-4, 2e-4), offsets=(-0.1, -0.1))
    (scene,) = catalog.read(written(tmp_path / "in", files=[{"pattern": "{site}_{date}.tif", "bands": BANDS}]))
    asset = scene.assets["B08"]
    assert (asset.scale, asset.offset, asset.nodata) == (2e-4, -0.1, 65535)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"scale": 1e-4}, "band 1: its tags state scale 0.0002, the options 0.0001"),
        ({"offset": 0.0}, "band 1: its tags state offset -0.1, the options 0"),
        ({"nodata": 0}, "its tags state nodata 65535, the options 0"),
        ({"bands": ["B02", "B03"]}, "band 2 is described as B08, not B03"),
    ],
)
def test_options_that_contradict_the_file_are_refused(tmp_path, option, message):
    tif(tmp_path / "in/x_20190831.tif", nodata=65535)
    names = {"descriptions": ("blue", "B08")}
    tagged(tmp_path / "in/x_20190831.tif", scales=(2e-4, 2e-4), offsets=(-0.1, -0.1), **names)
    with pytest.raises(ValueError, match=message):
        written(tmp_path / "in", files=[{"pattern": "{site}_{date}.tif", "bands": BANDS} | option])
