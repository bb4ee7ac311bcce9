"""Windows of a fixed size: what a network sees of a chip in the frame `window`, where no edge of a box shows.

A window reaches over the edge of its chip where it must; pixels beyond are unseen. It is not moved back inside, for
then its edge would be that of the chip, unless an experiment asks for it: where a region is a complete image, with
labels up to its edge, there is no box to hide, and its pixels are better than padding.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

FRAME = "window"
"""In the column `frame` of samples whose `height` and `width` are those of windows; others have no such column."""

INSIDE = "inside"
"""In that column, of windows that are moved back into what is seen of their chip."""

STREAM = 1
"""Last number of the seed of a window, so that it follows from other numbers than flips."""

Origin = tuple[int, int]
"""Row and column of a window's upper-left pixel in its chip; outside of it, maybe below 0."""

Box = Sequence[int]
"""Row, column, height and width of a region's own box in its chip, pixels."""


def size(rows: pd.DataFrame) -> int | None:
    """Height and width of the windows of samples; None in the frame `box`."""
    return int(rows["height"].iloc[0]) if {FRAME, INSIDE} & set(rows.get("frame", ())) else None


def are_inside(rows: pd.DataFrame) -> bool:
    """Whether the windows of samples are moved back into what is seen of their chip."""
    return INSIDE in set(rows.get("frame", ()))


def framed(rows: pd.DataFrame, window: int, *, inside: bool = False) -> pd.DataFrame:
    """The table of samples of which a network sees windows.

    Args:
        rows: with the columns of `rojsat.chips.boxes`.
        window: height and width of a window, pixels.
        inside: whether windows that reach beyond what is seen of their chip are moved back, which shows its edge.

    Raises:
        ValueError: if a window around a pixel of a box could reach beyond its chip, which would show where the box is.
    """
    if inside and window >= 2:
        return rows.assign(frame=INSIDE, height=window, width=window)
    least = int(rows[["box_row", "box_col"]].to_numpy().min())
    if window < 2 or least < window - 1:
        raise ValueError(
            f"inputs.window={window} is 2 or more, and needs chips with {max(1, window - 1)} pixels of surroundings, "
            f"for windows that end with a chip show where its box is; these have {least}: cut them with a larger "
            "data.chips.margin (metres, 10 a pixel), choose a smaller inputs.window, or inputs.frame=box; "
            "inputs.windows_inside=true is for regions that are complete images, with no box to hide"
        )
    return rows.assign(frame=FRAME, height=window, width=window)


def draw(known: np.ndarray, window: int, seed: Sequence[int]) -> Origin:
    """Draw a window among all that hold a known pixel, each as likely.

    So every known pixel stands at every place of a window equally often, and the mean degree is the same at all
    places, whatever the mask. (Of a known pixel drawn first and then its place, this is not true: a window would be as
    likely as it has known pixels, and the middle of a box would stand in the middle of windows.)

    Args:
        known: (H, W) bool; if none is, all windows that touch the chip are as likely.
        window: height and width.
        seed: of the draw.
    """
    rng = np.random.default_rng([*seed, STREAM])
    known = known if known.any() else np.ones_like(known)
    rows, cols = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    while True:  # at least one window in window² is taken
        top, left = (int(rng.integers(span[0] - window + 1, span[-1] + 1)) for span in (rows, cols))
        if known[max(0, top) : top + window, max(0, left) : left + window].any():
            return top, left


def extent(seen: np.ndarray) -> Box:
    """Row, column, height and width of the smallest rectangle that holds all seen pixels of a chip, (H, W) bool."""
    rows, cols = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return (0, 0, *seen.shape)
    return int(rows[0]), int(cols[0]), int(rows[-1] + 1 - rows[0]), int(cols[-1] + 1 - cols[0])


def moved_inside(starts: Iterable[int], first: int, length: int, window: int) -> list[int]:
    """Rows, or columns, of windows that lie inside a span, each once, or hold it where it is shorter than they are.

    A window that is moved back holds all that it held of the span. Those that would reach over an end lie at that end,
    so that no pixel there is drawn less often than one in the middle.

    Args:
        starts: rows of the windows before.
        first: row where the span begins.
        length: pixels of it.
        window: pixels of a window.
    """
    low, high = sorted((first, first + length - window))
    return list(dict.fromkeys(min(max(start, low), high) for start in starts))


def inside(origin: Origin, where: Box, window: int) -> Origin:
    """The window moved back into a rectangle of its chip, see `moved_inside`."""
    row, col, height, width = where
    (top,), (left,) = moved_inside(origin[:1], row, height, window), moved_inside(origin[1:], col, width, window)
    return top, left


def draw_around(box: Box, window: int, seed: Sequence[int]) -> Origin:
    """Draw a window among all that hold the box, or that the box holds where it is larger; each as likely."""
    rng = np.random.default_rng([*seed, STREAM])
    spans = [sorted((start, start + length - window)) for start, length in zip(box[:2], box[2:], strict=True)]
    top, left = (int(rng.integers(low, high + 1)) for low, high in spans)
    return top, left


def centred(box: Box, window: int) -> Origin:
    """The window with the box in its middle."""
    top, left = (start + (length - window) // 2 for start, length in zip(box[:2], box[2:], strict=True))
    return top, left


def cut(plane: Tensor, origin: Origin, window: int, fill: float) -> Tensor:
    """A window of (..., H, W); `fill` beyond its edges."""
    height, width = plane.shape[-2:]
    inside, target = zip(
        *(_overlap(start, window, length) for start, length in zip(origin, (height, width), strict=True)), strict=True
    )
    part = torch.full((*plane.shape[:-2], window, window), fill, dtype=plane.dtype)
    part[(..., *target)] = plane[(..., *inside)]
    return part


def _overlap(start: int, window: int, length: int) -> tuple[slice, slice]:
    """What a window and an axis share: in pixels of the axis, and of the window."""
    first, last = max(0, start), max(0, min(length, start + window))
    return slice(first, last), slice(first - start, max(first, last) - start)
