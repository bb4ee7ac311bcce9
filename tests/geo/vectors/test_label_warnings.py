import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from rojsat.geo.vectors import label_warnings


def regions(labels):
    """Stands in a row that do not touch."""
    outlines = [box(500000 + 200 * n, 6400000, 500100 + 200 * n, 6400100) for n in range(len(labels))]
    columns = {"region": [f"s{n}" for n in range(len(labels))], "role": "stand", "label": labels}
    return gpd.GeoDataFrame(columns, geometry=outlines, crs="EPSG:32633")


def index(table):
    """Two chips of each stand."""
    return pd.concat([table[["region", "role", "label"]]] * 2, ignore_index=True)


@pytest.mark.parametrize(
    ("labels", "part"),
    [
        (["need"] * 4, "No stand with chips is labelled clear, and 4 need"),
        (["clear", "clear", "clear", "need"], "Stands with chips labelled need: only 1 (and 3 clear)"),
        (["clear"] * 3 + ["need"] * 3, None),
        ([None, None], None),
    ],
)
def test_classes_with_too_few_stands_are_named(labels, part):
    table = regions(labels)
    sentences = label_warnings.sentences(table, index(table))
    assert [part in sentence for sentence in sentences] == [True] * (part is not None)


def test_parts_of_a_stand_are_one_stand():
    table = regions(["clear"] * 3 + ["need"] * 3)
    parted = index(table).assign(part_of=["s0", "s1", "s2", "s3", "s3", "s5"] * 2)
    (sentence,) = label_warnings.sentences(table, parted)
    assert "labelled need: only 2 (and 3 clear)" in sentence


def test_stands_that_contradict_are_named():
    table = regions(["need", "clear"] * 3)
    table.loc[1, "geometry"] = table.geometry[0].buffer(-20)
    (sentence,) = label_warnings.sentences(table, index(table))
    assert sentence.startswith("Stands contradict each other") and "100% of s1 (clear) is s0 (need)" in sentence
