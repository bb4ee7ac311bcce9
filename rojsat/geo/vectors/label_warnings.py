"""What of a data set's labels hinders training, in sentences: rare classes, contradictions, repeated outlines."""

import geopandas as gpd
import pandas as pd

from rojsat.chips import roles, stand_parts
from rojsat.geo.vectors import contradictions, repeated_outlines


def sentences(regions: gpd.GeoDataFrame, index: pd.DataFrame) -> list[str]:
    """The sentences; none where nothing hinders.

    Args:
        regions: of the data set.
        index: of its chip store.
    """
    contradicting = contradictions.find(regions)
    twice = repeated_outlines.find(regions)
    words = [contradictions.warning(contradicting)] * bool(contradicting) + [repeated_outlines.warning(twice)] * bool(
        twice
    )
    return [*_rare(index), *(f"{sentence[0].upper()}{sentence[1:]}." for sentence in words)]


def _rare(index: pd.DataFrame) -> list[str]:
    """Whether a class has too few stands for all parts of a split."""
    index = stand_parts.together(index)
    stands = index[(index["role"] == roles.STAND) & index["label"].isin(roles.CLASSES)]
    counts = {label: stands.loc[stands["label"] == label, "region"].nunique() for label in roles.CLASSES}
    rarest, most = sorted(roles.CLASSES, key=lambda label: counts[label])
    if not counts[most] or counts[rarest] >= len(roles.PARTS):
        return []
    if not counts[rarest]:
        return [
            f"No stand with chips is labelled {rarest}, and {counts[most]} {most}: there is nothing to tell apart, and "
            f"classification is refused until data.regions has stands labelled {rarest}."
        ]
    return [
        f"Stands with chips labelled {rarest}: only {counts[rarest]} (and {counts[most]} {most}); a split by regions "
        f"needs {len(roles.PARTS)} of each, for training, validation and test."
    ]
