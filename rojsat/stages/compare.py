"""Put the test metrics of several experiments side by side: `reports/comparison.{json,md,png}`.

`python -m rojsat.stages.compare [--name comparison] [REPORT ...]`; without reports, of all there are.
"""

import argparse
import sys
from typing import Any

import pandas as pd

from rojsat.config import compose, lookup, pipeline
from rojsat.evaluation import metrics, report_files
from rojsat.figures import metric_bars

HEADLINE = {"segmentation": "test.r2", "classification": "test.accuracy"}
"""The metric of a task that the figure shows."""

SHOWN = metrics.HEADLINE | {"classification": ("accuracy", "f1_macro", "precision_need", "recall_need")}
"""The test metrics of a task that the table shows."""


SIZE = "quick"
"""The size of the pipeline whose experiments without a variant are compared where no report is named."""


def run(names: list[str], file: str = "comparison") -> None:
    """Write the comparison of the reports `names` as `reports/<file>.json`, `.md` and `.png`; none: see `SIZE`."""
    reports = compose.ROOT / "reports"
    folders = report_files.folders(reports)
    for name in names:
        if name not in folders:
            raise lookup.unknown("report", name, folders)
    chosen = names or [name for name in pipeline.read(SIZE).experiments if name in folders]
    found = [report_files.read_summary(folders[name]) | {"name": name} for name in chosen]
    if not found:
        raise ValueError("no reports to compare; `python -m rojsat.run exp=NAME` makes one")
    report_files.write_json(reports / f"{file}.json", {one["name"]: one["test"] for one in found})
    (reports / f"{file}.md").write_text("\n\n".join(_table(task, found) for task in SHOWN) + "\n")
    metric_bars.metric_bars(_frame(found)).savefig(reports / f"{file}.png")


def _frame(found: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a report: experiment, task, leak and the value of its task's headline metric."""
    rows = [
        {
            "experiment": one["name"],
            "task": one["task"],
            "leak": one["leak"],
            "value": one["test"].get(HEADLINE[one["task"]].removeprefix("test."), float("nan")),
        }
        for one in found
    ]
    return pd.DataFrame(rows)


def _table(task: str, found: list[dict[str, Any]]) -> str:
    """A Markdown table of the reports of one task."""
    names = SHOWN[task]
    lines = [
        f"| {task} | channels | split | test sees | {' | '.join(names)} |",
        "|---" * (4 + len(names)) + "|",
    ]
    for one in found:
        if one["task"] == task:
            sees = "the same regions" if one["leak"] else "unseen regions"
            values = [f"{one['test'].get(metric, float('nan')):.3f}" for metric in names]
            lines.append(f"| {' | '.join([one['name'], one['channels'], one['split'], sees, *values])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="rojsat.stages.compare", description=__doc__)
    parser.add_argument("reports", nargs="*", help="folders of reports/")
    parser.add_argument("--name", default="comparison", help="of the files that are written")
    arguments = parser.parse_args()
    try:
        run(arguments.reports, arguments.name)
    except ValueError as error:
        print(f"rojsat.stages.compare: {error}", file=sys.stderr)
        sys.exit(2)
