"""What there is to see of a data set, ready to be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rojsat.figures.object_maps import HeatHistogram, ObjectMap
from rojsat.figures.stands import Crop


@dataclass(frozen=True)
class DataSetView:
    """A data set before anything is trained.

    Attributes:
        target: what masks show, `degree of need`.
        scene_classes: pixels of every scene class: a row an overpass, a column a class value; no row without SCL.
        stand_counts: `(H, W)` number of stands on every pixel of the largest scene, by label.
        pixel: size of a pixel of that scene, metres.
        stand_examples: a few stands in their surroundings.
        heat: the histogram of what masks were made from.
        objects: all clearing objects by number, dropped ones too.
    """

    target: str
    scene_classes: pd.DataFrame
    stand_counts: Mapping[str, np.ndarray]
    pixel: float
    stand_examples: Sequence[Crop]
    heat: HeatHistogram
    objects: Sequence[ObjectMap]
