import pytest

from rojsat.geo.labels import polygons


def test_stands_are_one_and_zero_and_the_ground_between_is_unknown(parts):
    labels = polygons.masks(*parts)
    mask = labels.masks["1"]  # rows 20 to 29, columns 10 to 24; need 12 to 17, clear 16 to 23, rows 22 to 27
    assert (mask[2:8, 2:6] == 1).all()
    assert (mask[2:8, 6:8] == -1).all()  # both at once
    assert (mask[2:8, 8:14] == 0).all()
    assert (mask[:2] == -1).all() and (mask[:, :2] == -1).all() and (mask[8:] == -1).all()
    assert "2" not in labels.masks  # no stand near
    assert labels.facts["stands"] == {"need": 1, "clear": 1}
    assert labels.facts["contradicting"] == 3 * 6 * 2  # in the masks of 1, n and c
    assert labels.facts["missed"] == []


def test_a_stand_between_the_centres_of_pixels_is_named(parts):
    raw, regions, grids = parts
    regions = regions.copy()
    row = regions.index[regions["region"] == "n"][0]
    regions.loc[row, "geometry"] = regions.geometry[row].centroid.buffer(2)  # centre of a corner of pixels
    grids = {**grids, "n": grids["n"][2:4, 2:4]}
    assert polygons.masks(raw, regions, grids).facts["missed"] == ["n"]
    assert polygons.masks(raw, regions, grids, touched=True).facts["missed"] == []


@pytest.mark.parametrize("crs", ["EPSG:3006", "EPSG:4326"])
def test_stands_in_another_coordinate_system_give_the_same_masks(parts, crs):
    raw, regions, grids = parts
    labels, moved = polygons.masks(raw, regions, grids), polygons.masks(raw, regions.to_crs(crs), grids)
    for region, degree in labels.masks.items():
        assert (moved.masks[region] == degree).all()


def test_without_labelled_stands_there_is_nothing_to_do(parts):
    raw, regions, grids = parts
    with pytest.raises(ValueError, match="role stand and label need or clear"):
        polygons.masks(raw, regions[regions["role"] == "clearing"], grids)
