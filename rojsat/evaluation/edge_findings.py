"""Odd spots of one part of the data, summed over its images, and what they show: a table and sentences.

See `rojsat.evaluation.edges` for what a spot and a frame are. Knows numpy and pandas only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from rojsat.evaluation import edges
from rojsat.evaluation.edges import Degrees

ENOUGH = 50
"""Spots from which on their cause is reported."""

CHANGED = 2
"""Factor between shares of spots near the edge from which on the frame is reported to matter."""


@dataclass
class PartSpots:
    """The spots of one part of the data.

    Attributes:
        profiles: by frame, see `edges.profile`, summed over all images.
        remaining: by frame, how many spots of the first frame are spots in this one too.
        first: spots in the first frame.
        degrees: sum of the degrees of the masks and number of known pixels, by distance from the edge, pixels.
    """

    profiles: dict[str, pd.DataFrame] = field(default_factory=dict)
    remaining: dict[str, int] = field(default_factory=dict)
    first: int = 0
    degrees: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"distance": [], "sum": [], "pixels": []}))

    def add(self, predicted: Mapping[str, Degrees], masks: Degrees) -> None:
        """Add up the spots of some images.

        Args:
            predicted: by frame, the first that of training, (N, H, W).
            masks: (N, H, W) degree in [0, 1], -1 = unknown.
        """
        spots = {frame: edges.spots(degrees, masks) for frame, degrees in predicted.items()}
        first = next(iter(spots.values()))
        self.first += int(first.sum())
        self.degrees = _summed(self.degrees, _degrees(masks))
        for frame, in_frame in spots.items():
            profile = edges.profile(in_frame, masks)
            self.profiles[frame] = _summed(self.profiles[frame], profile) if frame in self.profiles else profile
            self.remaining[frame] = self.remaining.get(frame, 0) + int((first & in_frame).sum())

    def mean_degree(self, *, low: int = 0, high: int | None = None) -> float:
        """Mean degree of the masks at distances in [low, high), pixels."""
        rows = self.degrees[(self.degrees["distance"] >= low) & (self.degrees["distance"] < (high or np.inf))]
        return float(rows["sum"].sum() / rows["pixels"].sum())

    def share_remaining(self, frame: str) -> float:
        """Share of the spots of the first frame that remain in another; NaN without spots."""
        return self.remaining[frame] / self.first if self.first else float("nan")


def _degrees(masks: Degrees) -> pd.DataFrame:
    """One row a known pixel: its distance from the edge and its degree."""
    distance, known = np.broadcast_to(edges.distance(*masks.shape[1:]), masks.shape), masks >= 0
    return pd.DataFrame({"distance": distance[known], "sum": masks[known], "pixels": 1})


def _summed(before: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """Two tables as one, a row a distance."""
    return pd.concat([before, added]).groupby("distance", as_index=False).sum()


def table(parts: Mapping[str, PartSpots], frames: Mapping[str, str]) -> dict[str, Any]:
    """Columns and rows of numbers, a row a part and frame.

    Args:
        parts: by what the table calls them.
        frames: what the table calls each frame.
    """
    columns = ["images", "given", "spots", f"within {edges.NEAR} px of the edge", f"{edges.FAR} px or more inside"]
    rows = []
    for title, spots in parts.items():
        for frame, profile in spots.profiles.items():
            near, far = edges.share(profile, high=edges.NEAR), edges.share(profile, low=edges.FAR)
            shares = (near, far, spots.share_remaining(frame))
            rounded = [round(value, 4) if np.isfinite(value) else None for value in shares]
            rows.append([title, frames[frame], int(profile["spots"].sum()), *rounded])
    return {"columns": [*columns, "of the spots as in training, stay"], "rows": rows}


def text(parts: Mapping[str, PartSpots], trained: PartSpots) -> list[str]:
    """What the numbers show, in sentences.

    Args:
        parts: by what the sentences call them.
        trained: the part that was trained on.
    """
    near, far = trained.mean_degree(high=edges.NEAR), trained.mean_degree(low=edges.FAR)
    sentences = [
        f"A spot is a pixel without need in the mask whose predicted degree is {edges.HIGH} or more. Shares are of the "
        "pixels without need at that distance from the edge, so that masks which are empty near edges count fairly.",
        f"The masks that were trained on have a mean degree of {near:.3f} within {edges.NEAR} px of the edge and of "
        f"{far:.3f} {edges.FAR} px or more inside.",
    ]
    for title, spots in parts.items():
        sentences += [f"{title.capitalize()}: {sentence}" for sentence in _sentences(spots)]
    return sentences


def _sentences(spots: PartSpots) -> Iterator[str]:
    """Where the spots of a part are, and what the frame has to do with them."""
    if spots.first < ENOUGH:
        yield f"{spots.first} spots in all, too few to say more."
        return
    near, far = (
        edges.share(spots.profiles["padded"], high=edges.NEAR),
        edges.share(spots.profiles["padded"], low=edges.FAR),
    )
    yield (
        f"{near:.1%} of the pixels near the edge are spots, {far:.1%} of those inside: "
        f"{'spots are denser near the edge' if near > far else 'spots are not denser near the edge'}."
    )
    yield (
        f"{spots.share_remaining('shifted'):.0%} of the spots stay when the image is moved by {edges.SHIFT} pixels "
        f"(the network's coarse grid), {spots.share_remaining('bare'):.0%} when nothing is padded, "
        f"{spots.share_remaining('mirrored'):.0%} when its mirror image stands around it (the zeros that the network "
        "pads with inside)."
    )
    mirrored = edges.share(spots.profiles["mirrored"], high=edges.NEAR)
    if max(near, mirrored) > CHANGED * min(near, mirrored):
        less = "fewer" if near < mirrored else "more"
        yield (
            f"in its mirror image {mirrored:.1%} near the edge are spots: the network knows the edge by what it pads "
            f"with, and puts {less} spots there than the image itself asks for."
        )
