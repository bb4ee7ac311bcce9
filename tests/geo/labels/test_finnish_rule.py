"""Stands of the small world, as they would stand in Finland: labels by the day of each scene, to the chip store."""

import geopandas as gpd
import numpy as np
import pytest

from rojsat.chips.reader import Chips
from rojsat.config.lookup import UnknownNameError
from rojsat.geo import masks
from rojsat.geo.cutting import data_set
from rojsat.geo.finland import stand_regions
from rojsat.geo.labels import finnish_rule
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.vectors import region_files
from tests.geo.conftest import CRS, ground
from tests.support.finnish_files import MadeStand, write_xml

DAYS = ["2019-08-01", "2019-08-02", "2019-08-03"]
SOON = {"completed": 0.001, "inner_buffer": 20, "smallest": 0.05}  # 0.001 years: eight hours


def outline(*pixels):
    """Of a box in pixels of the small world, in the coordinate system of Finnish stands."""
    return gpd.GeoSeries([ground(*pixels)], crs=CRS).to_crs("EPSG:3067")[0]


STANDS = [
    MadeStand("tended", outline(2, 2, 14, 12), "T2", (("740", None, "2019-08-02"),)),
    MadeStand("proposed", outline(20, 2, 32, 12), "T1", (("740", 2019, None),)),
    MadeStand("observed", outline(2, 20, 14, 32), "T1", (), "2019-06-01"),
    MadeStand("old", outline(20, 20, 32, 32), "04"),
    MadeStand("narrow", outline(40, 2, 43, 30), "T1", (("740", 2019, None),)),
]


@pytest.fixture
def raw(world, tmp_path):
    """The small world with Finnish stands as its regions."""
    write_xml(tmp_path / "stands.xml", STANDS)
    keys = {"source": "forest_standard_xml", "path": "stands.xml", "role": "stand", "root": tmp_path, "crs": CRS}
    region_files.write_regions(stand_regions.read(world / "finland" / "0", **keys), world / "regions.gpkg")
    return world


def labels(raw, **options):
    regions = region_files.load_regions(raw / "regions.gpkg")
    return finnish_rule.masks(raw, regions, region_grids(catalog.read(raw), regions), **(SOON | options))


def test_the_label_of_a_stand_is_that_of_the_day_of_each_scene(raw):
    labelled = labels(raw, completed=1)
    table = labelled.dated.set_index(["region", "date"])
    tended = table.loc["tended"]
    assert tended["label"].tolist() == ["need", "clear", "clear"]  # on the day of the tending it is done
    assert set(tended["strength"]) == {"strong"}
    assert table.loc["proposed", ["label", "strength"]].values.tolist() == [["need", "weak"]] * 3
    assert table.loc["observed", ["label", "strength"]].values.tolist() == [["clear", "weak"]] * 3
    assert table.loc["old", "label"].isna().all() and set(table.loc["old", "reason"]) == {"development class 04"}
    assert labelled.facts["stands"] == {"clear, strong": 1, "clear, weak": 1, "need, strong": 1, "need, weak": 1}
    assert labelled.dropped == {"narrow": "no label on any day: too small inside the buffer"}


def test_a_mask_keeps_the_pixels_at_the_edge_of_a_stand_out(raw):
    labelled = labels(raw, completed=1)
    for region, value in (("tended", 1), ("proposed", 1), ("observed", 0)):
        mask = labelled.masks[region]
        assert set(np.unique(mask)) == {-1, value}
        edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        assert (edge == -1).all()
        assert (mask == value).sum() == pytest.approx(8 * 6 if region != "observed" else 8 * 8, abs=8)


@pytest.mark.parametrize(("strengths", "known"), [(["strong"], {"tended"}), (["weak"], {"proposed", "observed"})])
def test_strong_or_weak_labels_alone(raw, strengths, known):
    labelled = labels(raw, completed=1, strengths=strengths)
    assert set(labelled.masks) == known
    assert any("label left out" in reason for reason in labelled.dropped.values())


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"strengths": ["certain"]}, UnknownNameError, "'certain' does not exist"),
        ({"inner_buffer": -1}, ValueError, "inner_buffer is -1"),
        ({"inner_buffer": 500}, ValueError, "no stand has a label .* 4 stands too small inside the buffer"),
    ],
)
def test_options_that_leave_nothing_are_refused(raw, options, error, words):
    with pytest.raises(error, match=words):
        labels(raw, **options)


def test_without_finnish_stands_there_is_nothing_to_label(world):
    with pytest.raises(ValueError, match="no file of data.regions has a source of Finnish stands"):
        labels(world)


def test_chips_have_the_label_of_their_day_and_its_strength(raw, tmp_path):
    mask_folder, store = tmp_path / "masks", tmp_path / "chips"
    mask_folder.mkdir()
    store.mkdir()
    options = SOON | {"completed": 0.004}  # a day and a half
    masks.write(raw, mask_folder, source="finnish_rule", **options)
    data_set.write(raw, mask_folder, store, recipe={}, max_cloud=1, max_nodata=0.99, scheduler="synchronous")
    chips = Chips(store)
    tended = chips.index[chips.index["region"] == "tended"].set_index("date")
    assert tended["label"].to_dict() == {"2019-08-01": "need", "2019-08-02": "clear", "2019-08-03": "clear"}
    assert set(tended["strength"]) == {"strong"}
    for chip, value in zip(tended["chip"], (1, 0, 0), strict=True):
        stored = chips.stored(chip)
        assert set(np.unique(stored)) == {-1, value}
    assert set(chips.index.loc[chips.index["region"] == "proposed", "strength"]) == {"weak"}
    (narrow := tmp_path / "narrow_masks").mkdir()
    masks.write(raw, narrow, source="finnish_rule", **(SOON | {"strengths": ["strong"]}))
    store = tmp_path / "strong"
    store.mkdir()
    data_set.write(raw, narrow, store, recipe={}, max_cloud=1, max_nodata=0.99, scheduler="synchronous")
    chips = Chips(store)
    assert chips.index["date"].tolist() == ["2019-08-02"]
    reasons = chips.dropped.set_index(["region", "date"])["reason"]
    assert reasons["tended", "2019-08-01"] == "no label: tending completed long after the image"
