"""What comes of each mistake: a row a case, on the screen, as JSON and as CSV."""

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench import tables
from bench.silent_errors import modules, trials

SHOWN = ("case", "mistake", "rojsat", "by hand")
"""Columns of the table on the screen."""


def run(names: Sequence[str]) -> list[dict[str, Any]]:
    """Try cases, each in an empty folder of its own, and print each as it is done."""
    rows = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="silent-errors-") as folder:
            row = trials.attempt(trials.CASES[name], Path(folder))
        print(f"{name}: {row['rojsat']}; by hand: {row['by hand']}", file=sys.stderr, flush=True)
        rows.append(row)
    return rows


def counts(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """How often each outcome came, for both."""
    ways = {way: Counter(row[way] for row in rows) for way in ("rojsat", "by hand")}
    return [{"outcome": outcome, **{way: count[outcome] for way, count in ways.items()}} for outcome in trials.OUTCOMES]


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The two tables as docs/reliability.md has them."""
    lines = ["| outcome | rojsat | by hand |", "|---|---|---|"]
    lines += [f"| {row['outcome']} | {row['rojsat']} | {row['by hand']} |" for row in counts(rows)]
    lines += ["", "| mistake | rojsat | by hand |", "|---|---|---|"]
    lines += [f"| {row['mistake']} (`{row['case']}`) | {row['rojsat']} | {row['by hand']} |" for row in rows]
    return "\n".join(lines) + "\n"


def main(words: Sequence[str] = ()) -> None:
    """Try the cases that are named, all if none is."""
    modules.load()
    if "list" in words:
        tables.show(
            "cases", [{"case": each.name, "kind": each.kind, "mistake": each.mistake} for each in trials.CASES.values()]
        )
        return
    chosen = [word for word in words if word in trials.CASES]
    folder = next((Path(word) for word in words if word not in trials.CASES), Path("reports/bench"))
    rows = run(chosen or list(trials.CASES))
    tables.show("what came of each mistake", [{key: row[key] for key in SHOWN} for row in rows])
    tables.show("counts", counts(rows))
    tables.write(folder / "silent_errors.json", {"counts": counts(rows), "cases": rows})
    pd.DataFrame(rows).to_csv(folder / "silent_errors.csv", index=False)
    (folder / "silent_errors.md").write_text(markdown(rows))
