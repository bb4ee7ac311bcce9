"""What the study published: `published.yaml`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("published.yaml")


@cache
def _all() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return content


def study() -> str:
    """Author, title and date of the study."""
    return str(_all()["study"])


def report(experiment: str) -> dict[str, dict[str, float]]:
    """Rows of the classification report of an experiment: clear, need, accuracy, macro, weighted."""
    rows: dict[str, dict[str, float]] = {k: v for k, v in _all()["classification"][experiment].items() if k != "place"}
    return rows


def number(name: str) -> tuple[str, str]:
    """A number of the study as text, and the place in the study where it stands."""
    found = _all()["numbers"][name]
    return found["value"], found["place"]
