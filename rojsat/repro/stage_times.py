"""How long stages of the pipeline take: as they took here before, else as they took on another machine."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from rojsat.evaluation import report_files

FILE = Path("reports", "repro_seconds.json")
"""Seconds by stage, of the last time that it ran here; relative to the repository. No output of any stage."""

KINDS = {
    "compose": 8,
    "raw": 30,
    "masks": 10,
    "chips": 15,
    "inspect": 25,
    "train": 50,
    "evaluate": 130,
    "search": 110,
    "gallery": 45,
    "edges": 45,
    "compare": 15,
    "page_data": 25,
    "page": 30,
}
"""Seconds of a stage by its kind: means at size quick, two stages side by side on two cores (AMD EPYC)."""


def read(root: Path) -> dict[str, float]:
    """Seconds of stages that ran here before, by name."""
    path = root / FILE
    seconds: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    return seconds


def note(root: Path, name: str, seconds: float) -> None:
    """Keep how long a stage took."""
    (root / FILE).parent.mkdir(parents=True, exist_ok=True)
    report_files.write_json(root / FILE, read(root) | {name: round(seconds, 1)})


def expected(before: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """Seconds that stages will take, by name.

    Args:
        before: of `read`.
        names: of stages; one of a kind that is not listed takes as long as the shortest kind.
    """
    return {name: before.get(name, KINDS.get(name.partition("@")[0], min(KINDS.values()))) for name in names}


def source(before: Mapping[str, float], names: Iterable[str]) -> str:
    """Where the expected times come from, in words."""
    listed = list(names)
    known = sum(name in before for name in listed)
    if known == len(listed):
        return "by their last times here"
    return (
        f"by the last times here of {known}, typical times of the others" if known else "by typical times, on 2 cores"
    )
