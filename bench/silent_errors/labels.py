"""Mistakes in the labels of stands."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
from rasterio.features import rasterize
from rasterio.transform import from_origin

from bench.silent_errors import by_hand, ground
from bench.silent_errors.ground import STAND_FILE, STANDS
from bench.silent_errors.sandbox import Sandbox
from bench.silent_errors.trials import Trial, case


def _written(sandbox: Sandbox, **labels: str) -> Path:
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    table["label"] = [labels.get(name, label) for name, label in zip(table["stand"], table["label"], strict=True)]
    table.to_file(path)
    ground.write_scene(sandbox.archive)
    return path


def _count(sandbox: Sandbox) -> int:
    sandbox.make(ground.tiff_words(sandbox.archive))
    index = sandbox.chips.index
    return int((index.drop_duplicates("region")["label"] == "need").sum())


@case(names="label")
def case_and_blanks(sandbox: Sandbox) -> Trial:
    """Labels of several people: `Need`, `need `, `CLEAR`."""
    path = _written(sandbox, n1="Need", n2="need ", c1="CLEAR")
    return Trial(2, lambda: _count(sandbox), lambda: by_hand.count_need(path))


@case(names="röjning|label")
def another_language(sandbox: Sandbox) -> Trial:
    """Labels in Swedish, `röjning` and `klar`."""
    path = _written(sandbox, n1="röjning", n2="röjning", c1="klar")
    return Trial(2, lambda: _count(sandbox), lambda: by_hand.count_need(path))


@case(names="label")
def stand_without_label(sandbox: Sandbox) -> Trial:
    """One stand has no label yet; whoever counts what is not need as clear has one clear stand too many."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands({**STANDS, "u": (48, 48, 6, None)}).to_file(path)
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> int:
        sandbox.make(ground.tiff_words(sandbox.archive))
        return int((sandbox.chips.index.drop_duplicates("region")["label"] == "clear").sum())

    return Trial(1, by_rojsat, lambda: int((gpd.read_file(path)["label"] != "need").sum()))


@case(names="contradict|two labels|overlap|same ground")
def contradicting_stands(sandbox: Sandbox) -> Trial:
    """Two stands lie on each other by half, one labelled need, one clear."""
    path = sandbox.archive / "stands.gpkg"
    ground.stands({"n1": (10, 10, 8, "need"), "c1": (14, 10, 8, "clear"), "c2": (40, 40, 6, "clear")}).to_file(path)
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> int:
        sandbox.make(ground.tiff_words(sandbox.archive), ("raw", "masks", "chips", "inspect"))
        return int((sandbox.known("n1") == 1).sum())

    def by_script() -> int:
        table = gpd.read_file(path)
        shapes = [(row.geometry, 2 if row.label == "need" else 1) for row in table.itertuples()]
        transform = from_origin(ground.EAST, ground.NORTH, 10, 10)
        return int((rasterize(shapes, out_shape=(60, 60), transform=transform)[10:18, 10:18] == 2).sum())

    return Trial(32, by_rojsat, by_script)


@case(names="same ground|cop(y|ies)|overlap|twice|identical")
def stand_under_two_ids(sandbox: Sandbox) -> Trial:
    """The same stand is in two files under two ids, with the same label; split by ids, training sees the test part."""
    ground.stands().to_file(sandbox.archive / "stands.gpkg")
    again = ground.stands({"x7": STANDS["n1"], "c9": (2, 50, 6, "clear")})
    again.to_file(sandbox.archive / "more.gpkg")
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> int:
        files = [STAND_FILE, STAND_FILE.replace("stands.gpkg", "more.gpkg")]
        sandbox.make(ground.tiff_words(sandbox.archive, regions=files), ("raw", "masks", "chips", "inspect"))
        return int(sandbox.chips.index["region"].nunique())

    def by_script() -> int:
        tables = [gpd.read_file(sandbox.archive / name) for name in ("stands.gpkg", "more.gpkg")]
        return int(pd.concat(tables)["stand"].nunique())

    return Trial(4, by_rojsat, by_script)


@case(names="cleared|clearing")
def cleared_before_the_scene(sandbox: Sandbox) -> Trial:
    """A stand labelled need was cleared a month before the scene, as its column `cleared` says."""
    path = sandbox.archive / "stands.gpkg"
    table = ground.stands()
    table["cleared"] = ["2019-06-20", None, None]
    table.to_file(path)
    ground.write_scene(sandbox.archive)

    def by_rojsat() -> int:
        sandbox.make(ground.tiff_words(sandbox.archive), ("raw", "masks", "chips", "inspect"))
        index = sandbox.chips.index
        rows = index[(index["label"] == "need") & ~index["zeroed"].astype(bool)]
        return int(rows["region"].nunique())

    return Trial(1, by_rojsat, lambda: by_hand.count_need(path))
