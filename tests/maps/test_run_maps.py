import numpy as np
import pandas as pd
import pytest
import rasterio

from rojsat.config import compose
from rojsat.evaluation import report_files
from rojsat.maps import run_maps
from rojsat.stages import maps

SIDE = 4


def rows(regions, *, margin=0, halves=False):
    """Rows of the chips of regions whose grids begin at 500000, 6400000; in two windows side by side or one."""
    spans = [0, SIDE] if halves else [0]
    table = pd.DataFrame([(region, col) for region in regions for col in spans], columns=["region", "col"])
    corner = 5e5 + 10 * (table["col"] - margin)
    return table.assign(
        date="2019-07-11",
        relative_orbit=22,
        row=0,
        crs="EPSG:32633",
        transform=[[10.0, 0.0, east, 0.0, -10.0, 6.4e6 + 10 * margin] for east in corner],
        height=SIDE + 2 * margin,
        width=SIDE + 2 * margin,
        box_row=margin,
        box_col=margin,
        box_height=SIDE,
        box_width=SIDE,
    )


def report(folder, table, *, margin=0, **arrays):
    """A report of degrees of these rows: 0.25 and a hundredth more in each chip, one pixel not seen."""
    side = SIDE + 2 * margin
    degree = (
        np.full((len(table), side, side), 0.25, np.float32)
        + np.arange(len(table), dtype=np.float32)[:, None, None] / 100
    )
    seen, known = np.ones(degree.shape, bool), np.ones(degree.shape, bool)
    seen[:, margin, margin] = known[:, margin, margin] = False
    content = {"prediction": degree, "target": degree + np.float32(0.125), "known": known, "seen": seen} | arrays
    folder.mkdir(parents=True)
    report_files.write_predictions(folder, "test", table, content)
    (folder / "summary.json").write_text("{}")
    return folder


@pytest.mark.parametrize("margin", [0, 3])
def test_windows_of_a_region_are_put_together_on_its_own_grid(tmp_path, margin):
    folder = report(tmp_path / "run", rows(["7"], margin=margin, halves=True), margin=margin)
    (path,) = run_maps.write(folder, tmp_path / "maps", "test", {"run": "run"})
    assert path.name == "7_2019-07-11_022.tif"
    with rasterio.open(path) as raster:
        assert raster.crs == "EPSG:32633" and (raster.height, raster.width) == (SIDE, 2 * SIDE)
        assert tuple(raster.transform)[:6] == (10, 0, 5e5, 0, -10, 6.4e6)
        assert raster.descriptions == ("degree", "seen", "label", "difference") and raster.units[0] == "degree, 0 to 1"
        assert np.isnan(raster.nodata) and raster.tags()["region"] == "7" and raster.tags()["run"] == "run"
        degree, seen, label, difference = raster.read()
    assert np.isnan(degree[0, [0, SIDE]]).all() and (seen[0, [0, SIDE]] == 0).all() and np.isnan(label[0, 0])
    np.testing.assert_array_equal(degree[1], np.float32([0.25] * SIDE + [0.26] * SIDE))
    np.testing.assert_array_equal(label[1], degree[1] + np.float32(0.125))
    np.testing.assert_allclose(difference[1:], -0.125, atol=1e-7)
    assert np.isnan(difference[0, [0, SIDE]]).all()


@pytest.mark.parametrize(("regions", "has_intervals"), [(9, False), (10, True)])
def test_intervals_are_calibrated_on_the_other_regions_where_these_are_enough(tmp_path, regions, has_intervals):
    table = rows([f"{number:02}" for number in range(regions)])
    report(tmp_path / "run", table)
    for each in run_maps.maps(run_maps.read(tmp_path / "run", "test")):
        assert ("lower" in each.bands) == has_intervals
        if has_intervals:  # all regions err by an eighth
            inside = np.isfinite(each.bands["label"])
            assert (each.bands["lower"] <= each.bands["label"])[inside].all()
            assert (each.bands["upper"] >= each.bands["label"])[inside].all()
            assert np.nanmax(each.bands["upper"] - each.bands["degree"]) < 0.14


def test_predicted_quantiles_are_the_ends_of_the_intervals(tmp_path):
    shape = (1, SIDE, SIDE)
    ends = {"lower": np.full(shape, -0.5, np.float32), "upper": np.full(shape, 0.75, np.float32)}
    (only,) = run_maps.maps(run_maps.read(report(tmp_path / "run", rows(["7"]), **ends), "test"))
    assert np.nanmax(only.bands["lower"]) == 0 and np.nanmin(only.bands["upper"]) == 0.75
    assert np.isnan(only.bands["lower"][0, 0])


def test_what_cannot_be_mapped_is_refused_with_what_there_is(tmp_path, monkeypatch, capsys):
    folder = report(tmp_path / "reports" / "quick" / "unet_roi6", rows(["7"]))
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="has no predictions of part=val; it has: test"):
        maps.run(["run=unet_roi6", "part=val"])
    with pytest.raises(ValueError, match="Did you mean.*unet_roi6|unet_roi6"):
        maps.run(["run=unet_roi7"])
    with pytest.raises(ValueError, match="which run"):
        maps.run([])
    maps.run(["run=unet_roi6"], dry=True)
    assert capsys.readouterr().out.strip().endswith("quick/unet_roi6/maps/7_2019-07-11_022.tif")
    assert not (folder / "maps").exists()
    maps.run(["run=unet_roi6"])
    assert sorted(path.name for path in (folder / "maps").iterdir()) == ["7_2019-07-11_022.tif", "qgis.qgz"]
    assert "without scenes and outlines: unet_roi6 has no run.json" in capsys.readouterr().out
    stands = {"prediction": np.full((1, 2), 0.5, np.float32), "target": np.zeros(1), "known": np.ones(1, bool)}
    classified = report(tmp_path / "classes", rows(["7"]), **stands, seen=np.ones(1, bool))
    with pytest.raises(ValueError, match="classes of stands"):
        run_maps.read(classified, "test")
