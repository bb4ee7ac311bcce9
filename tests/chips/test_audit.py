import json
from dataclasses import asdict

import pandas as pd
import pytest

from rojsat.chips.audit import LeakError, audit, left_out, without_cloud_mask
from rojsat.chips.findings import finding


def table(*lefts, regions=None, hashes=None, dates=None, crs="EPSG:32633"):
    """Chips of 10 x 10 pixels of 10 m, in a row from west to east, each on a day of its own."""
    count = len(lefts)
    return pd.DataFrame(
        {
            "region": regions or [str(number) for number in range(count)],
            "date": dates or [f"2019-08-{day:02d}" for day in range(1, count + 1)],
            "hash": hashes or [f"h{number}" for number in range(count)],
            "crs": crs,
            "transform": [[10.0, 0.0, left, 0.0, -10.0, 0.0] for left in lefts],
            "easting": lefts,
            "northing": 0.0,
            "height": 10,
            "width": 10,
        }
    )


def parts(*names):
    return pd.Series(names)


def test_regions_apart_are_clean_and_their_distance_is_from_edge_to_edge():
    report = audit(table(0.0, 400.0, 1000.0), parts("train", "val", "test"))
    assert report.distance == pytest.approx(900)
    assert report.findings == report.leaks == ()
    assert str(report) == "clean: no region shared; training and test are at least 900 m apart"
    assert report.chips == {"train": 1, "val": 1, "test": 1}
    json.dumps(asdict(report))
    report.check("regions")


def test_same_regions_on_other_dates_are_a_leak():
    report = audit(table(0.0, 0.0, regions=["6", "6"]), parts("train", "test"))
    assert report.leaks == (finding("regions", ["6"], ["train", "test"]),)
    assert str(report).startswith("leak: same regions (6) in training and test")


@pytest.mark.parametrize("pair", [("train", "val"), ("train", "test"), ("val", "test")])
def test_a_region_in_any_two_parts_stops(pair):
    names = ["train", "val", "test", pair[0], pair[1]]
    rows = table(0.0, 1000.0, 2000.0, 3000.0, 3000.0, regions=["1", "2", "3", "9", "9"])
    (leak,) = audit(rows, parts(*names)).leaks
    assert (leak.kind, leak.severity, leak.names, leak.parts) == ("regions", "stop", ("9",), pair)


def test_equal_chips_are_a_leak():
    report = audit(table(0.0, 1000.0, hashes=["a", "a"]), parts("train", "test"))
    assert report.leaks == (finding("chips", ["a"], ["train", "test"]),)
    assert "bit for bit" in str(report)


def test_chips_that_touch_are_a_leak():
    report = audit(table(0.0, 100.0), parts("val", "test"))
    assert report.leaks == (finding("ground", ["0", "1"], ["val", "test"], value=0.0),)


@pytest.mark.parametrize(("metres", "kinds"), [(119.0, ["near"]), (120.0, [])])
def test_chips_nearer_than_the_limit_are_a_leak(metres, kinds):
    report = audit(table(0.0, 100.0 + metres), parts("train", "test"), near=120)
    assert [leak.kind for leak in report.leaks] == kinds
    assert [leak.value for leak in report.leaks] == [metres] * len(kinds)


def test_surroundings_that_meet_are_a_warning_and_distances_are_those_of_the_regions():
    rows = table(0.0, 90.0).assign(box_row=4, box_col=0, box_height=2, box_width=2)
    rows.loc[1, "box_col"] = 8
    report = audit(rows, parts("train", "test"), near=120)
    assert report.distance == pytest.approx(150)
    assert [(each.kind, each.names) for each in report.warnings] == [("surroundings", ("0", "1"))]
    assert not report.leaks


def test_a_threshold_from_regions_of_test_is_a_warning():
    rows, split = table(0.0, 1000.0, 2000.0), parts("train", "val", "test")
    report = audit(rows, split, threshold_regions=["0", "2"])
    assert report.warnings == (finding("threshold", ["2"], ["test"]),)
    assert audit(rows, split, threshold_regions=["0"]).findings == ()


def test_dates_of_training_in_test_are_a_note():
    dates = ["2019-08-01", "2019-08-01", "2019-08-02"]
    report = audit(table(0.0, 1000.0, 2000.0, dates=dates), parts("train", "test", "test"))
    assert report.findings == (finding("dates", ["2019-08-01"], ["train", "test"], value=0.5),)
    assert not report.leaks and not report.warnings


def test_the_error_names_every_leak_and_what_to_do():
    report = audit(table(0.0, 50.0, hashes=["a", "a"]), parts("train", "test"))
    with pytest.raises(LeakError) as error:
        report.check("hashed")
    message = str(error.value)
    assert message.index("bit for bit") < message.index("overlap or touch"), "the worst first"
    for words in ("split hashed", "split.drop_near=true", "split.allow_leaks=true"):
        assert words in message


def test_no_common_system_has_no_distance():
    both = pd.concat([table(0.0), table(0.0, regions=["9"], hashes=["z"], crs="EPSG:32634")], ignore_index=True)
    report = audit(both, parts("train", "test"))
    assert report.distance is None
    assert not report.leaks and str(report).startswith("clean")


@pytest.mark.parametrize(
    ("kinds", "names", "concerned"),
    [
        (["boa,scl", "boa,scl", "toa,csmask"], None, None),
        (["boa,scl", "boa", "toa,tci"], ("2019-08-02", "2019-08-03"), ("val", "test")),
        (["toa", "boa,scl", "boa,scl"], ("2019-08-01",), ("train",)),
    ],
)
def test_dates_without_a_cloud_mask_are_named(kinds, names, concerned):
    rows = pd.DataFrame({"date": ["2019-08-01", "2019-08-02", "2019-08-03"], "kinds": kinds})
    findings = list(without_cloud_mask(rows, parts("train", "val", "test")))
    assert [(each.names, each.parts, each.severity) for each in findings] == (
        [(names, concerned, "warning")] if names else []
    )


def test_dates_whose_chips_lack_channels_are_named():
    rows = pd.DataFrame({"chip": ["a", "b", "c"], "date": ["2019-08-01", "2019-08-01", "2019-08-02"]})
    assert list(left_out(rows, ["a", "b", "c"])) == []
    (finding,) = left_out(rows, ["a", "b"])
    assert "dates lack channels of the experiment (2019-08-02)" in str(finding)


@pytest.mark.parametrize(
    ("regions", "own", "named"),
    [
        (["1"] * 3 + ["2"] * 2, ["train", "val", "test", "train", "train"], ["2"]),
        (["1"] * 3 + ["2"] * 3, ["train", "val", "test"] * 2, []),
        (["1"] * 2 + ["2"] * 2 + ["3"], ["train", "train", "val", "val", "test"], []),  # split by regions
    ],
)
def test_regions_of_too_few_dates_to_be_tested_are_named(regions, own, named):
    lefts = [1000.0 * int(region) for region in regions]
    findings = audit(table(*lefts, regions=regions), parts(*own)).warnings
    assert [each.names for each in findings if each.kind == "few_dates"] == [(name,) for name in named]
    assert all("nothing validates or tests them" in str(each) for each in findings if each.kind == "few_dates")
