"""A trained model applied to scenes, by the command: on its own test regions it gives the predictions of its run."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

from bench import map_equals_evaluation
from rojsat.config import compose, recipes
from rojsat.evaluation import gain, report_files
from rojsat.geo import masks
from rojsat.geo.cutting import data_set
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.vectors import region_files
from rojsat.maps import portable_parity, run_maps
from rojsat.stages import export, predict, train
from rojsat.tracking import recorder
from tests.support import map_scenes

WORDS = ["exp=demo", "inputs.channels=[B04,B08]", "model.options.depth=2", "model.options.decoder=[16,8]"]
WORDS += ["train.epochs=1", "train.threads=1", "tracking.images=false", "split.name=k_fold_regions", "inputs.flips=[]"]
DAYS = ("2019-07-11", "2019-09-09")
SIDE = 12


def experiment():
    return compose.parse(WORDS)


def squares():
    """Nine regions of 12 x 12 pixels, 40 pixels apart, 36 from the edges of the scenes."""
    corners = [(36 + 52 * (number % 3), 36 + 52 * (number // 3)) for number in range(9)]
    return map_scenes.stands(*((col, row, SIDE, SIDE) for col, row in corners))


def write_data(root):
    """Raw data, masks and chips of the experiment, as their stages would leave them."""
    settings, folders = experiment(), {}

    def raw(folder):
        shape = (190, 190)
        scenes = [map_scenes.write_scene(folder, day, shape=shape) for day in DAYS]
        catalog.write(folder, scenes, description="a forest made of numbers")
        clearing = squares().assign(role="clearing", label=None, cleared=None)
        region_files.write_regions(clearing[region_files.COLUMNS], folder / "regions.gpkg")
        degree = np.random.default_rng(0).random(shape).round(2).astype(np.float32)
        grid = {"transform": scenes[0].assets["B04"].transform, "crs": map_scenes.CRS, "nodata": None}
        label = write_cog(root / "label.tif", degree, **grid)
        (folder / "labels.json").write_text(json.dumps([{"label": str(label), "valid": None}]))

    def mask(folder):
        masks.write(folders["raw"], folder, source="rasters")

    def chips(folder):
        data_set.write(folders["raw"], folders["masks"], folder, recipe=recipes.recipe("chips", settings), margin=320)

    for stage, write in (("raw", raw), ("masks", mask), ("chips", chips)):
        folders[stage] = recipes.folder(stage, settings)
        recipes.make(folders[stage], recipes.recipe(stage, settings), write)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of the report of a network that is trained for one epoch."""
    root = tmp_path_factory.mktemp("predict")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(compose, "ROOT", root)
        patch.setattr(recorder, "STORE", root / "mlruns")
        write_data(root)
        train.run(experiment())
        outlines = gpd.read_file(root / "data" / "raw" / "demo" / "regions.gpkg")
        outlines.to_crs("EPSG:3857").to_file(root / "stands.gpkg")
        yield compose.report_folder(experiment())


def words(report, name, *more):
    root = compose.ROOT
    return [f"model={report.name}", "data=demo", f"area={root / 'stands.gpkg'}", f"out={root / name}", *more]


@pytest.mark.slow
def test_on_its_test_regions_a_model_gives_the_predictions_of_its_run(trained, capsys):
    predict.run(words(trained, "map", f"dates={DAYS[0]}", "tiles=outlines"))
    assert "in need (degree of need above 0.1)" in capsys.readouterr().out
    compared = 0
    with rasterio.open(compose.ROOT / "map" / "degree.tif") as raster:
        for each in run_maps.maps(run_maps.read(trained, "test")):
            if each.tags["date"] != DAYS[0]:
                continue
            col, row = ~raster.transform * (each.transform.c, each.transform.f)
            degree = raster.read(1)[round(row) : round(row) + SIDE, round(col) : round(col) + SIDE]
            np.testing.assert_allclose(degree, each.bands["degree"], atol=1e-6, rtol=0)
            compared += degree.size
    tested = set(report_files.read_predictions(trained, "test").rows["region"])
    assert compared == SIDE**2 * len(tested) > 0


@pytest.mark.slow
def test_a_map_by_a_model_of_all_dates_has_the_metrics_of_the_evaluation_to_the_last_digit(trained):
    assert trained.exists()
    changed = [word for word in WORDS if not word.startswith("model.")]
    settings = compose.parse([*changed, "variant=boosting", "inputs.dates=[all]"])
    train.run(settings)
    facts = map_equals_evaluation.compare(compose.run_name(settings), ["data=demo"], compose.ROOT / "all_dates")
    assert facts["map"] == facts["evaluation"] and facts["map"]["iou"] > 0
    assert facts["alike"] == facts["pixels"] > SIDE**2 and facts["missing"] == facts["cut"] == 0


@pytest.mark.slow
def test_exported_as_onnx_it_gives_the_map_of_its_run_and_its_card_says_what_the_run_reaches(trained):
    file = compose.ROOT / "model.onnx"
    export.run([f"model={trained.name}", f"out={file}"])
    card = file.with_suffix(".md").read_text()
    assert gain.words(report_files.read_summary(trained)) in card and "| this model |" in card and "trained on" in card
    predict.run(words(trained, "direct"))
    predict.run([f"model={file}", *words(trained, "portable")[1:]])
    maps = []
    for folder in ("direct", "portable"):
        with rasterio.open(compose.ROOT / folder / "degree.tif") as raster:
            maps.append(raster.read(1))
    np.testing.assert_allclose(maps[1], maps[0], atol=portable_parity.TOLERANCE, rtol=0)
    assert np.nanstd(maps[0]) > 0 and str(compose.ROOT).encode() not in file.read_bytes()


@pytest.mark.slow
def test_a_dry_run_says_what_scenes_the_model_needs_and_makes_nothing(trained, capsys):
    predict.run(words(trained, "dry"), dry=True)
    printed = capsys.readouterr().out
    assert "channels: B04, B08" in printed and "trained on months 7, 9" in printed and "9 stands" in printed
    assert not (compose.ROOT / "dry").exists()


@pytest.mark.slow
def test_the_list_of_stands_says_where_first_how_much_and_how_sure(trained):
    predict.run(words(trained, "list"))
    listed = pd.read_csv(compose.ROOT / "list" / "stands.csv", keep_default_na=False)
    assert listed["rank"].tolist() == list(range(1, 10)) and set(listed["region"]) == set("abcdefghi")
    assert listed["need_ha"].is_monotonic_decreasing
    np.testing.assert_allclose(listed["area_ha"], 1.44, atol=0.004)  # on the ellipsoid; 4.6 in the file's own metres
    assert (listed["seen"] == 1).all() and (listed["last_clear"] == DAYS[1]).all() and (listed["outside"] == 0).all()
    assert (compose.ROOT / "list" / "map.qgz").is_file()
    stored = gpd.read_file(compose.ROOT / "list" / "stands.gpkg")
    assert str(stored.crs) == map_scenes.CRS and list(stored["region"]) == list(listed["region"])
    text = (compose.ROOT / "list" / "summary.txt").read_text()
    assert "On regions that it was not trained on: R²" in text and "too few for an interval of 90%" in text
    assert "Already cleared: not known" in text and "Which visits narrow the total most is not known" in text
    paths = [*sorted((compose.ROOT / "list").glob("stands.*")), compose.ROOT / "list" / "item.json"]
    lists = {path.name: path.read_bytes() for path in paths}
    assert list(lists) == ["stands.csv", "stands.gpkg", "stands.xlsx", "item.json"]
    page = (compose.ROOT / "list" / "map.html").read_text()
    assert all(f'"date": "{day}"' in page for day in DAYS) and page.count('"outline": ') == 9
    predict.run(words(trained, "list"))
    assert (compose.ROOT / "list" / "summary.txt").read_text() == text
    assert lists == {name: (compose.ROOT / "list" / name).read_bytes() for name in lists}
    predict.run(words(trained, "list", "language=sv"))
    swedish = (compose.ROOT / "list" / "summary.txt").read_text()
    assert "Var först (flest hektar först" in swedish and "för få för ett intervall på 90\N{NO-BREAK SPACE}%" in swedish


@pytest.mark.slow
def test_complete_scenes_are_mapped_without_outlines(trained):
    given = [word for word in words(trained, "all") if not word.startswith("area=")]
    predict.run([*given, "area=all", "batch=16"])
    with rasterio.open(compose.ROOT / "all" / "degree.tif") as raster:
        assert raster.shape == (190, 190) and np.isfinite(raster.read(1)).all()
    numbers = json.loads((compose.ROOT / "all" / "summary.json").read_text())
    assert numbers["area_ha"] == numbers["seen_ha"] == pytest.approx(361, rel=2e-3)
    assert not (compose.ROOT / "all" / "stands.csv").exists()


@pytest.mark.slow
def test_another_scale_is_refused_in_one_sentence_and_nothing_is_predicted(trained, monkeypatch):
    right = catalog.read

    def unscaled(folder):
        return [
            replace(scene, assets={name: replace(asset, scale=1.0, offset=0.0) for name, asset in scene.assets.items()})
            for scene in right(folder)
        ]

    monkeypatch.setattr(catalog, "read", unscaled)
    with pytest.raises(ValueError, match="scene S2A_20190711_022: its reflectance is .* the scale") as refusal:
        predict.run(words(trained, "unscaled"))
    assert "\n" not in str(refusal.value) and not (compose.ROOT / "unscaled").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "model=, area=, out=, data= missing"),
        (["model=unet", "data=demo", "area=nowhere.gpkg", "out=x"], "area=nowhere.gpkg does not exist"),
        (["model=unet", "data=demo", f"area={__file__}", "out=x", "tiles=boxes"], "tiles"),
        (["model=unet", "data=demo", f"area={__file__}", "out=x", "exp=demo"], "model= names what is applied"),
        (["model=unet", "data=demo", f"area={__file__}", "out=x", "visits=0"], "visits=0 is no number of stands"),
        (["model=unet", "data=demo", f"area={__file__}", "out=x", "language=fi"], "language 'fi' does not exist"),
        (["model=unet", "data=demo", "area=all", "out=x", "rank=degree"], "rank: of outlines, area=all has none"),
        (["model=unet", "data=demo", "area=all", "out=x", "batch=0"], "batch=0: a number of tiles"),
        (["model=a.onnx", "data=demo", f"area={__file__}", "out=x"], "a.onnx does not exist"),
    ],
)
def test_words_that_cannot_be_are_refused_before_anything_is_imported(given, message):
    with pytest.raises(ValueError, match=message):
        predict.run(given)
