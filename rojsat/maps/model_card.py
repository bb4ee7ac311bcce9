"""What a model says of itself: channels, roles of its dates, how its scenes were read, what its training pixels are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rojsat.chips import channels
from rojsat.evaluation import map_calibration
from rojsat.evaluation.region_intervals import Calibration
from rojsat.maps import date_series
from rojsat.maps.training_ground import Ground

KEY = "map"
"""In the metadata of a model; `rojsat.stages._map_card` writes it."""

ROLES = ("before", "after")
"""Roles of the dates of a model that compares two."""


@dataclass(frozen=True)
class ModelCard:
    """A model that degrees of pixels can be predicted with.

    Attributes:
        names: channels of one date.
        dates: training's dates that it stacks, in their sequence; none of a model of single dates or of all dates.
        window: height and width of its windows, pixels; None: it sees boxes of regions.
        outputs: 1 for a degree, else classes.
        threshold: degree above which a pixel counts as need.
        target: what it predicts.
        shape: height and width of the images of its test part.
        boa: bands that show whether a pixel has data, at the bottom of the atmosphere.
        toa: the same at the top.
        resampling: of bands of other pixels.
        cloud_margin: metres around a cloud that count as cloud.
        months: of its training scenes.
        distribution: of its training pixels, see `rojsat.chips.plane_distribution`.
        calibration: of its errors, see `rojsat.evaluation.map_calibration`; None: no regions that it is not trained on.
        verdict: what it reaches on its test part beside predictors without an image.
        leak: whether training has something of that part.
        run: that made it.
        blocks: the most dates that a model of all dates reads at once; None: it is none.
        reach: pixels around a pixel that its prediction depends on, where it predicts pixels; None: a network.
        chip: the most height and width of its chips without surroundings, pixels; None: as large as a region.
        margin: surroundings of its chips, pixels; None: as many as a window is wide.
        inside: whether its tiles are moved back into what is seen of a chip.
        ground: that it was trained on, see `rojsat.maps.training_ground`; None: it was recorded by an older rojsat.
    """

    names: tuple[str, ...]
    dates: tuple[str, ...]
    window: int | None
    outputs: int
    threshold: float
    target: str
    shape: tuple[int, int]
    boa: tuple[str, ...]
    toa: tuple[str, ...]
    resampling: str
    cloud_margin: float
    months: tuple[int, ...]
    distribution: Mapping[str, Any]
    calibration: Mapping[str, Any] | None
    verdict: str
    leak: bool
    run: str
    blocks: int | None = None
    reach: int | None = None
    chip: int | None = None
    margin: int | None = None
    inside: bool = False
    ground: Ground | None = None

    @property
    def fits_scenes(self) -> bool:
        """Whether it can be applied to a scene anywhere; one that sees boxes of regions cannot."""
        return (self.window is not None or self.reach is not None) and channels.OUTLINE not in self.names

    @property
    def surroundings(self) -> int:
        """Surroundings of its chips, pixels."""
        return (self.window or 0) if self.margin is None else self.margin

    @property
    def inputs(self) -> list[str]:
        """The C names of its input."""
        if self.blocks:
            return date_series.names(self.names, self.blocks)
        return [f"{name} {date}" for date in self.dates for name in self.names] if self.dates else list(self.names)

    @property
    def planes(self) -> tuple[str, ...]:
        """Planes that its channels are computed from."""
        return channels.needs(self.names)

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the dates that it compares; none of a model of single dates."""
        if len(self.dates) == len(ROLES):
            return ROLES
        return tuple(f"date {number}" for number in range(1, len(self.dates) + 1))

    @property
    def pixel_calibration(self) -> Calibration | None:
        """What the interval of a pixel follows from; None: nothing can be promised."""
        return None if self.calibration is None else map_calibration.of_pixels(self.calibration)


def read(metadata: Mapping[str, Any] | None, address: str) -> ModelCard:
    """The card in the metadata of a model.

    Raises:
        ValueError: if it has none, or predicts classes of stands.
    """
    facts = dict((metadata or {}).get(KEY) or {})
    if not metadata or not facts:
        raise ValueError(
            f"the model {address} does not say what its training pixels look like, so no scene can be checked against "
            "it: it was recorded by an older rojsat, or elsewhere; train it again (`rojsat run exp=…`)"
        )
    if metadata["task"] != "segmentation":
        raise ValueError(f"the model {address} predicts classes of stands, a map shows degrees of pixels")
    tuples: Sequence[str] = ("names", "dates", "shape", "boa", "toa", "months")
    content: dict[str, Any] = {
        name: tuple(value) if name in tuples else value for name, value in facts.items() if name != "data"
    }
    return ModelCard(window=metadata.get("window"), **content)
