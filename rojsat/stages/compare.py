"""Put the test metrics of several experiments side by side: `reports/comparison.{json,md,png}`.

`python -m rojsat.stages.compare [NAME ...]`; without names, of every report there is.
"""

import json
import sys
from typing import Any

import pandas as pd

from rojsat import catalog, config, figures, results

HEADLINE = {"segmentation": "test.r2", "classification": "test.accuracy"}
"""The metric of a task that the figure shows."""

SHOWN = {
    "classification": ("accuracy", "f1_macro", "precision_need", "recall_need"),
    "segmentation": ("rmse", "mae", "r2", "spearman", "iou", "f1"),
}
"""The test metrics of a task that the table shows."""


def run(names: list[str]) -> None:
    """Write the comparison of the named reports."""
    reports = config.ROOT / "reports"
    there = sorted(path.parent.name for path in reports.glob("*/metrics.json"))
    for name in names:
        if name not in there:
            raise catalog.unknown("report", name, there)
    found = [json.loads((reports / name / "metrics.json").read_text()) | {"name": name} for name in names or there]
    if not found:
        raise ValueError("no reports to compare; `python -m rojsat.run exp=NAME` makes one")
    results.write_json(reports / "comparison.json", {one["name"]: one["test"] for one in found})
    (reports / "comparison.md").write_text("\n\n".join(_table(task, found) for task in SHOWN) + "\n")
    figures.comparison(_frame(found)).savefig(reports / "comparison.png")


def _frame(found: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a report: experiment, task, leak and the value of its task's headline metric."""
    rows = [
        {
            "experiment": one["name"],
            "task": one["task"],
            "leak": one["leak"],
            "value": one["test"][HEADLINE[one["task"]].removeprefix("test.")],
        }
        for one in found
    ]
    return pd.DataFrame(rows)


def _table(task: str, found: list[dict[str, Any]]) -> str:
    """A Markdown table of the reports of one task."""
    metrics = SHOWN[task]
    lines = [
        f"| {task} | channels | split | test sees | {' | '.join(metrics)} |",
        "|---" * (4 + len(metrics)) + "|",
    ]
    for one in found:
        if one["task"] == task:
            sees = "the same regions" if one["leak"] else "unseen regions"
            values = [f"{one['test'].get(metric, float('nan')):.3f}" for metric in metrics]
            lines.append(f"| {' | '.join([one['name'], one['channels'], one['split'], sees, *values])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        run(sys.argv[1:])
    except ValueError as error:
        print(f"rojsat.stages.compare: {error}", file=sys.stderr)
        sys.exit(2)
