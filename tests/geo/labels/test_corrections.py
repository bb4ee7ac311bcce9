import importlib
import json

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, mapping

from rojsat.geo import made_from, masks
from rojsat.geo.labels import corrections
from rojsat.geo.scenes.cog import write_cog


def outline(grid):
    """A region's box, longitude and latitude."""
    return grid.extent.to_crs("EPSG:4326").geom


def feature(shape, need, date="2026-05-17", **more):
    return {"type": "Feature", "properties": {"need": need, "date": date, **more}, "geometry": mapping(shape)}


def save(path, *features, **more):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
    return [str(path)]


@pytest.fixture
def centre(parts):
    """The point in the middle of region 1, longitude and latitude."""
    grid = parts[2]["1"]
    middle = grid.affine * (grid.shape[1] // 2 + 0.5, grid.shape[0] // 2 + 0.5)
    return gpd.GeoSeries([Point(middle)], crs=str(grid.crs)).to_crs("EPSG:4326").iloc[0]


def test_a_marked_place_is_its_pixels_within_the_radius_and_all_else_is_unknown(parts, centre, tmp_path):
    files = save(tmp_path / "a.geojson", feature(centre, "need"))
    labels = corrections.masks(*parts, files=files, radius=10.5)
    mask, (row, col) = labels.masks["1"], (size // 2 for size in parts[2]["1"].shape)
    cross = [(row, col), (row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)]
    assert {tuple(pixel) for pixel in np.argwhere(mask == 1)} == set(cross) and (mask == -1).sum() == mask.size - 5
    assert labels.facts["marks"] == {"need": 1} and labels.facts["pixels"]["need"] >= 5


@pytest.mark.parametrize(
    ("other", "dates", "degree"),
    [
        ("zero", ("2026-05-17", "2026-05-18"), 0),
        ("unknown", ("2026-05-17", "2026-05-18"), -1),
        ("zero", ("2026-05-18", "2026-05-17"), 1),
        ("zero", ("2026-05-17", "2026-05-17"), -1),
    ],
)
def test_the_later_mark_holds_and_contrary_ones_of_a_day_are_unknown(parts, centre, tmp_path, other, dates, degree):
    region = outline(parts[2]["1"])
    files = save(
        tmp_path / "a.geojson", feature(region, "need", dates[0], stand="1"), feature(centre, "other", dates[1])
    )
    labels = corrections.masks(*parts, files=files, other=other)
    mask, (row, col) = labels.masks["1"], (size // 2 for size in parts[2]["1"].shape)
    assert mask[row, col] == degree and mask[0, 0] == 1
    assert (labels.facts["contradicting"] > 0) == (dates[0] == dates[1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "is no GeoJSON file"),
        ('{"type": "Feature"}', "must be a GeoJSON FeatureCollection"),
        ([{"need": "maybe", "date": "2026-05-17"}], "mark 1 has need='maybe'; it may be need, clear, other"),
        ([{"need": "need", "date": "yesterday"}], "mark 1 has date='yesterday'; it must be a day"),
        ([], "no mark in it"),
    ],
)
def test_files_that_hold_no_marks_are_refused(parts, centre, tmp_path, text, message):
    path = tmp_path / "a.geojson"
    if isinstance(text, str):
        path.write_text(text)
    else:
        save(path, *({**feature(centre, "need"), "properties": properties} for properties in text))
    with pytest.raises(ValueError, match=message):
        corrections.masks(*parts, files=[str(path)])


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        (None, "mark 1 (has no geometry|is no point)"),
        ({"type": "LineString", "coordinates": [[1, 1], [2, 2]]}, "mark 1 is no point and no polygon"),
        ({"type": "Point", "coordinates": [500000, 6400000]}, "mark 1 lies at 500000, 6.4e\\+06"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]}, "mark 1: Self-intersection"),
        ({"type": "Point", "coordinates": [0, 0]}, "none of 1 marks labels a pixel"),
    ],
)
def test_shapes_that_cannot_be_are_refused(parts, centre, tmp_path, geometry, message):
    files = save(tmp_path / "a.geojson", {**feature(centre, "need"), "geometry": geometry})
    with pytest.raises(ValueError, match=message):
        corrections.masks(*parts, files=files)


def test_another_coordinate_system_and_a_missing_file_are_refused(parts, centre, tmp_path):
    files = save(tmp_path / "a.geojson", feature(centre, "need"), crs={"properties": {"name": "EPSG:3006"}})
    with pytest.raises(ValueError, match="marks are in WGS 84"):
        corrections.masks(*parts, files=files)
    with pytest.raises(ValueError, match="b.geojson: there is no such file"):
        corrections.masks(*parts, files=[str(tmp_path / "b.geojson")])


@pytest.fixture(params=["gps", "polygons", "rasters", "unlabelled"])
def below(request, parts):
    """Options of a source of labels, and its masks by themselves."""
    options = {"gps": {"extent": "box", "zeros": False, "min_points": 1}, "rasters": {"extent": "box"}}
    options = options.get(request.param, {})
    if request.param == "rasters":
        grid = parts[2]["1"]
        degree = np.random.default_rng(0).random(tuple(grid.shape)).astype(np.float32)
        place = {"transform": grid.affine, "crs": str(grid.crs), "nodata": None}
        label = write_cog(parts[0] / "label_of_1.tif", degree, **place)
        (parts[0] / "labels.json").write_text(json.dumps([{"label": str(label), "valid": None}]))
    module = importlib.import_module(f"rojsat.geo.labels.{request.param}")
    return {"source": request.param, "options": options}, module.masks(*parts, **options)


def test_marks_lie_over_any_other_labels_which_hold_elsewhere(parts, centre, below, tmp_path):
    over, alone = below
    files = save(tmp_path / "a.geojson", feature(centre, "need"), feature(centre, "other", "2026-05-16"))
    labels = corrections.masks(*parts, files=files, radius=30, other="unknown", over=over)
    marks = corrections.masks(*parts, files=files, radius=30).masks
    for region, mask in labels.masks.items():
        expected = alone.masks.get(region, np.full(mask.shape, -1, np.float32)).copy()
        if region in marks:
            expected[marks[region] == 1] = 1
        np.testing.assert_array_equal(mask, expected)
    need = {region: int((mask == 1).sum()) for region, mask in marks.items()}
    assert need["1"] > 20 and set(labels.masks) == {*alone.masks, *marks}
    assert labels.dropped == {region: why for region, why in alone.dropped.items() if region not in marks}
    assert labels.facts["over"] == {**over, **alone.facts} and labels.facts["pixels"]["need"] == sum(need.values())


def test_a_mark_of_other_ground_takes_the_label_below_away(parts, centre, below, tmp_path):
    over, alone = below
    files = save(
        tmp_path / "a.geojson", feature(outline(parts[2]["1"]), "other"), feature(centre, "need", "2026-06-01")
    )
    mask = corrections.masks(*parts, files=files, other="unknown", over=over).masks["1"]
    assert set(np.unique(mask)) == {-1, 1} and ("1" in alone.masks or over["source"] == "unlabelled")


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"source": "corrections"}, "name all files of marks in files"),
        ({"options": {}}, "over has options: it takes source and options"),
        (
            {"source": "gps", "options": {"scale": "training_regions", "zeros": False, "min_points": 1}},
            "a mark is a degree",
        ),
        ({"source": "gpx"}, "source of labels 'gpx' does not exist. Did you mean 'gps'"),
        ({"source": "gps", "options": {"percentil": 3}}, "percentil.*Did you mean 'percentile'"),
    ],
)
def test_labels_that_marks_cannot_lie_over_are_refused(parts, centre, tmp_path, over, message):
    with pytest.raises(ValueError, match=message):
        corrections.masks(*parts, files=save(tmp_path / "a.geojson", feature(centre, "need")), over=over)


def test_marks_are_counted_and_their_files_decide_the_masks(parts, centre, tmp_path):
    files = save(tmp_path / "a.geojson", feature(centre, "need"), feature(Point(0, 0), "clear"))
    (tmp_path / "masks").mkdir()
    masks.write(parts[0], tmp_path / "masks", source="corrections", files=files)
    (words,) = masks.counts(tmp_path / "masks").values()
    assert words.startswith("1 clear, 1 need; pixels: ") and words.endswith("without a pixel in a region: 1 marks")
    assert files[0] in made_from.of_masks(parts[0], files)
