"""Figures of stands: where those of each label lie, and how chips are cropped and padded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from rojsat.chips import boxes, roles
from rojsat.chips.reader import Chips
from rojsat.figures import panels, true_colour
from rojsat.figures.maps import scale_bar
from rojsat.figures.style import style
from rojsat.figures.true_colour import NO_DATA, stretched

LABELS = {roles.NEED: "#cc3311", roles.CLEAR: "#0077bb"}  # Paul Tol's vibrant scheme
TITLES = {roles.NEED: "in need of clearing", roles.CLEAR: "not in need of clearing"}

LARGEST = 700
"""Rows or columns that a heatmap is drawn with at most: what a page shows."""


def heatmaps(counts: Mapping[str, np.ndarray], pixel: float, *, is_stacked: bool = False) -> Figure:
    """Number of stands on every pixel of a scene's grid, a plot a label.

    Args:
        counts: `(H, W)` whole numbers by label.
        pixel: size of a pixel, metres.
        is_stacked: one plot above the other, for a narrow screen.
    """
    high = max(1, *(int(count.max()) for count in counts.values()))
    height, width = next(iter(counts.values())).shape
    with style():
        rows, across = (len(counts), 1) if is_stacked else (1, len(counts))
        figure = Figure(figsize=(4.5 * across, rows * (4.2 * height / width + 1.1)))
        grid = figure.subplots(rows, across, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, (label, count) in zip(grid, counts.items(), strict=True):
            colours = ListedColormap(["#eeeeee", *_tones(LABELS[label], high)])
            step = -(-max(count.shape) // LARGEST)
            extent = (0, width * pixel / 1000, height * pixel / 1000, 0)
            norm = BoundaryNorm(np.arange(high + 2) - 0.5, high + 1)
            picture = axes.imshow(_blocks(count, step), cmap=colours, norm=norm, extent=extent, interpolation="nearest")
            bar = figure.colorbar(picture, ax=axes, location="bottom", shrink=0.5, aspect=25, ticks=range(high + 1))
            bar.set_label("stands on the pixel")
            axes.set(title=TITLES[label], xlabel="km east of the grid's corner")
            axes.spines[:].set_visible(True)
        for axes in grid if is_stacked else grid[:1]:
            axes.set_ylabel("km south of the grid's corner")
    return figure


def _tones(colour: str, number: int) -> list[Any]:
    """From the colour to black."""
    rgb = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return [tuple(rgb * (1 - 0.7 * step / number)) for step in range(number)]


def _blocks(count: np.ndarray, step: int) -> np.ndarray:
    """The largest number of each block of `step` by `step` pixels: a small stand does not vanish."""
    height, width = (-(-size // step) * step for size in count.shape)
    padded = np.zeros((height, width), count.dtype)
    padded[: count.shape[0], : count.shape[1]] = count
    blocks: np.ndarray = padded.reshape(height // step, step, width // step, step).max(axis=(1, 3))
    return blocks


@dataclass(frozen=True)
class Crop:
    """A stand in its surroundings and as a network gets it.

    Attributes:
        title: stand and date.
        label: need or clear.
        around: `(H, W, 3)` true colour of its surroundings, [0, 1].
        outlines: its rings, `(N, 2)` column and row in `around`, from the corner of the upper left pixel.
        box: left, top, width and height of its bounding box in `around`, pixels.
        chip: `(h, w, 3)` true colour of the padded chip, [0, 1], padding 0.
        size: height and width of what is no padding, pixels.
        pixel: size of a pixel, metres.
    """

    title: str
    label: str
    around: np.ndarray
    outlines: Sequence[np.ndarray]
    box: tuple[float, float, float, float]
    chip: np.ndarray
    size: tuple[int, int]
    pixel: float


def choose_examples(index: pd.DataFrame) -> list[pd.Series]:
    """Choose a smaller and a larger stand in need of clearing, and one that is not; each on its clearest date.

    Args:
        index: of the chip store.

    Returns:
        Their rows.
    """
    stands = boxes.with_boxes(index[index["role"] == roles.STAND]).sort_values(["cloud", "nodata", "chip"])
    clearest = stands[(stands["row"] == 0) & (stands["col"] == 0)].drop_duplicates("region")
    clearest = clearest.assign(area=clearest["box_height"] * clearest["box_width"]).sort_values(["cloud", "area"])
    need, clear = (clearest[clearest["label"] == label].sort_values("area") for label in (roles.NEED, roles.CLEAR))
    return [need.iloc[len(need) // 4], need.iloc[-1], clear.iloc[len(clear) // 2]]


def crop(
    chips: Chips,
    row: pd.Series,
    colours: NDArray[np.float32],
    outlines: Sequence[np.ndarray],
    margin: int,
    pixel: float,
) -> Crop:
    """A stand in its surroundings beside its chip.

    Args:
        chips: the store.
        row: of its index.
        colours: `(3, H, W)` of the surroundings; NaN where there is no data.
        outlines: see `Crop`.
        margin: pixels of surroundings on each side.
        pixel: size of a pixel, metres.
    """
    sample = boxes.own(row.to_frame().T).iloc[0]
    height, width = int(sample["height"]), int(sample["width"])
    around = (2 * row["box_row"], 2 * row["box_col"])
    shape = [side - beyond for side, beyond in zip(chips.size(row["role"]), around, strict=True)]
    chip = np.nan_to_num(panels.framed(chips, sample, shape))
    brightest = true_colour.white(chips)
    return Crop(
        title=f"stand {row['region']}, {row['date']}",
        label=row["label"],
        around=np.nan_to_num(stretched(colours, brightest), nan=NO_DATA),
        outlines=outlines,
        box=(margin, margin, width, height),
        chip=stretched(chip, brightest),
        size=(height, width),
        pixel=pixel,
    )


def crops(examples: Sequence[Crop], *, is_stacked: bool = False) -> Figure:
    """Each stand with its outline and its bounding box; below, or beside it, cropped to that and padded with zeros.

    Args:
        examples: at least one.
        is_stacked: a row a stand, for a narrow screen.
    """
    with style():
        figure = Figure(figsize=(4.1, 2.5 * len(examples)) if is_stacked else (9, 6.6))
        shape = (len(examples), 2) if is_stacked else (2, len(examples))
        grid = figure.subplots(*shape, squeeze=False)
        for (above, below), crop in zip(grid if is_stacked else grid.T, examples, strict=True):
            _draw_surroundings(above, crop)
            _draw_chip(below, crop)
            for axes in (above, below):
                axes.set(xticks=[], yticks=[])
                axes.spines[:].set_visible(True)
    return figure


def _draw_surroundings(axes: Axes, crop: Crop) -> None:
    axes.imshow(crop.around, extent=_extent(crop.around), interpolation="nearest")
    for ring in crop.outlines:
        axes.plot(*ring.T, color="white", lw=3.4)
        axes.plot(*ring.T, color=LABELS[crop.label], lw=2)
    _frame(axes, crop.box)
    scale_bar(axes, crop.pixel)
    axes.set_title(f"{crop.title}\n{TITLES[crop.label]}", fontsize=8.5)


def _draw_chip(axes: Axes, crop: Crop) -> None:
    axes.imshow(crop.chip, extent=_extent(crop.chip), interpolation="nearest")
    height, width = crop.size
    _frame(axes, (0, 0, width, height))
    padded = " x ".join(map(str, crop.chip.shape[:2]))
    axes.set_title(f"{height} x {width} pixels,\npadded to {padded}", fontsize=8.5)


def _extent(image: np.ndarray) -> tuple[float, float, float, float]:
    return (0, image.shape[1], image.shape[0], 0)


def _frame(axes: Axes, box: tuple[float, float, float, float]) -> None:
    """A dashed blue line on a white one: it shows on any ground."""
    left, top, across, down = box
    for colour, line, width in (("white", "-", 2.6), ("#0000dd", "--", 1.4)):
        axes.add_patch(Rectangle((left, top), across, down, fill=False, ec=colour, ls=line, lw=width, clip_on=False))
