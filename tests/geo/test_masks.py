import json

import numpy as np
import pytest
import rasterio

from rojsat.config.lookup import UnknownNameError
from rojsat.geo import masks
from rojsat.geo.scenes import catalog, cog
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.vectors import region_files


def test_masks_are_rasters_that_any_program_opens(world, tmp_path):
    masks.write(world, tmp_path, source="gps", percentile=99)
    with rasterio.open(tmp_path / "1.tif") as raster:
        assert raster.dtypes == ("float32",)
        assert raster.nodata == -1
        assert raster.crs == "EPSG:32633"
        assert tuple(raster.transform)[:6] == (10, 0, 500100, 0, -10, 6399800)
    facts = json.loads((tmp_path / "masks.json").read_text())
    assert facts["source"] == "gps"
    assert facts["options"] == {"percentile": 99}
    assert facts["masks"] == ["1", "2"]
    assert list(facts["dropped"]) == ["4"]


def test_what_is_written_is_read_back(world, tmp_path):
    masks.write(world, tmp_path, source="polygons")
    stored = masks.read(tmp_path)
    grids = region_grids(catalog.read(world), region_files.load_regions(world / "regions.gpkg"))
    assert stored.grids == {region: grids[region] for region in ("1", "c", "n")}
    assert stored.degree["n"].max() == 1
    with pytest.raises(ValueError, match="python -m rojsat.stages.masks data=none"):
        masks.read(tmp_path / "none")


def test_heat_is_read_back_as_stored_and_as_the_degree_over_all_regions(world, tmp_path):
    for name, options in (("study", {}), ("heat", {"scale": "training_regions"})):
        (tmp_path / name).mkdir()
        masks.write(world, tmp_path / name, source="gps", percentile=99, **options)
    study, heat = masks.read(tmp_path / "study"), masks.read(tmp_path / "heat")
    assert study.heat is None and "unscaled" not in study.facts and study.stored is study.degree
    assert heat.heat.threshold == study.facts["threshold"]
    assert heat.stored["2"].max() > 1
    for region, degree in study.degree.items():
        assert heat.degree[region].tobytes() == degree.tobytes()
    rewrite(tmp_path / "heat" / "2.tif", array=first(np.nan))
    with pytest.raises(ValueError, match="mask of region '2' goes from nan to nan, not 0 up"):
        masks.read(tmp_path / "heat")


def test_without_labels_there_are_no_masks(world, tmp_path):
    masks.write(world, tmp_path, source="unlabelled")
    assert masks.read(tmp_path).degree == {}
    assert [path.name for path in tmp_path.iterdir() if path != world] == ["masks.json"]


def rewrite(path, **changes):
    """The raster again, with other numbers or another profile."""
    with rasterio.open(path) as raster:
        profile, array = {"crs": "EPSG:32633", "nodata": raster.nodata, "transform": raster.transform}, raster.read(1)
    array = changes.pop("array", lambda array: array)(array)
    cog.write_cog(path, array, **{**profile, **changes})


def first(value):
    """A function that puts a value into the first pixel."""

    def change(array):
        array[0, 0] = value
        return array

    return change


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"array": lambda array: array.astype("float64")}, "1.tif is no mask: .*float64"),
        ({"array": lambda array: np.stack([array, array])}, "1.tif is no mask: .*'bands': 2"),
        ({"nodata": 0.0}, "1.tif is no mask: .*'nodata': 0.0"),
        ({"crs": None}, "no coordinate system"),
        ({"array": first(1.5)}, "mask of region '1' goes from 0.0 to 1.5, not 0 to 1"),
        ({"array": first(np.nan)}, "mask of region '1' goes from nan to nan"),
    ],
)
def test_a_raster_that_is_no_mask_is_refused_with_the_command(world, tmp_path, changes, message):
    folder = tmp_path / "data"
    folder.mkdir()
    masks.write(world, folder, source="gps", percentile=99)
    rewrite(folder / "1.tif", **changes)
    with pytest.raises(ValueError, match=message + ".*; delete that folder, then .*masks data=data"):
        masks.read(folder)


@pytest.mark.parametrize("name", ["1.tif", "masks.json"])
@pytest.mark.parametrize("left", [0, 100, 300])
def test_a_truncated_file_is_refused_with_the_command(world, tmp_path, name, left):
    folder = tmp_path / "data"
    folder.mkdir()
    masks.write(world, folder, source="gps", percentile=99)
    (folder / name).write_bytes((folder / name).read_bytes()[:left])
    with pytest.raises(ValueError, match="delete that folder, then .*masks data=data"):
        masks.read(folder)
    (folder / name).unlink()
    with pytest.raises(ValueError, match="python -m rojsat.stages.masks data=data"):
        masks.read(folder)


def test_mistyped_sources_and_options_name_the_nearest(world, tmp_path):
    with pytest.raises(UnknownNameError, match="'gsp' does not exist. Did you mean 'gps'"):
        masks.write(world, tmp_path, source="gsp")
    with pytest.raises(UnknownNameError, match="Did you mean 'percentile'"):
        masks.write(world, tmp_path, source="gps", percentil=97)


@pytest.mark.parametrize(
    ("contradiction", "above_zero", "words"),
    [("label", 200, "count as need (data.labels.options.contradiction=unknown"), ("unknown", 186, "are unknown")],
)
def test_need_that_a_second_source_denies_is_said_with_its_share(tmp_path, contradiction, above_zero, words):
    facts = {"source": "rasters", "options": {"contradiction": contradiction}, "pixels": {"above_zero": above_zero}}
    assert masks.warnings(tmp_path) == []
    (tmp_path / "masks.json").write_text(json.dumps(facts | {"contradicting": 0}))
    assert masks.warnings(tmp_path) == []
    (tmp_path / "masks.json").write_text(json.dumps(facts | {"contradicting": 14}))
    (sentence,) = masks.warnings(tmp_path)
    assert sentence.startswith("14 of the 200 labelled pixels of need (7.0%)") and words in sentence
