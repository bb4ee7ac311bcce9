"""`qgis.qgz`: the predictions of a run as a QGIS project, with the scenes, masks and outlines that lie beside them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import rasterio
from rasterio.warp import transform_bounds

from rojsat.maps import mosaics, qgis_project, qgis_styles, run_scenes
from rojsat.maps.qgis_project import QgisGroup, QgisLayer

FILE = "qgis.qgz"

NAMES = {
    "degree": "Predicted degree / Beräknad grad",
    "lower": "Interval, lower end / Intervall, nedre gräns",
    "upper": "Interval, upper end / Intervall, övre gräns",
    "seen": "Not seen / Ej synligt",
    "label": "Degree of the mask / Maskens grad",
    "difference": "Difference / Skillnad",
}
"""Of the layers that show a band."""

SCENE = "True colour / Äkta färg"


@dataclass(frozen=True)
class DateMaps:
    """What there is of one date, orbit and coordinate system.

    Attributes:
        overpass: date and relative orbit.
        name: likewise, with the coordinate system where there are several.
        count: of its rasters.
        crs: of its rasters.
        file: of its predictions, a raster or the VRT of several.
        bands: their names, in their order.
        scene: file of its true colour; None: there is none.
    """

    overpass: str
    name: str
    count: int
    crs: str
    file: str
    bands: tuple[str, ...]
    scene: str | None


def write(
    folder: Path,
    rasters: Sequence[Path],
    scenes: Mapping[Path, Path],
    layers: Collection[Path],
    *,
    title: str,
    verdict: str,
) -> Path:
    """Write the project of a run, and the VRTs that it needs.

    Args:
        folder: of the rasters.
        rasters: of the predictions, at least one.
        scenes: true colour of some of them.
        layers: `outlines.gpkg` and `not_walked.gpkg`, or one of them, or none.
        title: of the project.
        verdict: what the run is worth.
    """
    of_dates = list(_of_dates(folder, rasters, scenes))
    with rasterio.open(rasters[-1]) as raster:
        crs = raster.crs.to_wkt()
    boxes = [_bounds(path, crs) for path in rasters]
    left, bottom = (min(box[side] for box in boxes) for side in (0, 1))
    right, top = (max(box[side] for box in boxes) for side in (2, 3))
    margin = max(right - left, top - bottom) / 20
    shown = max(of_dates, key=lambda each: each.count).overpass  # of equal ones the newest
    groups = [
        QgisGroup("Outlines / Gränser", list(_vectors(layers, run_scenes.OUTLINES))),
        QgisGroup(
            "Difference, prediction minus mask / Skillnad, beräknad minus mask",
            [_raster(each, "difference", each.overpass == shown) for each in of_dates],
            visible=False,
            expanded=False,
        ),
        QgisGroup(
            "Predictions / Beräkningar", [_prediction(each, each.overpass == shown, verdict) for each in of_dates]
        ),
        QgisGroup(
            "Masks / Masker",
            [
                *_vectors(layers, run_scenes.NOT_WALKED),
                *(_raster(each, "label", each.overpass == shown) for each in of_dates),
            ],
        ),
        QgisGroup(
            "Scenes / Scener",
            [
                QgisLayer(
                    f"{SCENE}, {each.name}",
                    each.scene,
                    each.crs,
                    qgis_styles.true_colour(),
                    visible=each.overpass == shown,
                )
                for each in of_dates
                if each.scene
            ],
        ),
    ]
    return qgis_project.write(
        folder / FILE,
        [group for group in groups if group.layers],
        crs=crs,
        bounds=[left - margin, bottom - margin, right + margin, top + margin],
        title=title,
        abstract=verdict,
    )


def _bounds(path: Path, crs: str) -> tuple[float, float, float, float]:
    with rasterio.open(path) as raster:
        left, bottom, right, top = transform_bounds(raster.crs, crs, *raster.bounds)
    return left, bottom, right, top


def _of_dates(folder: Path, rasters: Sequence[Path], scenes: Mapping[Path, Path]) -> Iterator[DateMaps]:
    """The newest date first."""
    each: dict[tuple[str, str, str], list[Path]] = {}
    for path in rasters:
        with rasterio.open(path) as raster:
            tags = raster.tags()
            key = (tags["date"], tags["relative_orbit"], raster.crs.to_string())
            bands = raster.descriptions
        each.setdefault(key, []).append(path)
    several = len({crs for _, _, crs in each}) > 1
    for number, ((date, orbit, crs), paths) in enumerate(sorted(each.items(), reverse=True)):
        overpass, of_system = f"{date} (R{int(orbit):03d})", f", {crs if len(crs) < 20 else number}" if several else ""
        stem = f"{date}_{int(orbit):03d}" + (f"_{number}" if several else "")
        pictures = [scenes[path] for path in paths if path in scenes]
        yield DateMaps(
            overpass,
            overpass + of_system,
            len(paths),
            crs,
            _one(folder / f"{stem}.vrt", paths),
            bands,
            _one(folder / f"{stem}_true_colour.vrt", pictures) if pictures else None,
        )


def _one(path: Path, rasters: Sequence[Path]) -> str:
    """The file of several rasters, or the only one."""
    return rasters[0].name if len(rasters) == 1 else mosaics.write(path, rasters).name


def _raster(each: DateMaps, band: str, visible: bool, abstract: str = "") -> QgisLayer:
    number = each.bands.index(band) + 1
    style = qgis_styles.difference(number) if band == "difference" else qgis_styles.degree(number)
    return QgisLayer(f"{NAMES[band]}, {each.name}", each.file, each.crs, style, abstract=abstract, visible=visible)


def _prediction(each: DateMaps, visible: bool, verdict: str) -> QgisGroup:
    """Degree, the ends of its interval, and what is not seen, in grey."""
    grey = qgis_styles.marked(
        each.bands.index("seen") + 1, below=True, colour=qgis_styles.NOT_SEEN_COLOUR, label="not seen / ej synligt"
    )
    layers = [
        _raster(each, "degree", True, verdict),
        *(_raster(each, band, False) for band in ("lower", "upper") if band in each.bands),
        QgisLayer(f"{NAMES['seen']}, {each.name}", each.file, each.crs, grey),
    ]
    return QgisGroup(each.name, layers, visible=visible, expanded=visible)


def _vectors(layers: Collection[Path], layer: str) -> Iterator[QgisLayer]:
    """The layer of outlines or of ground not walked, if there is one."""
    for path in layers:
        if path.stem == layer == run_scenes.OUTLINES:
            style = qgis_styles.single(qgis_styles.fill(None, qgis_styles.OUTLINE_COLOUR, 0.5))
            name, labels = "Outlines of regions / Områdenas gränser", qgis_styles.labels("region")
            yield QgisLayer(name, path.name, _crs(path), style, layer=layer, labels=labels)
        elif path.stem == layer == run_scenes.NOT_WALKED:
            name = "Not walked, 0 is no proof / Ej gånget, 0 är inget bevis"
            yield QgisLayer(name, path.name, _crs(path), qgis_styles.single(qgis_styles.hatch()), layer=layer)


def _crs(path: Path) -> Any:
    return gpd.read_file(path, rows=1).crs
