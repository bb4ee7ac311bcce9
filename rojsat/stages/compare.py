"""Put the test metrics of several experiments side by side, in `reports/comparison.json`, `.md` and `.png`.

Reports are called by name, at whatever size they lie; without any, the pipeline's own, those with a variant apart.
"""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from rojsat.config import command, compose, lookup, metric_names, pipeline
from rojsat.config.command import Command
from rojsat.evaluation import gain, report_files
from rojsat.figures import metric_bars

COMMAND = Command(
    "rojsat.stages.compare",
    __doc__,
    "unet_roi6 deeplab_roi6 file=segmenters",
    "[REPORT ...] [file=NAME]",
    {"file": "name of the files that are written: comparison"},
)

SIZE = "quick"
"""The size of the pipeline whose experiments without a variant are compared where no report is named."""


BESIDE = ("best without an image", "gain", "verdict")
"""Columns that say what the metrics are worth; see `rojsat.evaluation.gain`."""


def run(names: Sequence[str] = (), file: str = "comparison") -> None:
    """Compare reports.

    Args:
        names: of the reports; none: see `SIZE`.
        file: name of the files that are written, without ending.

    Raises:
        UnknownNameError: if there is no such report.
        ValueError: if there is no report at all.
    """
    reports = compose.ROOT / "reports"
    folders = report_files.folders(reports)
    for name in names:
        if name not in folders:
            raise lookup.unknown("report", name, folders)
    chosen = names or [name for name in pipeline.read(SIZE).experiments if name in folders]
    summaries = [report_files.read_summary(folders[name]) | {"name": name} for name in chosen]
    if not summaries:
        raise ValueError("no reports to compare; `python -m rojsat.run exp=NAME` makes one")
    report_files.write_json(reports / f"{file}.json", {summary["name"]: _numbers(summary) for summary in summaries})
    tables = [_table(task, summaries) for task in reversed(metric_names.HEADLINE)]
    (reports / f"{file}.md").write_text("\n\n".join(tables) + "\n")
    metric_bars.metric_bars(_frame(summaries)).savefig(reports / f"{file}.png")


def _numbers(summary: dict[str, Any]) -> dict[str, float]:
    """The test metrics of a report, with its gain over the best predictor without an image where it has one."""
    if "gain" not in summary:
        return summary["test"]
    beside = {"best_without_image": gain.best_of(summary)[1], "gain": summary["gain"].get("value", math.nan)}
    return summary["test"] | beside


def _frame(summaries: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row a report: experiment, task, leak, the first metric of its task, and that without an image."""
    rows = []
    for summary in summaries:
        name = metric_names.FEW[summary["task"]][0]
        values = [metrics[name] for metrics in summary.get("without_image", {}).values() if name in metrics]
        rows.append(
            {
                "experiment": summary["name"],
                "task": summary["task"],
                "leak": summary["leak"],
                "value": summary["test"].get(name, math.nan),
                "without_image": max(values, default=math.nan),
            }
        )
    return pd.DataFrame(rows)


def _table(task: str, summaries: Sequence[dict[str, Any]]) -> str:
    """A Markdown table of the reports of one task."""
    names = metric_names.HEADLINE[task] + metric_names.DETAILS[task]
    lines = [
        f"| {task} | channels | split | test regions | {' | '.join([*names, *BESIDE])} |",
        "|---" * (4 + len(names) + len(BESIDE)) + "|",
    ]
    for summary in summaries:
        if summary["task"] == task:
            regions = "also trained on" if summary["leak"] else "held out"
            values = [metric_names.cell(metric, summary["test"].get(metric, math.nan)) for metric in names]
            about = [summary["name"], summary["channels"], summary["split"], regions]
            lines.append(f"| {' | '.join([*about, *values, *_beside(summary)])} |")
    return "\n".join(lines)


def _beside(summary: dict[str, Any]) -> list[str]:
    """The cells of `BESIDE`; a report of before has none."""
    if "gain" not in summary:
        return ["n/a", "n/a", "n/a: train again"]
    compared, (predictor, value) = summary["gain"]["metric"], gain.best_of(summary)
    best = f"{predictor}: {metric_names.METRICS[compared].label} {metric_names.cell(compared, value)}"
    return [best, gain.uncertainty(summary).removeprefix("gain "), gain.verdict(summary)]


def main(words: list[str], dry: bool = False) -> None:
    """Compare the reports that a command line names; `dry=true` prints the names of all that there are."""
    names, values = command.split(words, COMMAND)
    if dry:
        print("\n".join(report_files.folders(compose.ROOT / "reports")))
        return
    run(names, **values)


if __name__ == "__main__":
    command.start(main, COMMAND)
