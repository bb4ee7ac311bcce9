"""Numbers that the estimate starts from: assumptions with their source, unit costs with their benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
FILES = {"assumptions": FOLDER / "assumptions.yaml", "unit_costs": FOLDER / "unit_costs.yaml"}

NONE_AT_ALL = ("failure_days", "repair_minutes", "slow_share", "sigma", "months", "map_dates", "price_")
"""How quantities begin that may be 0: no failures, no maps, no price; without any of the others there is no country."""


@dataclass(frozen=True)
class Quantity:
    """One number.

    Attributes:
        name: its key.
        value: in `unit`.
        unit: words.
        source: where it comes from; of a unit cost, how it follows from what was measured.
        benchmark: the heading in docs/benchmarks.md under which it was measured; None: an assumption.
    """

    name: str
    value: float
    unit: str
    source: str
    benchmark: str | None = None


def load(kind: str) -> dict[str, Quantity]:
    """Quantities of a file, `assumptions` or `unit_costs`, by name."""
    rows: Mapping[str, Mapping[str, Any]] = yaml.safe_load(FILES[kind].read_text())
    return {name: Quantity(name, float(row["value"]), **_texts(row)) for name, row in rows.items()}


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(text) for key, text in row.items() if key != "value"}


def values(words: Sequence[str] = ()) -> dict[str, float]:
    """The values of all quantities, some replaced by words such as `tiles=60`.

    Raises:
        ValueError: if a word names no quantity, or its value is no number that it can have.
    """
    numbers = {name: quantity.value for kind in FILES for name, quantity in load(kind).items()}
    for word in words:
        name, _, text = word.partition("=")
        if name not in numbers:
            raise ValueError(f"there is no quantity {name!r}; there are {', '.join(sorted(numbers))}")
        try:
            numbers[name] = float(text)
        except ValueError:
            raise ValueError(f"{word}: a number is needed, such as {name}={numbers[name]:g}") from None
        if not 0 <= numbers[name] < float("inf") or (numbers[name] == 0 and not name.startswith(NONE_AT_ALL)):
            raise ValueError(f"{word}: it must be above 0" + " or 0" * name.startswith(NONE_AT_ALL))
    return numbers
