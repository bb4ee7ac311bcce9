"""Compares the metrics of the pipeline with those that git keeps: the same, or by how much not."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rojsat.config import command, compose
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

COMMAND = Command("rojsat.repro.differences", __doc__, "HEAD~1", "[COMMIT]")

FILES = "reports/quick"
"""The folder of the reports, relative to the repository; each has `metrics.json`."""

Metrics = Mapping[str, Mapping[str, float]]
"""Values by run and metric."""


def table(root: Path, revision: str = "HEAD") -> str:
    """The metrics of every run beside those of a commit, as text.

    Raises:
        ValueError: if git does not know the commit.
    """
    return text(_made(root), _committed(root, revision), revision)


def summary(root: Path, revision: str = "HEAD") -> str:
    """How many metrics are the same as in a commit, and which runs differ or have no partner, as text.

    Raises:
        ValueError: if git does not know the commit.
    """
    return "\n".join(_summary(_made(root), _committed(root, revision), revision))


def _made(root: Path) -> Metrics:
    """The metrics of the reports that are there; runs with overrides, whose names end in a hash, are not compared."""
    paths = sorted((root / FILES).glob("*/metrics.json"))
    return {path.parent.name: _flat(path.read_text()) for path in paths if "-" not in path.parent.name}


def _committed(root: Path, revision: str) -> Metrics:
    """The metrics of the reports that a commit holds."""
    names = _git(root, "ls-tree", "-r", "--name-only", revision, "--", FILES).splitlines()
    paths = [name for name in names if name.endswith("/metrics.json")]
    return {Path(path).parent.name: _flat(_git(root, "show", f"{revision}:{path}")) for path in paths}


def _git(root: Path, *words: str) -> str:
    process = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    if process.returncode:
        raise ValueError(f"git {' '.join(words)}: {process.stderr.strip()}")
    return process.stdout


def _flat(text: str) -> dict[str, float]:
    """The numbers of `metrics.json` by names with dots: `test.r2`."""
    content: dict[str, dict[str, Any]] = json.loads(text)
    return {f"{part}.{name}": float(value) for part, values in content.items() for name, value in values.items()}


def text(present: Metrics, committed: Metrics, revision: str) -> str:
    """One row a run and one column a metric, runs with the same metrics together; a summary below.

    Args:
        present: the metrics in the working tree.
        committed: what it is compared with.
        revision: what the commit is called.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in present:
        if name in committed:
            groups.setdefault(tuple(present[name]), []).append(name)
    tables = [_rows(metrics, names, present, committed) for metrics, names in groups.items()]
    return "\n\n".join([*tables, "\n".join(_summary(present, committed, revision))])


def _rows(metrics: tuple[str, ...], names: list[str], present: Metrics, committed: Metrics) -> str:
    """A table of the runs `names`, which all have these metrics."""
    rows = [["run", *metrics]]
    rows += [
        [name, *(_cell(present[name][metric], committed[name].get(metric)) for metric in metrics)] for name in names
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cell(value: float, before: float | None) -> str:
    """A value and `=`, or by how much it is larger than before."""
    if before is None:
        return f"{value:.4f} new"
    return f"{value:.4f} {'=' if value == before else f'{value - before:+.2g}'}"


def _summary(present: Metrics, committed: Metrics, revision: str) -> Iterator[str]:
    """How many metrics are the same, and which runs have no partner."""
    pairs = [
        (name, metric, value, committed[name].get(metric))
        for name in present
        if name in committed
        for metric, value in present[name].items()
    ]
    unlike = [name for name, _, value, before in pairs if value != before]
    yield f"{len(pairs) - len(unlike)} of {len(pairs)} metrics are the same as in {revision}"
    if unlike:
        yield f"others, behind each by how much it is larger: {', '.join(dict.fromkeys(unlike))}"
        yield "another kind of CPU adds in another order: its numbers differ, after many epochs in any digit"
    for words, names in (
        (f"not in {revision}", present.keys() - committed.keys()),
        ("not made here", committed.keys() - present.keys()),
    ):
        if names:
            yield f"{words}: {', '.join(sorted(names))}"


def main(words: list[str], dry: bool) -> None:  # noqa: ARG001 - it changes nothing
    """Print the table beside the commit that is named, the last one if none."""
    commits, _ = command.split(words, COMMAND)
    if len(commits) > 1:
        raise ConfigError(f"one commit at a time, not {len(commits)}: {', '.join(commits)}")
    print(table(compose.ROOT, *commits))


if __name__ == "__main__":
    command.start(main, COMMAND)
