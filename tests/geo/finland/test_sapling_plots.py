"""Sapling plots in both forms, written here: read, labelled by thresholds, and as pixels and stands."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from odc.geo.geobox import GeoBox
from shapely.geometry import Point, box

from bench import sapling_labels as sapling_bench
from rojsat.geo.finland import finnish_stands, sapling_labels, sapling_plots
from rojsat.geo.finland.finnish_stands import Operation, Stand
from rojsat.geo.labels import polygons
from rojsat.geo.vectors import region_files

PLOTS = {
    "sampleplotid": [1, 2, 3],
    "measurementdate": ["2022-06-01", "2022-06-02T00:00:00", None],
    "xcoordinate": [500_005.0, 500_105.0, 500_205.0],
    "ycoordinate": [6_900_005.0] * 3,
}
STRATA = {
    "sampleplotid": [1, 1, 2],
    "treespecies": [1, 3, 2],
    "stemcount": [1500, 9000, 1800],
    "meanheight": [3.0, 1.0, 2.5],
}


@pytest.fixture
def geopackage(tmp_path):
    """Writes a GeoPackage of plots; a layer that is None is left out."""

    def write(plots=PLOTS, strata=STRATA):
        path = tmp_path / "plots.gpkg"
        if plots is not None:
            places = [Point(x, y) for x, y in zip(plots["xcoordinate"], plots["ycoordinate"], strict=True)]
            gpd.GeoDataFrame(plots, geometry=places, crs="EPSG:3067").to_file(path, layer="sampleplot")
        if strata is not None:
            pyogrio.write_dataframe(pd.DataFrame(strata), path, layer="saplingstratum", append=path.exists())
        return path

    return write


@pytest.fixture
def csv(tmp_path):
    """Writes a CSV of the same: a row a stratum."""

    def write(plots=PLOTS, strata=STRATA, **renamed):
        table = pd.DataFrame(plots).merge(pd.DataFrame(strata), how="left", on="sampleplotid").rename(columns=renamed)
        table.to_csv(tmp_path / "plots.csv", sep=";", index=False)
        return tmp_path / "plots.csv"

    return write


@pytest.mark.parametrize("form", ["geopackage", "csv"])
def test_plots_and_their_strata_are_read_from_both_forms(form, request):
    measured = sapling_plots.read(request.getfixturevalue(form)())
    assert measured.plots["plot"].tolist() == ["1", "2", "3"]
    assert measured.plots["date"].tolist() == [date(2022, 6, 1), date(2022, 6, 2), None]
    assert (measured.plots.crs, measured.plots.geometry[1].coords[0]) == ("EPSG:3067", (500_105.0, 6_900_005.0))
    strata = measured.strata.sort_values(["plot", "stems"])
    assert strata[["plot", "species", "stems", "height"]].to_numpy().tolist() == [
        ["1", "1", 1500.0, 3.0],
        ["1", "3", 9000.0, 1.0],
        ["2", "2", 1800.0, 2.5],
    ]


def test_columns_of_another_name_are_named(csv):
    path = csv(measurementdate="Mittauspaiva")
    with pytest.raises(ValueError, match=r"lacks the columns \['measurementdate'\]; it has \['sampleplotid'.*columns"):
        sapling_plots.read(path)
    assert sapling_plots.read(path, {"date": "Mittauspaiva"}).plots["date"][0] == date(2022, 6, 1)
    with pytest.raises(ValueError, match="day is none of plot, date, east"):
        sapling_plots.read(path, {"day": "Mittauspaiva"})


@pytest.mark.parametrize(
    ("plots", "strata", "message"),
    [
        (PLOTS, None, r"lacks the layers \['saplingstratum'\]; it has \['sampleplot'\]"),
        (PLOTS | {"xcoordinate": [60.1, 0, 0]}, STRATA | {"stemcount": [0, 1, 2]}, "plot '1' lies at|outside Finland"),
        (PLOTS | {"sampleplotid": [1, 1, 2]}, STRATA, "plot '1' has two places or dates"),
        (PLOTS, STRATA | {"sampleplotid": [1, 1, 9]}, r"1 plots of strata are not in the layer 'sampleplot', '9'"),
        (PLOTS, STRATA | {"meanheight": [300, 1, 2]}, r"plot '1': 300 is no height in metres \(0 to 40\)"),
        (PLOTS, STRATA | {"stemcount": [-1, 1, 2]}, "plot '1': -1 is no stems a hectare"),
        (PLOTS, STRATA | {"stemcount": ["many", "1", "2"]}, "plot '1': 'many' is no number"),
        (PLOTS | {"measurementdate": ["June"] * 3}, STRATA, "plot '1': 'June' is no date"),
    ],
)
def test_a_file_of_another_form_is_refused_by_name(geopackage, plots, strata, message):
    if "lies at" in message:
        plots = plots | {"ycoordinate": [25.0, 6_900_005.0, 6_900_005.0]}
    path = geopackage(plots, strata)
    with pytest.raises(ValueError, match=message) as caught:
        sapling_plots.read(path)
    assert str(path) in str(caught.value)


def plot(stems, height, day="2022-06-01", middle=(500_005, 6_900_005)):
    """One plot with strata of these stems and heights."""
    strata = pd.DataFrame({"plot": "1", "species": "2", "stems": np.array(stems, float), "height": height})
    table = pd.DataFrame({"plot": ["1"], "date": pd.Series([day and date.fromisoformat(day)], dtype=object)})
    places = gpd.GeoDataFrame(table, geometry=[Point(middle)], crs="EPSG:3067")
    return sapling_plots.SaplingPlots(places, strata)


@pytest.mark.parametrize(
    ("stems", "height", "day", "label", "reason"),
    [
        ([4000], [1.0], "2022-06-01", "need", "early tending: dense"),
        ([1500, 9000], [3.0, 1.0], "2022-06-01", "need", "early tending: dense"),
        ([1500, 3000], [3.0, 2.0], "2022-06-01", "need", "tending: dense"),
        ([2500], [2.0], "2022-06-01", "clear", "tending: sparse"),
        ([1000, 800], [1.5, 1.0], "2022-06-01", "clear", "early tending: sparse"),
        ([3200], [3.0], "2022-06-01", None, "tending: between the thresholds"),
        ([9000], [4.0], "2022-06-01", None, "saplings higher than the thresholds reach"),
        ([], [], "2022-06-01", None, "no saplings measured"),
        ([np.nan, 900], [1.0, 1.0], "2022-06-01", None, "stems or height missing"),
        ([900], [np.nan], "2022-06-01", None, "stems or height missing"),
        ([9000], [1.0], "2019-06-01", None, "measured too far from the image"),
        ([9000], [1.0], None, None, "day of measurement not known"),
    ],
)
def test_thresholds_give_strong_labels_and_reasons(stems, height, day, label, reason):
    (row,) = sapling_labels.label(plot(stems, height, day), date(2023, 7, 1)).to_dict("records")
    assert (row["label"], row["reason"], row["strength"]) == (label, reason, "strong" if label else None)


def stands(*operations):
    outlines = {"a": box(500_000, 6_900_000, 500_150, 6_900_100), "b": box(500_200, 6_900_000, 500_300, 6_900_100)}
    rows = [Stand(stand, "T2", "1", "3", "10", outline) for stand, outline in outlines.items()]
    return finnish_stands.assemble(rows, [], operations, path="stands.gpkg")


def test_stands_have_the_label_that_their_plots_agree_on(geopackage):
    measured = sapling_plots.read(geopackage(PLOTS | {"measurementdate": ["2022-06-01"] * 3}))
    labels = sapling_labels.label(measured, date(2023, 7, 1), table=stands())
    assert labels["stand"].tolist() == ["a", "a", "b"]
    of_stands = sapling_labels.of_stands(labels, stands())
    assert of_stands[["stand", "label", "reason", "plots"]].to_numpy().tolist() == [
        ["a", None, "plots disagree", 2],
        ["b", None, "no plot with a label", 1],
    ]
    agreed = labels.assign(label=["need", "need", "clear"])
    assert sapling_labels.of_stands(agreed, stands())["label"].tolist() == ["need", "clear"]
    done = stands(Operation("a", "740", None, date(2022, 9, 1)))
    reasons = sapling_labels.label(measured, date(2023, 7, 1), table=done)["reason"]
    assert reasons[:2].tolist() == ["operation completed between measurement and image"] * 2


@pytest.mark.parametrize(("middle", "pixels"), [((500_005, 6_900_005), 1), ((500_010, 6_900_010), 4)])
def test_the_circle_of_a_plot_labels_the_pixels_whose_centre_is_within_nine_metres(middle, pixels):
    labels = sapling_labels.label(plot([9000], [1.0], middle=middle), date(2023, 7, 1))
    grid = GeoBox.from_bbox((499_960, 6_899_960, 500_060, 6_900_060), crs="EPSG:3067", resolution=10)
    regions = labels.rename(columns={"plot": "region"}).assign(role="stand")
    (degree,) = polygons.masks(None, regions, {"1": grid}).masks.values()
    east, north = grid.affine * np.meshgrid(np.arange(10) + 0.5, np.arange(10) + 0.5)
    near = np.hypot(east - middle[0], north - middle[1]) <= sapling_plots.RADIUS
    np.testing.assert_array_equal(degree == 1, near)
    assert near.sum() == pixels and (degree[~near] == -1).all()


def test_labelled_circles_are_a_file_of_regions(geopackage, tmp_path, capsys):
    out = tmp_path / "circles.gpkg"
    sapling_bench.main(geopackage(), date(2023, 7, 1), out)
    assert "early tending: dense" in capsys.readouterr().out
    regions = region_files.read_regions(out, role="stand", crs="EPSG:3067")
    assert regions[["region", "label"]].to_numpy().tolist() == [["1", "need"], ["2", "clear"]]
    assert regions.area.to_numpy() == pytest.approx([np.pi * 81] * 2, rel=1e-3)
    with pytest.raises(ValueError, match="exists already"):
        sapling_bench.main(geopackage(), date(2023, 7, 1), out)
