"""Sample plots of saplings that Metsäkeskus measured: circles of 9 m radius, stems a hectare and height by species.

Two forms are read: a GeoPackage with the layers `sampleplot` and `saplingstratum`, and a CSV with a row a stratum. No
file was at hand. Public code that reads Metsäkeskus' GeoPackages of inventory plots (Inventointikoealat) has the layers
`sampleplot` and `stratum`, joined by `sampleplotid`, with `xcoordinate`, `ycoordinate`, `treespecies` and `meanheight`;
`stemcount` is the name of stems a hectare in the stands' own `treestratum`. That strata of saplings have the same names
is assumed, and so is the name of the date: `columns` names others.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from rojsat.geo.finland import finnish_stands
from rojsat.geo.vectors import read_errors

RADIUS = 9.0
"""Metres of a plot."""

LAYERS = ("sampleplot", "saplingstratum")

COLUMNS = {
    "plot": "sampleplotid",
    "date": "measurementdate",
    "east": "xcoordinate",
    "north": "ycoordinate",
    "species": "treespecies",
    "stems": "stemcount",
    "height": "meanheight",
}
"""What the columns are called: the plot, the day it was measured, its middle in EPSG:3067; species by code, stems a
hectare and mean height, metres, of a stratum."""

OF_PLOTS, OF_STRATA = ("plot", "date", "east", "north"), ("plot", "species", "stems", "height")

TALLEST = 40.0
"""Metres that no tree of Finland exceeds by much: larger heights are in other units."""


@dataclass(frozen=True)
class SaplingPlots:
    """Plots and their strata of saplings.

    Attributes:
        plots: one row a plot: `plot`, `date` (None where unknown), and its middle in EPSG:3067.
        strata: one row a stratum: `plot`, `species` (code), `stems` a hectare and `height`, metres; NaN where missing.
    """

    plots: gpd.GeoDataFrame
    strata: pd.DataFrame


def read(path: Path, columns: Mapping[str, str] | None = None) -> SaplingPlots:
    """Read the plots of a GeoPackage or a CSV.

    Args:
        path: the file, `.gpkg` or `.csv`; a CSV has a row a stratum, with the plot's columns in each.
        columns: names that differ from `COLUMNS`, by the keys there.

    Raises:
        ValueError: naming the file, if it does not exist, is of another format, lacks layers or columns, holds no plot
            or two different ones of one id, strata of plots that are not there, places outside Finland, or numbers that
            are none, negative or in other units; or `columns` has another key.
    """
    if not path.is_file():
        raise ValueError(f"{path} does not exist (it should hold sapling plots)")
    names = _names(columns or {})
    if path.suffix.lower() == ".gpkg":
        plots, strata = _geopackage(path, names)
    elif path.suffix.lower() == ".csv":
        plots, strata = _csv(path, names)
    else:
        raise ValueError(f"{path} ends in {path.suffix or 'nothing'}; sapling plots are read as .gpkg or .csv")
    plots = plots.drop_duplicates()
    if plots["plot"].duplicated().any():
        raise ValueError(
            f"{path}: plot {plots.loc[plots['plot'].duplicated(), 'plot'].iloc[0]!r} has two places or dates"
        )
    if not len(plots):
        raise ValueError(f"{path} holds no plot")
    if lost := sorted(set(strata["plot"]) - set(plots["plot"])):
        raise ValueError(
            f"{path}: {len(lost)} plots of strata are not in the layer {LAYERS[0]!r}, {lost[0]!r} among them"
        )
    return SaplingPlots(_placed(plots, path), _checked(strata, path))


def _names(columns: Mapping[str, str]) -> dict[str, str]:
    if unknown := sorted(set(columns) - set(COLUMNS)):
        raise ValueError(f"columns of sapling plots: {', '.join(unknown)} is none of {', '.join(COLUMNS)}")
    return {key: columns.get(key, name).lower() for key, name in COLUMNS.items()}


def _geopackage(path: Path, names: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    with read_errors.named(path, "a GeoPackage of sapling plots"):
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    if lacking := [layer for layer in LAYERS if layer not in layers]:
        raise ValueError(f"{path} lacks the layers {lacking}; it has {layers}: it holds no sapling plots")
    with read_errors.named(path, "a GeoPackage of sapling plots"):
        plots, strata = (pyogrio.read_dataframe(path, layer=layer, read_geometry=False) for layer in LAYERS)
    return _chosen(plots, OF_PLOTS, names, path, f"the layer {LAYERS[0]!r}"), _chosen(
        strata, OF_STRATA, names, path, f"the layer {LAYERS[1]!r}"
    )


def _csv(path: Path, names: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    with read_errors.named(path, "a CSV of sapling plots"):
        table = pd.read_csv(path, sep=None, engine="python", dtype=str)
    plots = _chosen(table, OF_PLOTS, names, path, "it")
    strata = _chosen(table, OF_STRATA, names, path, "it")
    return plots, strata.dropna(subset=["stems", "height"], how="all")  # the row of a plot without saplings


def _chosen(
    table: pd.DataFrame, keys: tuple[str, ...], names: Mapping[str, str], path: Path, where: str
) -> pd.DataFrame:
    """The columns that are read, by their keys; ids and codes as text."""
    table = table.rename(columns=lambda name: str(name).lower())
    if lacking := [names[key] for key in keys if names[key] not in table]:
        raise ValueError(
            f"{path}: {where} lacks the columns {lacking}; it has {list(table.columns)}. Name those that it has by "
            f"columns, such as {{'date': 'NAME'}}"
        )
    chosen = pd.DataFrame({key: table[names[key]] for key in keys})
    return chosen.assign(plot=chosen["plot"].map(_text))


def _text(value: object) -> str:
    """An id or a code as text; a column of numbers with gaps is written as `7.0`."""
    return re.sub(r"^(\d+)\.0+$", r"\1", str(value).strip())


def _placed(plots: pd.DataFrame, path: Path) -> gpd.GeoDataFrame:
    """The plots with their days and middles."""
    east, north = (_numbers(plots, key, path) for key in ("east", "north"))
    outside = ~(east.between(0, 800_000) & north.between(6_500_000, 7_900_000))
    if outside.any():
        raise ValueError(
            f"{path}: plot {plots.loc[outside, 'plot'].iloc[0]!r} lies at ({east[outside].iloc[0]:.0f}, "
            f"{north[outside].iloc[0]:.0f}), outside Finland in {finnish_stands.CRS}; coordinates must be in it"
        )
    days = [
        finnish_stands.day(None if pd.isna(value) else str(value), f"{path}: plot {plot!r}")
        for plot, value in zip(plots["plot"], plots["date"], strict=True)
    ]
    table = pd.DataFrame({"plot": plots["plot"].to_numpy(), "date": pd.Series(days, dtype=object)})
    points = gpd.points_from_xy(east, north)
    return gpd.GeoDataFrame(table, geometry=points, crs=finnish_stands.CRS)


def _checked(strata: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The strata with numbers that can be."""
    stems, height = (_numbers(strata, key, path) for key in ("stems", "height"))
    for name, values, most in (("stems a hectare", stems, 1e6), ("height in metres", height, TALLEST)):
        wrong = (values < 0) | (values > most)
        if wrong.any():
            plot = strata.loc[wrong, "plot"].iloc[0]
            raise ValueError(f"{path}: plot {plot!r}: {values[wrong].iloc[0]:g} is no {name} (0 to {most:g})")
    species = [None if pd.isna(value) else _text(value) for value in strata["species"]]
    return pd.DataFrame({"plot": strata["plot"], "species": pd.Series(species, strata.index, dtype=object)}).assign(
        stems=stems, height=height
    )


def _numbers(table: pd.DataFrame, key: str, path: Path) -> pd.Series:
    """A column as numbers, NaN where it has none."""
    numbers = pd.to_numeric(table[key], errors="coerce")
    wrong = numbers.isna() & table[key].notna()
    if wrong.any():
        plot = table.loc[wrong, "plot"].iloc[0]
        raise ValueError(f"{path}: plot {plot!r}: {table.loc[wrong, key].iloc[0]!r} is no number ({key})")
    return numbers.astype(float)
