"""The cloud masks of scenes: which they have, and which dates have none."""

from collections.abc import Sequence

from rojsat.geo.scenes.catalog import Scene

MASKS = ("SCL", "CSMASK")
"""Assets that tell clouds: the scene classification of L2A, and what `rojsat.geo.scenes.csmask` computes."""


def lacking(scenes: Sequence[Scene]) -> list[str]:
    """Dates of scenes without any cloud mask, sorted: clouds there count as clear ground."""
    return sorted({scene.date for scene in scenes if not any(mask in scene.assets for mask in MASKS)})


def words(scenes: Sequence[Scene]) -> str:
    """What masks there are, and the dates without one: `SCL on 4 dates, none on 1 (2023-07-23)`."""
    dates = {mask: {scene.date for scene in scenes if mask in scene.assets} for mask in MASKS}
    parts = [f"{mask} on {len(days)} date{'s' * (len(days) > 1)}" for mask, days in dates.items() if days]
    without = lacking(scenes)
    if without:
        parts.append(f"none on {len(without)} ({', '.join(without)}): clouds there count as clear ground")
    return ", ".join(parts)
