"""Degrees of need as sources of labels find them, before they are masks on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

UNKNOWN = -1.0
"""Degree of a pixel that nobody labelled; nodata of the mask files."""


class DatedLabel(NamedTuple):
    """The label that a region has on the images of one day.

    Attributes:
        label: need or clear; None: unknown, so that no chip is cut.
        strength: how much the label can be relied on, strong or weak; None where there is none.
        reason: why.
    """

    label: str | None
    strength: str | None
    reason: str


@dataclass(frozen=True)
class Labels:
    """The result of a source of labels.

    Attributes:
        masks: degree of each labelled region on its grid, (h, w) float32 in [0, 1], -1 where unknown; or heat, 0 or
            more, where the facts have the key `unscaled` (`rojsat.chips.degree_scale`).
        dropped: regions that cannot be used, and why.
        facts: numbers worth keeping (thresholds, counts, histograms), ready for JSON.
        dated: of labels that depend on the day of the image, one row a stand and day, whether or not it is a region:
            `region`, `date` (ISO), the attributes of `DatedLabel`, and `hectares`; None of all others.
    """

    masks: Mapping[str, NDArray[np.float32]]
    dropped: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    dated: pd.DataFrame | None = None
