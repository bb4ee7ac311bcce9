"""`map.qgz`: a map and its list of stands as a QGIS project."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import rasterio

from rojsat.maps import qgis_project, qgis_styles, stand_table
from rojsat.maps.model_card import ModelCard
from rojsat.maps.qgis_project import QgisGroup, QgisLayer
from rojsat.maps.qgis_styles import Rule
from rojsat.maps.stand_columns import COLUMNS

FILE = "map.qgz"

SWEDISH_TARGETS = {
    "degree of need": "Behov av röjning",
    "need": "Behov av röjning",
    "damage": "Skada",
}
"""What models predict, by `target` of their data set; another has its English name alone."""

RANKS = (5, 10, 20, 50)
"""Last ranks of the classes of stands; the last class has all others."""


def write(out: Path, rasters: Sequence[Path], stands: gpd.GeoDataFrame, card: ModelCard) -> Path:
    """Write the project beside what it shows.

    Args:
        out: folder of the map, with its rasters and `stands.gpkg`.
        rasters: of the map.
        stands: as listed.
        card: of the model.
    """
    layers = [_rank(stands, card), *_of_rasters(rasters, card), _grey(stands)]
    return qgis_project.write(
        out / FILE,
        layers,
        crs=stands.crs,
        bounds=_around(stands.total_bounds),
        title=f"{_name(card.target)} ({card.run})",
        abstract=card.verdict,
    )


def _name(target: str) -> str:
    english = target[:1].upper() + target[1:]
    return f"{english} / {SWEDISH_TARGETS[target]}" if target in SWEDISH_TARGETS else english


def _around(bounds: Sequence[float]) -> list[float]:
    """Bounds with a twentieth of their size on all sides."""
    left, bottom, right, top = bounds
    margin = max(right - left, top - bottom) / 20
    return [left - margin, bottom - margin, right + margin, top + margin]


def _rank(stands: gpd.GeoDataFrame, card: ModelCard) -> QgisLayer:
    """The stands by rank: coloured edges, so that the degree inside is seen."""
    last = max(int(stands["rank"].fillna(0).max()), 1)
    ends = [*(end for end in RANKS if end < last), last]
    each = []
    for first, end, colour in zip([1, *(end + 1 for end in ends)], ends, qgis_styles.RANK_COLOURS, strict=False):
        label = str(first) if first == end else f"{first} to {end} / {first} till {end}"
        each.append(Rule(label, f'"rank" >= {first} AND "rank" <= {end}', qgis_styles.fill(None, colour, 0.8)))
    each.append(Rule("not seen / ej synligt", '"rank" IS NULL', qgis_styles.hatch(edge=True)))
    return QgisLayer(
        "Stands by rank, 1 first / Bestånd i turordning, 1 först",
        "stands.gpkg",
        stands.crs,
        qgis_styles.rules(each),
        layer=stand_table.LAYER,
        labels=qgis_styles.labels("rank"),
        abstract=card.verdict,
        aliases={name: column.alias for name, column in COLUMNS.items() if name in stands.columns},
        expanded=True,
    )


def _grey(stands: gpd.GeoDataFrame) -> QgisLayer:
    """The stands in grey below the map: it shows where the map has nothing."""
    return QgisLayer(
        "Not seen / Ej synligt",
        "stands.gpkg",
        stands.crs,
        qgis_styles.single(qgis_styles.fill(qgis_styles.NOT_SEEN_COLOUR, None)),
        layer=stand_table.LAYER,
    )


def _of_rasters(rasters: Sequence[Path], card: ModelCard) -> list[QgisLayer | QgisGroup]:
    """The layers of one raster, or a group for each."""
    groups = [_of_raster(path, card) for path in rasters]
    if len(groups) == 1:
        return list(groups[0])
    return [QgisGroup(path.stem, layers) for path, layers in zip(rasters, groups, strict=True)]


def _of_raster(path: Path, card: ModelCard) -> list[QgisLayer]:
    with rasterio.open(path) as raster:
        bands = {name: number for number, name in enumerate(raster.descriptions, start=1)}
        crs = raster.crs.to_wkt()
    outside = qgis_styles.marked(
        bands["outside"],
        below=False,
        colour=qgis_styles.OUTSIDE_COLOUR,
        label="on most overpasses / vid de flesta överfarter",
    )
    layers = [
        QgisLayer(
            "Unlike the training pixels / Olikt träningens pixlar",
            path.name,
            crs,
            outside,
            abstract="A degree says little here. / Graden säger lite här.",
        ),
        QgisLayer(
            _name(card.target),
            path.name,
            crs,
            qgis_styles.degree(bands["degree"]),
            abstract=card.verdict,
            expanded=True,
        ),
    ]
    ends = [
        ("lower", "Interval, lower end / Intervall, nedre gräns"),
        ("upper", "Interval, upper end / Intervall, övre gräns"),
    ]
    return layers + [
        QgisLayer(name, path.name, crs, qgis_styles.degree(bands[band]), visible=False)
        for band, name in ends
        if band in bands
    ]
