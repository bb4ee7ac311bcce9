"""Which layer of a vector file is read."""

from pathlib import Path

import pyogrio

from rojsat.config import lookup


def choose(path: Path, chosen: str | None) -> str:
    """The layer to read: the chosen one, or the only one that has geometry.

    Raises:
        UnknownNameError: if the chosen one does not exist.
        ValueError: if none is chosen and several have geometry.
    """
    kinds = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    if chosen is not None:
        if chosen not in kinds:
            raise lookup.unknown("layer", chosen, list(kinds))
        return chosen
    spatial = [name for name, kind in kinds.items() if kind is not None]
    if len(spatial) > 1:
        counts = {name: pyogrio.read_info(path, layer=name)["features"] for name in spatial}
        listed = ", ".join(f"{name!r} ({count} features)" for name, count in counts.items())
        raise ValueError(
            f"it has the layers {listed}: name one by `layer: NAME` of this file in data.regions; to read several, "
            "list the file once for each"
        )
    return (spatial or list(kinds))[0]
