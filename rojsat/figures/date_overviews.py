"""A data set from above: its outlines on the clearest date, a thumbnail of every date, the cloud of each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from rojsat.figures.data_overview import ORBITS, ROLES
from rojsat.figures.style import style
from rojsat.figures.true_colour import NO_DATA, stretched

COLUMNS, NARROW_COLUMNS = 6, 3
"""Thumbnails in a row, on a wide and on a narrow screen."""

NARROW = 4.2
"""Width of a figure for a narrow screen, inches."""


def outline_map(
    date: str,
    colours: NDArray[np.float32],
    outlines: Sequence[tuple[str, NDArray[np.float64]]],
    pixel: float,
    brightest: float,
    *,
    is_narrow: bool = False,
) -> Figure:
    """The outlines of all regions on true colour.

    Args:
        date: ISO date.
        colours: `(3, H, W)`; NaN where there is no data.
        outlines: role and ring `(N, 2)`, columns and rows.
        pixel: size of a pixel, metres.
        brightest: the value that is drawn white.
        is_narrow: for a narrow screen.
    """
    height, width = colours.shape[1:]
    inches = NARROW if is_narrow else 9
    with style():
        figure = Figure(figsize=(inches, max(inches * height / width, 2) + 0.8))
        axes = figure.subplots()
        axes.imshow(_image(colours, brightest), extent=(0, width, height, 0), interpolation="nearest")
        for role, colour in ROLES.items():
            rings = [ring for name, ring in outlines if name == role]
            for number, ring in enumerate(rings):
                axes.plot(*ring.T, color="white", lw=2.6)
                axes.plot(*ring.T, color=colour, lw=1.4, label=None if number else f"{role} ({len(rings)})")
        _scale(axes, width, height, pixel)
        axes.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0))
        axes.spines[:].set_visible(False)
        axes.set_title(f"true colour, {date}", loc="left")
        axes.legend(frameon=False, ncols=2 if is_narrow else 3, loc="upper left", bbox_to_anchor=(0, -0.01))
    return figure


def _scale(axes: Axes, width: int, height: int, pixel: float) -> None:
    """A bar of about a fifth of the map, 1, 2 or 5 times a power of ten."""
    about = width * pixel / 5
    power = 10 ** np.floor(np.log10(about))
    metres = max(power * step for step in (1, 2, 5) if power * step <= about)
    length, left, bottom = metres / pixel, 0.03 * width, 0.96 * height
    for colour, thickness in (("white", 6), ("black", 3)):
        axes.plot([left, left + length], [bottom, bottom], color=colour, lw=thickness, solid_capstyle="butt")
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    box = {"fc": "white", "pad": 1.5, "lw": 0}
    axes.text(left + length + 0.01 * width, bottom, text, va="center", fontsize=9, bbox=box)


def thumbnails(
    dates: Sequence[tuple[str, NDArray[np.float32]]], brightest: float, *, is_narrow: bool = False
) -> Figure:
    """Every date with one stretch.

    Args:
        dates: ISO date and colours `(3, H, W)`, at least one, all of one shape.
        brightest: the value that is drawn white.
        is_narrow: for a narrow screen.
    """
    columns, inches = (NARROW_COLUMNS, NARROW) if is_narrow else (COLUMNS, 11)
    height, width = dates[0][1].shape[1:]
    rows = -(-len(dates) // columns)
    with style():
        figure = Figure(figsize=(inches, rows * (inches / columns * height / width + 0.3)))
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, (date, colours) in zip(grid, dates, strict=False):
            axes.imshow(_image(colours, brightest), interpolation="nearest")
            axes.set_title(date, fontsize=9)
    return figure


def cloud_bars(overpasses: pd.DataFrame, *, is_narrow: bool = False) -> Figure:
    """Median share of the chips under cloud, a bar an overpass.

    Args:
        overpasses: as `rojsat.chips.census` counts them.
        is_narrow: for a narrow screen.
    """
    positions = np.arange(len(overpasses))
    with style():
        figure = Figure(figsize=(NARROW if is_narrow else 11, 2.8))
        axes = figure.subplots()
        for number, orbit in enumerate(sorted(overpasses["relative_orbit"].unique())):
            of_orbit = (overpasses["relative_orbit"] == orbit).to_numpy()
            label = f"orbit {orbit:03d}" if orbit else "orbit unknown"
            colour = ORBITS[number % len(ORBITS)]
            axes.bar(positions[of_orbit], overpasses["cloud"][of_orbit], color=colour, label=label)
        for position, cloud in zip(positions, overpasses["cloud"], strict=True):
            text = "?" if np.isnan(cloud) else "" if cloud > 0 else "0"
            axes.text(float(position), 0.01, text, ha="center", va="bottom", fontsize=8)
        axes.set(ylabel="under cloud (median)", ylim=(0, 1.03))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        shown = positions[:: -(-len(positions) // (10 if is_narrow else 30))]
        axes.set_xticks(shown, overpasses["date"].iloc[shown], rotation=45, ha="right", rotation_mode="anchor")
        axes.legend(
            frameon=False,
            ncols=3 if is_narrow else 8,
            loc="lower right",
            bbox_to_anchor=(1, 1),
            borderaxespad=0,
            fontsize=9,
        )
    return figure


def _image(colours: NDArray[np.float32], brightest: float) -> NDArray[np.float32]:
    """`(3, H, W)` as `(H, W, 3)` in [0, 1]; grey where there is no data."""
    return np.nan_to_num(stretched(colours, brightest), nan=NO_DATA)
