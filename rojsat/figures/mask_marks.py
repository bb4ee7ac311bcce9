"""What the colours of a mask leave out: where the object ends, and where no worker walked.

In a mask from GPS points a pixel is 0 where no point counts. That is no proof that nothing needs clearing there: such
pixels are hatched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from rojsat.chips.reader import Chips

HATCH, HATCH_COLOUR = "//////", "#8fa3b5"
OUTLINE_COLOUR = "#1f4e79"

BANDWIDTH, REACH = 10.0, 5
"""Of the measure `density` of GPS heat (`rojsat.geo.gps.heat`): its default bandwidth, metres; bandwidths to 0."""


@dataclass(frozen=True, eq=False)
class MaskMarks:
    """Marks on a mask.

    Attributes:
        outlines: rings of the object, `(N, 2)` column and row, from the corner of the upper left pixel; none where the
            store of chips has none.
        unwalked: `(H, W)` bool, where no worker walked; None where 0 is known to be no need, or nothing is known.
        meaning: what is true of an unwalked pixel, `no GPS point in the pixel`; empty where there is none.
    """

    outlines: Sequence[NDArray[Any]] = ()
    unwalked: NDArray[np.bool_] | None = None
    meaning: str = ""

    def window(self, top: int, left: int, height: int, width: int) -> "MaskMarks":
        """The marks of a part of the mask."""
        unwalked = None if self.unwalked is None else self.unwalked[top : top + height, left : left + width]
        return replace(self, outlines=[ring - (left, top) for ring in self.outlines], unwalked=unwalked)

    @property
    def outline_alone(self) -> "MaskMarks":
        """Without the hatch: for a prediction."""
        return MaskMarks(self.outlines)


NONE = MaskMarks()
"""Of a mask of which nothing more is known."""


def meaning(labels: Mapping[str, Any]) -> str:
    """What a 0 of a mask says where it says nothing about need; empty where 0 is known to be no need.

    Args:
        labels: `source` and `options` of the labels.
    """
    options = labels.get("options") or {}
    if labels.get("source") != "gps" or options.get("untouched", "zero") != "zero":
        return ""
    bandwidth = (options.get("heat_options") or {}).get("bandwidth", BANDWIDTH)
    return {
        "counts": "no GPS point in the pixel",
        "seconds": "no time spent in the pixel",
        "density": f"no GPS point within {REACH * bandwidth:g} m",
    }[options.get("heat", "counts")]


def marks(labels: Mapping[str, Any], stored: NDArray[np.float32] | None, outlines: Sequence[NDArray[Any]]) -> MaskMarks:
    """The marks of a region.

    Args:
        labels: `source` and `options` of the labels.
        stored: `(H, W)` what its mask holds, degree or heat, -1 where unknown; None: it has none.
        outlines: see `MaskMarks`.
    """
    words = meaning(labels)
    if stored is None or not words:
        return MaskMarks(outlines)
    return MaskMarks(outlines, stored == 0, words)


def of_store(chips: Chips, region: str) -> MaskMarks:
    """The marks of a region of a store, on the region's own grid."""
    labels = chips.recipe.get("labels", {})
    return marks(labels, chips.region_mask(region), chips.outlines.get(region, []))


def draw(axes: Axes, drawn: MaskMarks, known: NDArray[np.bool_]) -> None:
    """Hatch and outline over a mask that `imshow` drew with the centre of its upper left pixel at (0, 0).

    Args:
        axes: with the mask.
        drawn: its marks.
        known: `(H, W)`; pixels that are not, which are grey, are not hatched.
    """
    if drawn.unwalked is not None:
        look: Any = {"facecolor": "none", "edgecolor": HATCH_COLOUR, "hatch": HATCH, "lw": 0}
        axes.add_patch(PathPatch(hatched(drawn.unwalked & known), **look))
    for ring in drawn.outlines:
        axes.plot(*(ring - 0.5).T, color=OUTLINE_COLOUR, lw=1, scalex=False, scaley=False)


def hatched(unwalked: NDArray[np.bool_]) -> Path:
    """The pixels as one path: a rectangle for every run of them in a row."""
    padded = np.pad(unwalked.astype(np.int8), ((0, 0), (1, 1)))
    rows, starts = np.nonzero(np.diff(padded, axis=1) == 1)
    _, ends = np.nonzero(np.diff(padded, axis=1) == -1)
    left, right, top, bottom = starts - 0.5, ends - 0.5, rows - 0.5, rows + 0.5
    corners = np.stack([left, top, right, top, right, bottom, left, bottom, left, top], -1).reshape(-1, 5, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], len(corners))
    return Path(corners.reshape(-1, 2), codes)


def legend(target: str, drawn: Iterable[MaskMarks], grey: str = "unknown") -> str:
    """The label of a colour bar: what the colours show, and what grey, hatch and line mean.

    Args:
        target: what the colours show.
        drawn: the marks of all masks of the figure.
        grey: what grey pixels are.
    """
    each = list(drawn)
    meanings = sorted({one.meaning for one in each if one.meaning})
    words = [f"hatched: not walked, {' or '.join(meanings)}"] if meanings else []
    words += ["blue line: outline of the region"] if any(len(one.outlines) for one in each) else []
    return "\n".join([f"{target} (grey: {grey})", *words])


def label(bar: Colorbar, words: str) -> None:
    """Write the legend below a colour bar, small enough for a figure of a phone's width."""
    bar.set_label(words, fontsize=8.5)
    bar.ax.tick_params(labelsize=8.5)
