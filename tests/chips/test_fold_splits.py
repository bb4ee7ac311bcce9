"""Splits by folds: each region is tested once, by a model that had no part of it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.chips import roles, splits

SPLITS = {
    "leave_one_region_out": {},
    "k_fold_regions": {"folds": 4},
    "stratified": {"folds": 4},
    "blocks": {"size": 1000.0, "folds": 4, "buffer": 0.0},
    "years_and_regions": {"folds": 4, "test": [2020]},
}


def table(regions=12, dates=2):
    """Square regions of 200 m, 1000 m apart in x, every other one in need, in 2019 and 2020."""
    keys = [(number, f"{2019 + date % 2}-07-{date + 1:02d}") for number in range(regions) for date in range(dates)]
    index = pd.DataFrame(keys, columns=["number", "date"])
    return index.assign(
        region=index["number"].map(lambda number: f"r{number}"),
        chip=[f"c{row}" for row in range(len(index))],
        label=np.where(index["number"] % 2, "need", "clear"),
        crs="EPSG:32633",
        transform=[[10.0, 0, 0, 0, -10.0, 0]] * len(index),
        easting=500_000.0 + 1000 * index["number"] + 400,
        northing=6_477_600.0,
        height=20,
        width=20,
    )


def parts_of_folds(name, index, **options):
    options = SPLITS[name] | options
    folds = splits.folds_of(name, index, options)
    return [getattr(splits, name)(index, fold=fold, **options) for fold in range(folds)]


@pytest.mark.parametrize("name", SPLITS)
@settings(deadline=None, max_examples=8)
@given(regions=st.integers(8, 24), seed=st.integers(0, 2**40), dates=st.integers(2, 4))
def test_every_region_is_tested_in_one_fold_and_is_in_no_two_parts(name, regions, seed, dates):
    index = table(regions, dates)
    tested = []
    for parts in parts_of_folds(name, index, seed=seed):
        assert parts.index.equals(index.index)
        assert {"train", "val", "test"} <= set(parts) <= {*roles.PARTS, roles.UNUSED}
        used = index.assign(part=parts)[parts != roles.UNUSED]
        assert (used.groupby("region")["part"].nunique() == 1).all()
        tested += sorted(set(used["region"][used["part"] == "test"]))
    assert sorted(tested) == sorted(set(index["region"]))


@pytest.mark.parametrize("name", SPLITS)
@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 1000), drawn=st.randoms(use_true_random=False))
def test_other_rows_and_another_order_change_no_part(name, seed, drawn):
    index = table(dates=4)
    kept = sorted(drawn.sample(range(len(index)), len(index)))
    shuffled = index.iloc[drawn.sample(kept, len(kept))]
    fewer = index[index["date"].str.endswith(("1", "2"))]  # the first two dates: the same regions
    everything, mixed, few = (parts_of_folds(name, rows, seed=seed) for rows in (index, shuffled, fewer))
    for parts, parts_of_mixed, parts_of_few in zip(everything, mixed, few, strict=True):
        assert parts_of_mixed.sort_index().equals(parts)
        assert parts_of_few.equals(parts[fewer.index])


@pytest.mark.parametrize("name", [name for name in SPLITS if name != "leave_one_region_out"])
def test_another_seed_tests_other_regions(name):
    index = table(40)
    first, second = ({*index["region"][parts_of_folds(name, index, seed=seed)[0] == "test"]} for seed in (0, 1))
    assert first != second


@settings(deadline=None, max_examples=10)
@given(need=st.integers(4, 30), clear=st.integers(4, 30), seed=st.integers(0, 1000))
def test_every_fold_of_a_stratified_split_has_its_share_of_each_label(need, clear, seed):
    index = pd.DataFrame({"region": [str(number) for number in range(need + clear)]})
    index["label"] = ["need"] * need + ["clear"] * clear
    counts = []
    for parts in parts_of_folds("stratified", index, seed=seed):
        rows = index.assign(part=parts)
        assert (rows.groupby("part")["label"].nunique() == 2).all()
        counts.append(rows[parts == "test"]["label"].value_counts())
    shares = pd.DataFrame(counts)
    assert ((shares.max() - shares.min()) <= 1).all()
    assert np.ptp(shares.sum(axis=1)) <= 1


@pytest.mark.parametrize("buffer", [0.0, 120.0, 300.0])
@pytest.mark.parametrize("seed", range(8))
def test_no_chips_of_two_parts_are_nearer_than_the_buffer(buffer, seed):
    rng = np.random.default_rng(seed)
    index = table(60, 1).assign(easting=rng.uniform(0, 6000, 60), northing=rng.uniform(0, 6000, 60))
    parts = splits.blocks(index, size=1500, buffer=buffer, folds=4, fold=seed % 4)
    for pair in (("train", "val"), ("train", "test"), ("val", "test")):
        left, right = (index[parts == part][["easting", "northing"]].to_numpy(float) for part in pair)
        gaps = np.maximum(0, np.abs(left[:, None] - right[None]) - 200)  # boxes of 200 m
        assert np.hypot(*np.moveaxis(gaps, -1, 0)).min() >= buffer


def test_blocks_leave_out_what_lies_in_the_buffer():
    index = table(12, 1)
    assert roles.UNUSED not in set(splits.blocks(index, size=3000, buffer=800, folds=2))  # the gap is 800 m
    assert roles.UNUSED in set(splits.blocks(index, size=3000, buffer=801, folds=2))


def test_blocks_and_their_buffer_are_in_ground_metres():
    index = table(24, 1)
    sixty_north = 8399737.89  # metres of Web Mercator, two to a metre of the ground
    mercator = index.assign(
        crs="EPSG:3857",
        transform=[[20.0, 0, 0, 0, -20.0, 0]] * 24,
        easting=2 * index["easting"],
        northing=sixty_north,
    )
    near, far = (splits.blocks(mercator, size=3000, buffer=buffer, folds=2) for buffer in (795, 805))
    assert roles.UNUSED not in set(near)  # the gap is 800 m
    assert roles.UNUSED in set(far)
    changes = near[near != near.shift()].index[1:]  # the first block is cut
    assert set(np.diff(changes)) <= {3, 6, 9, 12}  # three regions a block


def test_years_test_all_regions_in_other_years():
    index = table()
    parts = splits.years(index, test=[2020], val=3)
    assert set(index["date"][parts == "test"].str[:4]) == {"2020"}
    assert index["region"][parts == "test"].nunique() == 12
    assert (index["region"][parts == "val"].nunique(), index["region"][parts == "train"].nunique()) == (3, 9)
    assert not set(index["date"][parts != "test"].str[:4]) & {"2020"}


def test_each_year_is_tested_once_by_a_model_of_the_others():
    index = table()
    assert splits.folds_of("leave_one_year_out", index, {}) == 2
    for fold, year in enumerate(["2019", "2020"]):
        parts = splits.leave_one_year_out(index, fold=fold)
        assert set(index["date"][parts == "test"].str[:4]) == {year}
        assert set(index["date"][parts.isin(["train", "val"])].str[:4]) == {"2019", "2020"} - {year}


def test_years_and_regions_test_neither_the_ground_nor_the_year_of_training():
    index = table()
    for parts in parts_of_folds("years_and_regions", index):
        assert set(index["date"][parts == "test"].str[:4]) == {"2020"}
        assert set(index["date"][parts.isin(["train", "val"])].str[:4]) == {"2019"}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("leave_one_region_out", {"fold": 12}, "fold=12, but folds are numbered from 0 to 11"),
        ("leave_one_region_out", {"fold": 0, "val": 11}, "leaves none of the 11 regions"),
        ("k_fold_regions", {"folds": 13}, "there are 12 regions; from 2 to 12"),
        ("k_fold_regions", {"folds": 1}, "from 2 to 12"),
        ("k_fold_regions", {"fold": -1}, "numbered from 0 to 4"),
        ("k_fold_regions", {"val": 1.5}, "neither a number of regions nor a share"),
        ("k_fold_regions", {"val": 0}, "neither a number of regions nor a share"),
        ("stratified", {"folds": 7}, "there are 6 regions labelled clear; from 2 to 6"),
        ("blocks", {"size": 0}, "size=0 is above 0"),
        ("blocks", {"size": 100_000}, "there are 1 blocks of 100000 m"),
        ("blocks", {"size": 1000, "buffer": 50_000}, "buffer=50000 leaves no chip"),
        ("leave_one_year_out", {"fold": 2}, "fold=2, but folds are numbered from 0 to 1"),
        ("years", {"test": [2021]}, "2019, 2020"),
        ("years", {"test": [2019, 2020]}, "not all"),
        ("years", {"test": []}, "names some"),
        ("years_and_regions", {"test": [2018]}, "2019, 2020"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_possible(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(splits, name)(table(), **options)


def test_stratified_refuses_regions_without_a_label_or_with_two():
    index = table()
    with pytest.raises(ValueError, match="r0 have no label"):
        splits.stratified(index.assign(label=index["label"].where(index["region"] != "r0")))
    with pytest.raises(ValueError, match="r0, r1, r10, r11, r2, … have chips of different labels"):
        splits.stratified(index.assign(label=["need", "clear"] * 12))


def test_splits_without_folds_have_one():
    index = table()
    assert [splits.folds_of(name, index, {}) for name in ("dates", "regions", "hashed", "file", "years")] == [1] * 5
    assert splits.folds_of("leave_one_region_out", index, {}) == 12
    assert splits.folds_of("stratified", index, {}) == 5
    own_tests = {
        "by_column",
        "grid_sheets",
        "leave_one_year_out",
        "local_labels",
        "tm35fin_sheets",
    }
    assert {name for name in splits.__all__ if splits.has_folds(name)} == set(SPLITS) | own_tests


def test_every_split_but_those_by_dates_and_years_claims_unseen_regions():
    assert {name for name, unseen in splits.CLAIMS_UNSEEN.items() if not unseen} == {
        "dates",
        "leave_one_year_out",
        "years",
    }
    assert set(splits.CLAIMS_UNSEEN) == set(splits.__all__)
