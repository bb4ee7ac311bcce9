"""From nothing to a map, beside the truth: `python -m bench.demo_map`, which `make demo-map` does.

Makes and trains `exp=demo_map`, lets `rojsat predict` map 60 stands of two more areas (data set `demo_map`), and holds
what it says against what the simulated world knows. Leaves all of it in `reports/demo_map`.

A worker of that world cuts nothing below a need of 0.12, so ground above it is in need. Degrees are made of the time
that is spent there: 30 s, and 450 s more at a need of 1, for each pixel; how many of these seconds are a degree of 1
the masks of the training areas say.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from rasterio import features, merge

from bench import tables
from rojsat import run
from rojsat.chips import roles
from rojsat.config import compose, recipes
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.geo import masks
from rojsat.geo.vectors import region_files, vector_files
from rojsat.stages import predict, raw

STANDS = 60
NAME = "demo_map"
"""Of the experiment, of the data set that is mapped, and of the folder in `reports`."""

CUT = 0.12
"""Need below which a worker of the simulated world cuts nothing."""

EASY, HARD = 30.0, 450.0
"""Seconds of work in a pixel that is cut, and more at a need of 1."""

FIRST = 20
"""Stands that are visited first."""


def main() -> None:
    """Train, map, compare; say what came of it."""
    experiment, mapped = compose.parse([f"exp={NAME}"]), compose.parse([f"data={NAME}"])
    folder = compose.ROOT / "reports" / NAME
    run.run(experiment)
    raw.run(mapped)
    area = folder / "area.gpkg"
    _write_area(recipes.folder("raw", mapped), area)
    shutil.rmtree(folder / "map", ignore_errors=True)
    predict.run([f"model={compose.run_name(experiment)}", f"data={NAME}", f"area={area}", f"out={folder / 'map'}"])
    facts = compare(folder / "map", recipes.folder("raw", mapped), degree_of_a_second(experiment))
    tables.write(folder / "truth.json", facts)
    text = "\n".join(_words(facts))
    report_files.write_text(folder / "truth.txt", f"{text}\n")
    print(
        f"\nThe truth, which the simulated world knows:\n{text}\n{folder}: the map in map/, the outlines in area.gpkg"
    )


def compare(folder: Path, world: Path, scale: float) -> dict[str, Any]:
    """What a map says of stands beside what is true.

    Args:
        folder: of the map.
        world: the raw data of the stands.
        scale: degrees for each second of work.

    Returns:
        Hectares by `map_ha`, `true_ha`, `area_ha`; mean degree by `map_degree` and `true_degree`; stands whose interval
        holds the true mean degree, `held`, of those that have one, `promised`; of the first stands by the map, by their
        size alone and by the truth the hectares truly in need, `first`; of those with the largest degree how many a
        forester calls due, `due`, and the share of such stands, `due_share`.
    """
    stands = gpd.read_file(folder / "stands.gpkg")
    with rasterio.open(folder / "degree.tif") as raster:
        truth = _truth(world, raster.bounds)
        seen = np.isfinite(raster.read(1))
        outlines = stands.to_crs(raster.crs).geometry
        rows = [_of_stand(outline, truth, seen, raster.transform, scale) for outline in outlines]
    known = pd.concat([pd.DataFrame(stands.drop(columns="geometry")), pd.DataFrame(rows)], axis=1)
    known["true_ha"] = known["area_ha"] * known["cut"]
    labels = region_files.load_regions(world / "regions.gpkg").set_index("region")["label"]
    known["due"] = labels[known["region"]].to_numpy() == roles.NEED
    held = (known["true_degree"] >= known["degree_low"]) & (known["true_degree"] <= known["degree_high"])
    first = {
        name: float(known.sort_values(column, ascending=False).head(FIRST)["true_ha"].sum())
        for name, column in (("map", "need_ha"), ("size", "area_ha"), ("truth", "true_ha"))
    }
    means = {name: np.average(known[column], weights=known["area_ha"]) for name, column in _DEGREES.items()}
    return {
        "stands": len(known),
        **{name: float(known[column].sum()) for name, column in _HECTARES.items()},
        **{name: float(mean) for name, mean in means.items()},
        "promised": int(known["degree_low"].notna().sum()),
        "held": int(held.sum()),
        "first": first,
        "due": int(known.sort_values("degree_mean", ascending=False).head(FIRST)["due"].sum()),
        "due_share": float(known["due"].mean()),
    }


_HECTARES = {"area_ha": "area_ha", "map_ha": "need_ha", "true_ha": "true_ha"}
_DEGREES = {"map_degree": "degree_mean", "true_degree": "true_degree"}


def _truth(world: Path, bounds: Any) -> NDArray[np.float32]:
    """The true need of the ground within left, bottom, right and top; 0 outside young forest."""
    areas = [str(path) for path in sorted((world / "truth").glob("need*.tif"))]
    return np.asarray(np.nan_to_num(merge.merge(areas, bounds)[0][0]), np.float32)


def _seconds(need: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of work in every pixel."""
    return np.where(need > CUT, EASY + HARD * need, np.float32(0))


def _of_stand(
    outline: Any, truth: NDArray[np.float32], seen: NDArray[np.bool_], transform: Any, scale: float
) -> dict[str, float]:
    """Share of the pixels of a stand that a worker would cut, and the mean degree of those that the map shows."""
    inside = features.geometry_mask([outline], truth.shape, transform, invert=True)
    degree = np.minimum(_seconds(truth) * scale, 1)
    return {"cut": float((truth[inside] > CUT).mean()), "true_degree": float(degree[inside & seen].mean())}


def degree_of_a_second(experiment: Experiment) -> float:
    """Degrees of the masks of clearing objects for each second of work that their ground needs, below a degree of 1."""
    labelled = masks.read(recipes.folder("masks", experiment))
    degrees, seconds = 0.0, 0.0
    for region, mask in labelled.stored.items():
        need = _truth(recipes.folder("raw", experiment), labelled.grids[region].boundingbox.bbox)
        worked = (mask > 0) & (mask < 1) & (need > CUT)
        degrees += float(mask[worked].sum())
        seconds += float(_seconds(need)[worked].sum())
    return degrees / seconds


def _write_area(world: Path, path: Path) -> None:
    """The outlines of the first stands by their ids, as a customer sends them: ids alone."""
    regions = region_files.load_regions(world / "regions.gpkg")
    stands = regions[regions["role"] == "stand"].sort_values("region").head(STANDS)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    vector_files.write_geopackage(stands[["region", "geometry"]], path, layer="stands")


def _words(facts: Mapping[str, Any]) -> list[str]:
    first = facts["first"]
    return [
        f"in need: {facts['true_ha']:.1f} ha; the map says {facts['map_ha']:.1f} ha, without an image all "
        f"{facts['area_ha']:.1f} ha would be",
        f"mean degree: {facts['true_degree']:.2f}; the map says {facts['map_degree']:.2f}",
        f"the interval of a stand holds its true mean degree in {facts['held']} of {facts['promised']} stands",
        f"the first {FIRST} stands of the map have {first['map']:.1f} ha truly in need; the largest {FIRST}, without "
        f"an image, {first['size']:.1f}; the best choice {first['truth']:.1f}",
        f"of the {FIRST} stands with the largest degree a forester calls {facts['due']} due; of {FIRST} drawn without "
        f"an image {FIRST * facts['due_share']:.0f}",
    ]


if __name__ == "__main__":
    main()
