"""Degrees of need as sources of labels find them, before they are masks on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1.0
"""Degree of a pixel that nobody labelled; nodata of the mask files."""


@dataclass(frozen=True)
class Labels:
    """The result of a source of labels.

    Attributes:
        masks: degree of each labelled region on its grid, (h, w) float32 in [0, 1], -1 where unknown; or heat, 0 or
            more, where the facts have the key `unscaled` (`rojsat.chips.degree_scale`).
        dropped: regions that cannot be used, and why.
        facts: numbers worth keeping (thresholds, counts, histograms), ready for JSON.
    """

    masks: Mapping[str, NDArray[np.float32]]
    dropped: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
