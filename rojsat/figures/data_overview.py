"""The figure of a data set: when it was seen, how well, where its regions lie, and what became of them."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rojsat.chips import roles
from rojsat.figures.style import style

KEPT, LEFT_OUT = "#228833", "#bbbbbb"

ROLES = {roles.STAND: "#4477aa", roles.CLEARING: "#ee6677", roles.CONTROL: "#aa3377"}  # Paul Tol's bright scheme
ORBITS = ("#332288", "#88ccee", "#ddcc77", "#117733", "#cc6677", "#882255", "#44aa99", "#999933")  # his muted one

TICKS = 30
"""Dates named on an axis at most."""

LINE = 30
"""Letters in a line of a bar's name."""


def overview(
    name: str,
    overpasses: pd.DataFrame,
    regions: pd.DataFrame,
    reasons: pd.DataFrame,
    places: pd.DataFrame,
    footprints: Mapping[int, Sequence[np.ndarray]],
) -> Figure:
    """Draw a data set.

    Args:
        name: of the data set.
        overpasses: as `rojsat.chips.census` counts them, a row an overpass.
        regions: likewise.
        reasons: likewise.
        places: one row a region: `role`, `longitude`, `latitude` (degrees).
        footprints: of the scenes of each relative orbit, rings of longitude and latitude (N, 2).
    """
    with style():
        figure = Figure(figsize=(12, 11))
        rows = figure.add_gridspec(3, 2, height_ratios=[1, 1, 1.7], width_ratios=[1, 1])
        chips = figure.add_subplot(rows[0, :])
        _chips(chips, overpasses)
        _clouds(figure.add_subplot(rows[1, :], sharex=chips), overpasses)
        _map(figure.add_subplot(rows[2, 0]), places, footprints)
        sums = rows[2, 1].subgridspec(2, 1, height_ratios=[max(len(regions), 1), max(len(reasons), 1) + 1])
        _bars(figure.add_subplot(sums[0]), _named(regions), "regions")
        kept = pd.Series({"kept": int(overpasses["kept"].sum())})
        _bars(figure.add_subplot(sums[1]), pd.concat([kept, reasons.set_index("reason")["chips"]]), "chips")
        figure.suptitle(
            f"Data set {name}: {overpasses['scenes'].sum()} scenes, {len(places)} regions, {kept.iloc[0]} chips"
        )
    return figure


def _chips(axes: Axes, overpasses: pd.DataFrame) -> None:
    """Chips kept and left out, one bar an overpass."""
    positions = np.arange(len(overpasses))
    axes.bar(positions, overpasses["kept"], color=KEPT, label="kept")
    axes.bar(positions, overpasses["left_out"], bottom=overpasses["kept"], color=LEFT_OUT, label="left out")
    axes.set(ylabel="chips")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelbottom=False)
    axes.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)
    axes.set_title("Overpasses: scenes of one day and orbit", loc="left")


def _clouds(axes: Axes, overpasses: pd.DataFrame) -> None:
    """Median cloud and mean lack of data, one point an overpass, coloured by orbit."""
    positions = np.arange(len(overpasses))
    for number, orbit in enumerate(sorted(overpasses["relative_orbit"].unique())):
        of_orbit = (overpasses["relative_orbit"] == orbit).to_numpy()
        colour, label = ORBITS[number % len(ORBITS)], f"orbit {orbit:03d}" if orbit else "orbit unknown"
        axes.plot(positions[of_orbit], overpasses["cloud"][of_orbit], "o", color=colour, ms=6, label=label)
    axes.plot(positions, overpasses["nodata"], "_", color="#000000", ms=9, label="without data (mean)")
    axes.set(ylabel="under cloud (median)", ylim=(-0.03, 1.03))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    shown = positions[:: -(-len(positions) // TICKS)]
    axes.set_xticks(shown, overpasses["date"].iloc[shown], rotation=45, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.6, len(overpasses) - 0.4)
    axes.legend(frameon=False, ncols=8, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0, fontsize=9)


def _map(axes: Axes, places: pd.DataFrame, footprints: Mapping[int, Sequence[np.ndarray]]) -> None:
    """Where regions lie and what the scenes of each orbit cover."""
    for number, (orbit, rings) in enumerate(sorted(footprints.items())):
        for count, ring in enumerate(rings):
            label = None if count else f"scenes of orbit {orbit:03d}" if orbit else "scenes"
            axes.plot(*ring.T, color=ORBITS[number % len(ORBITS)], lw=1.2, label=label)
    for role, colour in ROLES.items():
        of_role = places[places["role"] == role]
        if len(of_role):
            axes.plot(of_role["longitude"], of_role["latitude"], ".", color=colour, ms=7, alpha=0.8, label=role)
    axes.set(xlabel="longitude (degrees east)", ylabel="latitude (degrees north)")
    axes.set_aspect(1 / np.cos(np.radians(places["latitude"].mean())), adjustable="datalim")
    axes.ticklabel_format(useOffset=False)
    axes.tick_params(axis="x", labelrotation=30)
    axes.set_title("Where", loc="left")
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=3)


def _named(regions: pd.DataFrame) -> pd.Series:
    """Number of regions by role and label."""
    names = [
        f"{role}, {label}" if label else str(role)
        for role, label in zip(regions["role"], regions["label"], strict=True)
    ]
    return pd.Series(regions["regions"].to_numpy(), index=names)


def _bars(axes: Axes, counts: pd.Series, unit: str) -> None:
    """Horizontal bars with their numbers, the first on top."""
    positions = np.arange(len(counts))
    colours = [
        KEPT if name == "kept" else LEFT_OUT if unit == "chips" else ROLES.get(str(name).split(",")[0], KEPT)
        for name in counts.index
    ]
    bars = axes.barh(positions, counts.to_numpy(), color=colours)
    axes.bar_label(bars, padding=3, fontsize=9)
    axes.set_yticks(positions, [fill(str(name), LINE) for name in counts.index], fontsize=9)
    axes.invert_yaxis()
    axes.set(xlabel=unit)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.margins(x=0.12)
