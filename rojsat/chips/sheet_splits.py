"""Splits by map sheets: all stands of a sheet are on one side. numpy and pandas only.

Neighbours across the edge of two sheets may stand on two sides: `split.drop_near=true` leaves out those that are nearer
than `split.distance`, and without it the split is refused as leaking.
"""

import numpy as np
import pandas as pd

from rojsat.chips import ground_metres, latitudes, map_sheets, region_middles
from rojsat.chips.fold_splits import FOLDS, VAL, by_region, check_fold, deal


def tm35fin_sheets(
    index: pd.DataFrame, *, scale: int = 25_000, folds: int = FOLDS, fold: int = 0, seed: int = 0, val: float = VAL
) -> pd.Series:
    """Finland's map sheets (TM35, EPSG:3067) dealt to folds; one fold tests, the others train and validate.

    A region belongs to the sheet that its middle lies in, with all its chips.

    Args:
        index: columns `region`, `crs`, `transform`, `easting`, `northing`, `height`, `width`, and, where chips have
            surroundings, those of `rojsat.chips.boxes`.
        scale: of the sheets, one of `map_sheets.SCALES`: 25000 are 24 km by 12 km.
        folds: how many.
        fold: the one that tests, from 0.
        seed: of the order in which sheets are dealt, and of the draw.
        val: sheets that validate, drawn from the other folds: a number from 1, or a share below 1, at least one.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: no such scale, a region beyond Finland, fewer sheets than folds, no such fold, or none is left to
            train on.
    """
    map_sheets.check_scale(scale)
    places = _projected(index, map_sheets.TM35FIN)
    sheets = {region: map_sheets.tm35_name(east, north, scale) for region, (east, north) in places.items()}
    return _dealt(index, sheets, "tm35fin_sheets", f"map sheets of 1:{scale} with chips", folds, fold, seed, val)


def grid_sheets(
    index: pd.DataFrame,
    *,
    crs: str,
    width: float,
    height: float,
    west: float = 0,
    south: float = 0,
    folds: int = FOLDS,
    fold: int = 0,
    seed: int = 0,
    val: float = VAL,
) -> pd.Series:
    """Sheets of one size dealt to folds, as `tm35fin_sheets` does with Finland's.

    Args:
        index: as there.
        crs: of the sheets: that of the chips, or UTM, EPSG:3006 or EPSG:3067.
        width: of a sheet, units of the CRS.
        height: likewise.
        west: the western edge of one of the sheets.
        south: the southern edge of one of them.
        folds: how many.
        fold: the one that tests, from 0.
        seed: of the order in which sheets are dealt, and of the draw.
        val: sheets that validate, drawn from the other folds: a number from 1, or a share below 1, at least one.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: a size that is none, a CRS that chips cannot be projected to, fewer sheets than folds, no such fold,
            or none is left to train on.
    """
    if width <= 0 or height <= 0:
        raise ValueError(f"split grid_sheets: width={width} and height={height} are above 0, in units of {crs}")
    places = _projected(index, crs)
    east, north = np.array(list(places.values())).T
    columns, rows = map_sheets.cells(east, north, width, height, west, south)
    sheets = {region: f"{column} {row}" for region, column, row in zip(places, columns, rows, strict=True)}
    return _dealt(index, sheets, "grid_sheets", f"sheets of {width:g} by {height:g}", folds, fold, seed, val)


def _projected(index: pd.DataFrame, crs: str) -> dict[str, tuple[float, float]]:
    """East and north of the middle of each region in another CRS."""
    places: dict[str, tuple[float, float]] = {}
    middles = region_middles.middles(index, ground_metres.own_edges(index))
    for own, east, north, regions in region_middles.by_crs(middles):
        is_same = own.upper() == crs.upper()
        moved = (east, north) if is_same else latitudes.projected(crs, *latitudes.of(own, east, north))
        places |= {str(region): (float(x), float(y)) for region, x, y in zip(regions, *moved, strict=True)}
    return places


def _dealt(
    index: pd.DataFrame, sheets: dict[str, str], split: str, kind: str, folds: int, fold: int, seed: int, val: float
) -> pd.Series:
    """The parts, where sheets are dealt to folds and drawn to validate."""
    dealt = deal(sheets.values(), seed)
    check_fold(split, fold, folds, len(dealt), kind)
    test = {sheet for sheet, number in dealt.items() if number % folds == fold}
    return by_region(index.assign(region=index["region"].astype(str).map(sheets)), test, val, seed, split)
