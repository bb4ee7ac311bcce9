"""Local labels: some stands of the ground that is held out train, and the test stays the same."""

import numpy as np
import pandas as pd
import pytest

from rojsat.chips import neighbours, roles, splits


def stands(count=60):
    """Boxes of 200 m in three municipalities 100 km apart, two dates; every third of them without a label."""
    numbers = np.repeat(np.arange(count), 2)
    rng = np.random.default_rng(0)
    places = rng.uniform(0, 9000, (count, 2))[numbers]
    labels = np.array(["need", "clear", None], object)[numbers % 3]
    return pd.DataFrame({"region": [f"s{number}" for number in numbers], "label": labels}).assign(
        kept_municipality=np.array(["Enonkoski", "Kitee", "Savonlinna"])[numbers // 20],
        date=["2023-06-01", "2023-07-01"] * count,
        crs="EPSG:3067",
        transform=[[10.0, 0, 0, 0, -10.0, 0]] * (2 * count),
        easting=5e5 + places[:, 0] + 1e5 * (numbers // 20),
        northing=6.9e6 + places[:, 1],
        height=20,
        width=20,
    )


def parts_of(index, **options):
    of_split = {"split": "by_column", "options": {"column": "municipality"}}
    return splits.local_labels(index, **(of_split | options))


def regions(index, parts, part):
    return set(index.loc[(parts == part).to_numpy(), "region"])


@pytest.mark.parametrize("fold", range(3))
def test_the_test_stands_are_the_same_at_every_number_and_draw(fold):
    index = stands()
    assert splits.folds_of("local_labels", index, {"split": "by_column", "options": {"column": "municipality"}}) == 3
    base = splits.by_column(index, column="municipality", fold=fold)
    none = parts_of(index, count=0, fold=fold)
    assert regions(index, none, "train") == regions(index, base, "train")
    drawn = {}
    for draw in range(3):
        before = set()
        for count in (1, 2, 4):
            parts = parts_of(index, count=count, draw=draw, fold=fold)
            assert regions(index, parts, "test") == regions(index, none, "test")
            assert regions(index, parts, "val") == regions(index, base, "val")
            local = regions(index, parts, "train") - regions(index, base, "train")
            assert len(local) == count and before < local  # more stands are the fewer and others
            assert local <= regions(index, base, "test") and index["label"][index["region"].isin(local)].notna().all()
            before = local
        drawn[draw] = frozenset(before)
    assert len(set(drawn.values())) > 1
    unlabelled = set(index["region"][index["label"].isna()]) & regions(index, base, "test")
    assert unlabelled <= regions(index, none, "test")


def test_local_stands_are_not_near_to_those_that_test():
    index = stands()
    for near in (120, 700):
        parts = parts_of(index, count=2, near=near)
        local = regions(index, parts, "train") & regions(index, splits.by_column(index, column="municipality"), "test")
        pairs = neighbours.neighbours(index, parts)
        assert pairs.loc[pairs["region"].isin(local) | pairs["other"].isin(local), "gap"].min() >= near
        assert roles.UNUSED in set(parts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"count": 9},
            r"9 local stands are asked for, and \d of this fold can be drawn: half of its labelled stands, 7, test",
        ),
        ({"count": -1}, "count=-1 and draw=0 are 0 or more"),
        ({"count": 1, "split": "years"}, "'years' does not exist"),
        ({"count": 1, "split": "local_labels"}, "'local_labels' does not exist"),
        ({"count": 1, "options": {"col": "municipality"}}, "'col' does not exist. Did you mean 'column'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_possible(options, message):
    with pytest.raises(ValueError, match=message):
        parts_of(stands(), **options)


def test_splits_that_local_labels_add_to_hold_ground_out_fold_by_fold():
    assert all(splits.has_folds(name) and splits.CLAIMS_UNSEEN[name] for name in splits.HELD_OUT)
    others = {name for name in splits.__all__ if splits.has_folds(name)} - set(splits.HELD_OUT)
    assert others == {"leave_one_year_out", "local_labels", "years_and_regions"}
