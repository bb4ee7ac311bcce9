"""What the study published: `published.yaml`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("published.yaml")


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return content


def study() -> str:
    """Author, title and date of the study."""
    return str(_content()["study"])


def classification_report(experiment: str) -> dict[str, dict[str, float]]:
    """Rows of the classification report of an experiment: clear, need, accuracy, macro, weighted."""
    return {row: scores for row, scores in _content()["classification"][experiment].items() if row != "where"}


def number(name: str) -> tuple[str, str]:
    """A number of the study as text, and where it stands in the study."""
    entry = _content()["numbers"][name]
    return entry["value"], entry["where"]
