"""What others published on the need for tending, beside own numbers: `published_needs.yaml`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_suffix(".yaml")


@cache
def studies() -> dict[str, Any]:
    """The studies by name: `who`, `where`, `sensor`, `labels`, `stands` and `results`."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def sentences() -> list[str]:
    """One sentence a study: its best and other results, its sensor and labels, and that they are of other forests."""
    return [
        f"For comparison, {study['who']} ({study['sensor']}, labels: {study['labels']}, {study['stands']} stands of "
        f"another forest): {'; '.join(map(_result, study['results']))}."
        for study in studies().values()
    ]


def _result(result: dict[str, Any]) -> str:
    kappa = f", kappa {result['kappa']}" if "kappa" in result else ""
    return f"{result['model']} accuracy {result['accuracy']}{kappa}"
