"""Which offset turns the stored numbers of a scene into reflectance; decided from three witnesses.

Since processing baseline 04.00 (25 January 2022) ESA adds 1000 to every number, so that reflectance =
stored / 10000 - 0.1. Some archives take the 1000 off again, and what their items say of it is not always true
(Earth Search: `earthsearch:boa_offset_applied` and `raster:bands` are wrong for many scenes). So the pixels are asked.

The rule, for `offset: auto`:

1. A baseline below 04.00 means offset 0: ESA added nothing.
2. Otherwise the visible pixels that the scene classification (SCL) calls vegetation or water decide, where they can
   (see `Evidence.verdict`); they are dark, whatever the weather.
   *Dark*: at least 5 % of them are below 800, so the 1000 is off: offset 0. Were it not, they would have a
   reflectance below -0.02, which Sen2Cor gives to few pixels.
   *Raised*: less than 0.5 % are below 800 and at least 1 % below 1600, so it is still in: offset -0.1. Dark ground is
   there, and none of it is darker than 1000 less the noise. Without SCL this is not concluded, haze looks alike.
3. Where they cannot (under snow or cloud, or fewer than 1000 of them) the declared offset of the assets is taken;
   without one ESA's -0.1 for a baseline from 04.00 on.
4. With neither baseline nor declared offset there is nothing to go by: `check` asks for the option `offset`.

Every contradiction among the item's baseline, its declared offset, its flag and the pixels is warned of.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

SHIFT = -0.1
"""Offset of reflectance since baseline 04.00: BOA_ADD_OFFSET / QUANTIFICATION_VALUE = -1000 / 10000."""

FIRST_SHIFTED = 4.0
"""The first processing baseline with it."""

VISIBLE = ("B02", "B03", "B04")
"""Bands in which vegetation, water and shadow are dark: reflectance below 0.06. The pixels of these are asked."""

DARK, LOW = 800, 1600
"""Stored numbers: reflectance -0.02 and 0.06 if the 1000 is in, 0.08 and 0.16 if it is off."""

MANY, FEW, SOME = 0.05, 0.005, 0.01
"""Shares of the valid pixels, see the rule."""

LEAST = 1000
"""Valid pixels below which they say nothing."""


@dataclass(frozen=True)
class Evidence:
    """Counts over the pixels of some bands.

    Attributes:
        valid: pixels with an observation.
        dark: those whose stored number is below `DARK`.
        low: those below `LOW`.
        clear: whether only vegetation and water were counted, as SCL classes them.
    """

    valid: int = 0
    dark: int = 0
    low: int = 0
    clear: bool = False

    def verdict(self) -> float | None:
        """The offset that the pixels show, None if they do not."""
        if self.valid < LEAST:
            return None
        if self.dark >= MANY * self.valid:
            return 0.0
        raised = self.dark < FEW * self.valid and self.low >= SOME * self.valid
        return SHIFT if raised and self.clear else None

    def __str__(self) -> str:
        """The counts as shares."""
        if not self.valid:
            return "no valid pixel"
        kind = "pixels of vegetation and water" if self.clear else "pixels of all kinds"
        dark, low = self.dark / self.valid, self.low / self.valid
        return f"{dark:.1%} of {self.valid} {kind} below {DARK}, {low:.1%} below {LOW}"


@dataclass(frozen=True)
class Decision:
    """The offset of a scene.

    Attributes:
        offset: reflectance = stored * scale + offset.
        reason: why, in words.
        doubts: contradictions to be warned of.
    """

    offset: float
    reason: str
    doubts: tuple[str, ...] = ()


def check(item: str, baseline: float | None, declared: float | None, forced: float | None) -> None:
    """Check, before anything is read, that something will be there to go by.

    Raises:
        ValueError: if not.
    """
    if forced is None and baseline is None and declared is None:
        raise ValueError(
            f"item {item} names neither its processing baseline nor the offset of its assets; find out which it is "
            f"and say `offset: 0` (before baseline 04.00, or taken off) or `offset: {SHIFT}` (from 04.00 on)"
        )


def decide(
    baseline: float | None,
    declared: float | None,
    applied: bool | None,
    evidence: Evidence,
    forced: float | None = None,
) -> Decision:
    """Decide on the offset of a scene by the rule above.

    Args:
        baseline: its processing baseline, 5.09; None if unknown.
        declared: the offset that its assets declare, None if none.
        applied: what `earthsearch:boa_offset_applied` says, None if it is not there.
        evidence: counts over its pixels.
        forced: the user's word, None for `auto`.
    """
    if forced is not None:
        return Decision(forced, "as the option `offset` says")
    pixels = evidence.verdict()
    if baseline is not None and baseline < FIRST_SHIFTED:
        offset, reason = 0.0, f"baseline {baseline:05.2f} is before 04.00"
    elif pixels is not None:
        offset, reason = pixels, str(evidence)
    elif declared is not None:
        offset, reason = declared, f"declared by its assets; the pixels cannot tell ({evidence})"
    else:
        offset, reason = SHIFT, f"baseline {baseline or 0:05.2f} is from 04.00 on; the pixels cannot tell ({evidence})"
    return Decision(offset, reason, tuple(_doubts(offset, declared, applied, pixels, baseline)))


def _doubts(
    offset: float, declared: float | None, applied: bool | None, pixels: float | None, baseline: float | None
) -> Iterable[str]:
    if declared is not None and not np.isclose(declared, offset):
        yield f"its assets declare {declared:g}"
    if applied is not None and baseline is not None and baseline >= FIRST_SHIFTED and applied != (offset == 0):
        yield f"earthsearch:boa_offset_applied is {str(applied).lower()}"
    if pixels is not None and not np.isclose(pixels, offset):
        yield f"its pixels look like {pixels:g}"
