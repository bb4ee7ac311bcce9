"""Figure of the odd spots near the edges of images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from rojsat.figures import mask_marks
from rojsat.figures.maps import draw_degree, scale_bar
from rojsat.figures.mask_marks import MaskMarks
from rojsat.figures.style import style
from rojsat.figures.true_colour import NO_DATA

FRAMES = {
    "padded": ("as in training", "#222222", "-"),
    "shifted": ("moved by 4 pixels", "#ee7733", "--"),
    "bare": ("without padding", "#0077bb", "-."),
    "mirrored": ("in its mirror image", "#009988", ":"),
}  # Paul Tol's vibrant scheme


def spots(
    profiles: Mapping[str, Mapping[str, pd.DataFrame]],
    example: Mapping[str, np.ndarray],
    title: str,
    pixel: float,
    marks: MaskMarks,
) -> Figure:
    """Share of spots by distance from the edge, above; one image in every frame, below.

    Args:
        profiles: by part of the data, by frame: columns `distance`, `pixels`, `spots`.
        example: `image` (H, W, 3) in [0, 1], `mask` (H, W) in [0, 1], -1 unknown, and a prediction (H, W) a frame.
        title: of the example.
        pixel: size of a pixel on the ground, metres.
        marks: on the example's mask and predictions.
    """
    names = ["image", "mask", *(name for name in FRAMES if name in example)]
    height, width = example["mask"].shape
    with style():
        figure = Figure(figsize=(10, 3.2 + 10 / len(names) * height / width + 0.9))
        parts: Any = figure.subfigures(2, 1, height_ratios=[3.2, 10 / len(names) * height / width + 0.9])
        above, below = parts
        _profiles(above, profiles)
        plots = below.subplots(1, len(names))
        for axes, name in zip(plots, names, strict=True):
            values = example[name]
            if name == "image":
                axes.imshow(np.nan_to_num(values, nan=NO_DATA), interpolation="nearest")
                scale_bar(axes, pixel)
            else:
                picture = draw_degree(axes, values, marks if name == "mask" else marks.outline_alone)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(True)
            axes.set_title(FRAMES[name][0] if name in FRAMES else {"image": "true colour"}.get(name, name), fontsize=9)
        bar: Any = {"location": "bottom", "aspect": 50, "shrink": 0.5, "fraction": 0.08}
        below.colorbar(picture, ax=plots, label=mask_marks.legend("degree of need", [marks]), **bar)
        below.supylabel(title, fontsize=9)
    return figure


def _profiles(figure: Any, profiles: Mapping[str, Mapping[str, pd.DataFrame]]) -> None:
    plots: Sequence[Any] = figure.subplots(1, len(profiles), sharey=True, squeeze=False)[0]
    for axes, (part, tables) in zip(plots, profiles.items(), strict=True):
        for name, table in tables.items():
            label, colour, line = FRAMES[name]
            kept = table[table["pixels"] >= 30]  # a share of fewer pixels means nothing
            axes.plot(kept["distance"], kept["spots"] / kept["pixels"], line, color=colour, label=label)
        axes.set(title=part, xlabel="pixels from the edge of the image")
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    plots[0].set_ylim(0, max(axes.dataLim.y1 for axes in plots) * 1.05 or 1)
    plots[0].set_ylabel("spots among pixels without need")
    plots[-1].legend(frameon=False, fontsize=8)
