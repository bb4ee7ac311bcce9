"""What a map of complete scenes says, without stands: how many hectares are in need, counted cell by cell."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from rojsat.geo.vectors import region_areas
from rojsat.maps import map_rasters, map_summary, map_texts
from rojsat.maps.map_making import MapPlan
from rojsat.maps.model_card import ModelCard

PER_RASTER = ("area_ha", "seen_ha", "need_ha")


def facts(planned: MapPlan, card: ModelCard, folder: Path) -> dict[str, Any]:
    """Sums over the cells of a map that are all predicted, JSON-ready.

    Args:
        planned: the map.
        card: of the model.
        folder: of the cells.

    Returns:
        `area_ha`, `seen_ha` and `need_ha` on the ellipsoid, in all and of each of `rasters` (where these overlap,
        ground counts in each); `degree_mean` and `outside_share` of what is seen (None: nothing is); what is
        known of the model.
    """
    names = map_rasters.names(planned.grids)
    sums = {name: dict.fromkeys(PER_RASTER, 0.0) for name in names}
    degree = outside = 0.0
    for crs in dict.fromkeys(str(cell.region.grid.crs) for cell in planned.cells):
        cells = [cell for cell in planned.cells if str(cell.region.grid.crs) == crs]
        boxes = gpd.GeoDataFrame(geometry=[cell.region.grid.extent.geom for cell in cells], crs=crs)
        for cell, area in zip(cells, region_areas.geodesic_hectares(boxes), strict=True):
            predicted = map_rasters.read_cell(map_rasters.cell_path(folder, cell))
            seen, pixel = predicted.dates > 0, area / predicted.dates.size
            of_raster = sums[names[cell.raster]]
            of_raster["area_ha"] += area
            of_raster["seen_ha"] += pixel * int(seen.sum())
            of_raster["need_ha"] += pixel * int((predicted.degree[seen] > card.threshold).sum())
            degree += pixel * float(predicted.degree[seen].sum(dtype=np.float64))
            outside += pixel * int((predicted.outside[seen] > 0.5).sum())
    total = {name: sum(each[name] for each in sums.values()) for name in PER_RASTER}
    seen_area = total["seen_ha"]
    return {
        **{name: round(value, 3) for name, value in total.items()},
        "degree_mean": round(degree / seen_area, 4) if seen_area else None,
        "outside_share": round(outside / seen_area, 4) if seen_area else None,
        "rasters": {name: {key: round(value, 3) for key, value in each.items()} for name, each in sums.items()},
        "threshold": card.threshold,
        "model": card.run,
        "verdict": card.verdict,
        "leak": card.leak,
    }


def words(
    numbers: Mapping[str, Any],
    card: ModelCard,
    scenes: Sequence[str],
    notes: Sequence[str] = (),
    language: str = "en",
) -> str:
    """The text of `summary.txt`.

    Args:
        numbers: of `facts`.
        card: of the model.
        scenes: ids of the scenes.
        notes: sentences that must be read too.
        language: one of `map_texts.LANGUAGES`.
    """
    say = partial(map_texts.say, language)
    lines = [say("summary.area", **map_summary.hectares(numbers, card, language))]
    if len(numbers["rasters"]) > 1:
        lines += [
            say("summary.raster", name=name, need=each["need_ha"], seen=each["seen_ha"])
            for name, each in numbers["rasters"].items()
        ]
        lines.append(say("summary.overlap"))
    lines += ["", *map_summary.of_model(card, notes, numbers["outside_share"], language)]
    return "\n".join([*lines, say("summary.scenes", scenes=", ".join(scenes)), ""])
