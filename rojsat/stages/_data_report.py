"""The report of a data set: what `rojsat.stages.inspect` prints and writes."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.chips import census, change_pairs, harvest_years, odd_dates
from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes
from rojsat.config.schema import Experiment
from rojsat.figures import data_overview
from rojsat.geo import masks
from rojsat.geo.scenes import catalog, cloud_masks, native_pixels
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.vectors import label_warnings, region_files
from rojsat.stages import _data_page, _rule_report


def write(experiment: Experiment) -> None:
    """Print the report; leave it as `report.md`, `report.png` and a page, `inspect.html`, in `reports/data/<name>/`."""
    name, raw = experiment.data.name, recipes.folder("raw", experiment)
    chips = Chips(recipes.folder("chips", experiment))
    scenes = catalog.read(raw)
    regions = _rule_report.with_labels(region_files.load_regions(raw / "regions.gpkg"), chips.index)
    acquisitions = pd.DataFrame([{"date": scene.date, "relative_orbit": scene.relative_orbit} for scene in scenes])
    counted = census.take(acquisitions, regions, chips.index, chips.dropped)
    of_rule = _rule_report.tables(raw, recipes.folder("masks", experiment), chips.index)
    denied = masks.warnings(recipes.folder("masks", experiment))
    warnings = [*label_warnings.sentences(regions, chips.index), *denied, *odd_dates.sentences(chips)]
    facts = _facts(scenes, chips) | _native_pixels(raw) | masks.counts(recipes.folder("masks", experiment))
    report = census.text(name, counted, facts | _rule_report.facts(raw), warnings, of_rule)
    tables = (counted.overpasses, counted.regions, counted.reasons)
    figure = data_overview.overview(name, *tables, _points(regions), _footprints(scenes))
    folder = compose.ROOT / "reports" / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(report)
    figure.savefig(folder / "report.png")
    print(f"{report}\nfigure: {folder / 'report.png'}")
    print(f"page:   {_data_page.write(experiment, chips, counted, of_rule)}")


def _facts(scenes: Sequence[Scene], chips: Chips) -> dict[str, str]:
    """What a reader wants to know first."""
    assets = sorted({name for scene in scenes for name in scene.assets if name in catalog.NAMES})
    sizes = "; ".join(f"{role} {' x '.join(map(str, chips.size(role)))} px" for role in chips.roles)
    return {
        "scenes": f"{len(scenes)}, {scenes[0].date} to {scenes[-1].date}",
        "coordinate systems": ", ".join(sorted({scene.crs for scene in scenes})),
        "assets": ", ".join(assets),
        "cloud masks": cloud_masks.words(scenes),
        **_processing(scenes),
        "chips": f"{len(chips.index)} of 10 m pixels, height x width: {sizes}",
        **harvest_years.words(chips.index),
        **change_pairs.counts(chips.index),
        "digest": chips.digest[:12],
    }


def _native_pixels(raw: Path) -> dict[str, str]:
    """Of which pixels scenes were copies, where they were interpolated."""
    words = native_pixels.words(raw)
    return {"native grid": words.removeprefix("native grid: ")} if words else {}


def _processing(scenes: Sequence[Scene]) -> dict[str, str]:
    """Who processed the scenes, where that is known: `L2A baseline 05.09 (4 scenes)`."""
    counts = Counter(f"{level} {maker}" for scene in scenes for level, maker in scene.processing.items())
    parts = [f"{words} ({count} scene{'s' * (count > 1)})" for words, count in sorted(counts.items())]
    return {"processing": ", ".join(parts)} if parts else {}


def _points(regions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Role, longitude and latitude of each region."""
    points = regions.geometry.representative_point().to_crs("EPSG:4326")
    return pd.DataFrame({"role": regions["role"], "longitude": points.x, "latitude": points.y})


def _footprints(scenes: Sequence[Scene]) -> dict[int, list[np.ndarray]]:
    """Distinct footprints of the scenes of each orbit, as rings of longitude and latitude."""
    grids = {
        (scene.relative_orbit, scene.crs, scene.grid.affine, tuple(scene.grid.shape)): scene.grid for scene in scenes
    }
    rings: dict[int, list[np.ndarray]] = {}
    for (orbit, *_), grid in grids.items():
        rings.setdefault(orbit, []).append(np.array(grid.extent.to_crs("EPSG:4326").exterior.coords))
    return rings
