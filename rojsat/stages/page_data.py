"""Draw the study's figures of a data set itself (1, 2, 3, 8, 9, 10): `python -m rojsat.stages.page_data data=NAME`.

Leaves them beside `facts.json` in `reports/study/data/<name>/`, where `rojsat.stages.page` takes them from.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from matplotlib.figure import Figure
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import MergeAlg
from rasterio.features import rasterize

from rojsat.chips import bands
from rojsat.chips.reader import Chips
from rojsat.config import command, compose, recipes
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.figures import maps, objects, panels, scenes, stands
from rojsat.figures.objects import Object
from rojsat.figures.stands import Crop
from rojsat.geo import masks
from rojsat.geo.gps import heat, tracks
from rojsat.geo.masks import Masks
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import lattices, region_grids
from rojsat.geo.scenes.planes import Reader
from rojsat.geo.vectors import region_files
from rojsat.page.cells import DPI

ROLES = {
    "stand": "the image classification",
    "clearing": "the segmentation",
    "control": "figures 14 to 16 and 20 to 22",
}
"""Roles that the study needs regions of, and what for."""

CLASSES = [(one.value, one.name, one.colour) for one in bands.SCL]

OVERVIEW = 1000
"""Rows and columns of a scene that its classes are counted on at most: a share needs no more."""

MARGIN = 15
"""Pixels of surroundings shown around a stand."""

FIRST = 6
"""Clearing objects in the first of the two figures of them."""


def run(experiment: Experiment) -> None:
    """Draw the figures of the data set, unless a role of the study has no chips."""
    name, raw = experiment.data.name, recipes.folder("raw", experiment)
    chips = Chips(recipes.folder("chips", experiment))
    lacking = [f"{role} (for {use})" for role, use in ROLES.items() if role not in chips.roles]
    if lacking:
        raise ValueError(f"the study cannot be made of {name}: it has no chips of role {', '.join(lacking)}")
    found, regions = catalog.read(raw), region_files.load_regions(raw / "regions.gpkg")
    read = masks.read(recipes.folder("masks", experiment))
    folder = compose.ROOT / "reports" / "study" / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    shares = _shares(found)
    for number, figure in _all(experiment, found, regions, chips, read, shares):
        figure.savefig(folder / f"{number}.png", dpi=DPI, bbox_inches="tight")
    report_files.write_json(folder / "facts.json", _facts(found, regions, chips, read, shares))


def _all(
    experiment: Experiment,
    found: Sequence[Scene],
    regions: gpd.GeoDataFrame,
    chips: Chips,
    read: Masks,
    shares: pd.DataFrame,
) -> Iterator[tuple[str, Figure]]:
    """Names and figures."""
    yield "scl_legend", scenes.legend(CLASSES)
    if len(shares):
        yield "scl_shares", scenes.shares(shares, CLASSES[1:])
    grid = _grid(found)
    yield "stands", stands.heatmaps(_heatmaps(regions, grid), grid.resolution.x)
    yield "crops", stands.crops(_crops(found, regions, chips))
    yield "histogram", _histogram(read)
    shown = _objects(recipes.folder("raw", experiment), found, regions, read)
    yield "objects_1", objects.heatmaps(shown[:FIRST], experiment.data.target)
    yield "objects_2", objects.heatmaps(shown[FIRST:] or shown[-1:], experiment.data.target)


def _shares(found: Sequence[Scene]) -> pd.DataFrame:
    """Pixels of every class that scenes of each pass hold, those without data apart: a row a pass, a column a class."""
    rows: dict[str, NDArray[np.int64]] = {}
    for scene in found:
        if "SCL" in scene.assets:
            name = f"{scene.datetime:%Y-%m-%d} ({scene.relative_orbit:03d})"
            rows[name] = rows.get(name, np.zeros(len(CLASSES), np.int64)) + _classes(scene)
    return pd.DataFrame.from_dict(rows, orient="index", columns=[value for value, _, _ in CLASSES])


def _classes(scene: Scene) -> NDArray[np.int64]:
    asset = scene.assets["SCL"]
    with rasterio.open(asset.href) as raster:
        shape = tuple(min(size, OVERVIEW) for size in raster.shape)
        values = raster.read(asset.band, out_shape=shape)
    return np.bincount(values.ravel(), minlength=256)[: len(CLASSES)]


def _grid(found: Sequence[Scene]) -> GeoBox:
    """The largest grid of a scene among those that most scenes share the pixels of."""
    _, members = max(lattices(found), key=lambda one: len(one[1]))
    return max((found[number].grid for number in members), key=lambda grid: grid.shape[0] * grid.shape[1])


def _heatmaps(regions: gpd.GeoDataFrame, grid: GeoBox) -> dict[str, NDArray[np.uint8]]:
    """Number of stands of each label on every pixel of the grid, (H, W)."""
    placed = regions[regions["role"] == "stand"].to_crs(str(grid.crs))
    how: Any = {"out_shape": tuple(grid.shape), "transform": grid.affine, "merge_alg": MergeAlg.add, "dtype": "uint8"}
    return {label: rasterize(placed.geometry[placed["label"] == label], **how) for label in stands.TITLES}


def _crops(found: Sequence[Scene], regions: gpd.GeoDataFrame, chips: Chips) -> list[Crop]:
    """Two stands in need of clearing, a smaller and a larger one, and one that is not; each on its clearest date."""
    index = chips.index[chips.index["role"] == "stand"].sort_values(["cloud", "nodata", "chip"])
    clearest = index[(index["row"] == 0) & (index["col"] == 0)].drop_duplicates("region")
    clearest = clearest.assign(area=clearest["height"] * clearest["width"]).sort_values(["cloud", "area"])
    need, clear = (clearest[clearest["label"] == label].sort_values("area") for label in ("need", "clear"))
    rows = [need.iloc[len(need) // 4], need.iloc[-1], clear.iloc[len(clear) // 2]]
    return [_crop(found, regions, chips, row) for row in rows]


def _crop(found: Sequence[Scene], regions: gpd.GeoDataFrame, chips: Chips, row: pd.Series) -> Crop:
    height, width = int(row["height"]), int(row["width"])
    scene = next(
        one
        for one in found
        if f"{one.datetime:%Y-%m-%d}" == row["date"] and one.relative_orbit == row["relative_orbit"]
    )
    grid = region_grids([scene], regions[regions["region"] == row["region"]])[row["region"]]
    wide = grid.pad(MARGIN)
    with Reader(scene, "bilinear") as reader:
        planes = reader.read(wide)
    outline = regions.loc[regions["region"] == row["region"]].to_crs(str(grid.crs)).geometry.iloc[0]
    polygons = getattr(outline, "geoms", [outline])
    rings = [np.stack(~wide.affine @ np.array(one.exterior.coords).T[:2], -1) for one in polygons]
    colours = (
        planes["tci"] / 255 if "tci" in planes else planes["boa"][[bands.BOA.index(b) for b in ("B04", "B03", "B02")]]
    )
    colours = np.where((colours > 0).any(axis=0), colours, np.nan).astype(np.float32)
    seen = np.isfinite(colours[0])
    chip = np.nan_to_num(panels.true_colour(chips, row["chip"]))
    white = np.zeros(chip.shape[1:], bool)
    white[:height, :width] = True
    return Crop(
        title=f"stand {row['region']}, {row['date']}",
        label=row["label"],
        around=np.nan_to_num(maps.stretch(colours, seen), nan=0.85),
        outlines=rings,
        box=(MARGIN, MARGIN, width, height),
        chip=maps.stretch(chip, white),
        size=(height, width),
        pixel=float(grid.resolution.x),
    )


def _histogram(read: Masks) -> Figure:
    """Of the heat that masks were made from; of their degrees where they were made otherwise."""
    facts = read.facts
    if "histogram" in facts:
        count, edge = (np.array(facts["histogram"][name]) for name in ("count", "edge"))
        return objects.histogram(count, edge, facts["unit"], facts["threshold"], facts["options"].get("percentile", 97))
    known = np.concatenate([one[one >= 0] for one in read.degree.values()])
    return objects.histogram(*np.histogram(known, bins=50), "degree of a pixel", None, 100)


def _objects(raw: Path, found: Sequence[Scene], regions: gpd.GeoDataFrame, read: Masks) -> list[Object]:
    """All clearing objects by number; those dropped with their points counted the same way."""
    shown = {r: Object(f"region {r}", read.degree[r], "", read.grids[r].resolution.x) for r in read.degree}
    if read.dropped:
        grids = region_grids(found, regions[regions["region"].isin(list(read.dropped))])
        points = tracks.load_tracks(raw / "gps.parquet")
        for region, reason in read.dropped.items():
            grid = grids[region]
            walks = heat.Walks(points.to_crs(str(grid.crs)), np.ones(len(points)))
            degree = np.clip(heat.counts(walks, grid) / read.facts["threshold"], 0, 1).astype(np.float32)
            shown[region] = Object(f"region {region}", degree, reason, grid.resolution.x)
    clearing = set(regions.loc[regions["role"] == "clearing", "region"])
    return [shown[region] for region in sorted(shown.keys() & clearing, key=lambda one: (len(one), one))]


def _facts(
    found: Sequence[Scene], regions: gpd.GeoDataFrame, chips: Chips, read: Masks, shares: pd.DataFrame
) -> dict[str, Any]:
    """Numbers of the data set that the page sets beside the study's."""
    grid, index = _grid(found), chips.index
    labelled = index[(index["role"] == "clearing") & index["region"].isin(list(read.degree))]
    data = shares[[value for value, _, _ in CLASSES[1:]]].sum()
    return {
        "source": str(read.facts["source"]),
        "scenes": len(found),
        "first": f"{found[0].datetime:%Y-%m-%d}",
        "last": f"{found[-1].datetime:%Y-%m-%d}",
        "orbits": sorted({one.relative_orbit for one in found}),
        "extent_km": [round(abs(size * grid.resolution.x) / 1000, 1) for size in (grid.shape[1], grid.shape[0])],
        "stands": regions.loc[regions["role"] == "stand", "label"].value_counts().to_dict(),
        "objects": sorted(read.degree, key=lambda one: (len(one), one)),
        "dropped": dict(read.dropped),
        "samples": len(labelled),
        "chips": index["role"].value_counts().to_dict(),
        "sizes": {role: list(chips.size(role)) for role in chips.roles},
        "threshold": read.facts.get("threshold"),
        "percentile": read.facts["options"].get("percentile"),
        "unit": read.facts.get("unit"),
        "digest": chips.digest,
        "scl": {name: float(data[value] / max(data.sum(), 1)) for value, name, _ in CLASSES[1:]},
    }


if __name__ == "__main__":
    command.execute(run, "rojsat.stages.page_data", needs_experiment=False)
