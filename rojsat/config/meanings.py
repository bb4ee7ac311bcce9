"""What the keys of an experiment mean: the comments beside their values in `experiments/`, read for help."""

import re
from collections.abc import Iterator
from pathlib import Path

from rojsat.config import compose, decides

FILES = {
    "default": "",
    "task/segmentation": "",
    "size/quick": "",
    "chips/default": "data.chips.",
    "data/simulated": "data.",
}
"""The files whose comments say what keys mean, and where their keys stand in an experiment; the first one counts."""

_KEY = re.compile(r"(?P<indent> *)(?P<key>\w+):(?P<value>[^#]*)(?:# (?P<comment>.*))?")
_ABOUT = re.compile(r"(?P<indent> *)# (?P<key>\w+), (?P<comment>.*)")
"""A comment on a line of its own, about a key that another file sets."""


def of(*beginnings: str) -> dict[str, str]:
    """The meanings of the keys of the schema that begin so, in that order; those without a comment are left out."""
    meanings: dict[str, str] = {}
    for name, package in FILES.items():
        for key, comment in _comments(compose.EXPERIMENTS / f"{name}.yaml", package):
            meanings.setdefault(key, comment)
    return {
        key: meanings[key] for start in beginnings for key in meanings if key == start or key.startswith(f"{start}.")
    }


def _comments(path: Path, package: str) -> Iterator[tuple[str, str]]:
    """Keys with their comments, each on one line; a comment that is deeper than its key goes on."""
    known = decides.table()
    levels: list[tuple[int, str]] = []
    key, comment = "", ""
    for line in path.read_text().splitlines():
        indent = len(line) - len(line.lstrip())
        if comment and line.lstrip().startswith("# ") and indent > levels[-1][0]:
            comment += f" {line.strip(' #')}"
            continue
        if comment and key in known:
            yield key, comment
        comment = ""
        if match := _KEY.fullmatch(line):
            levels = [*(level for level in levels if level[0] < indent), (indent, match["key"])]
            key, comment = package + ".".join(name for _, name in levels), match["comment"] or ""
        elif match := _ABOUT.fullmatch(line):
            levels = [*(level for level in levels if level[0] < indent), (indent, match["key"])]
            key, comment = package + ".".join(name for _, name in levels), match["comment"]
    if comment and key in known:
        yield key, comment
