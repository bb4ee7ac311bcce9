"""Compare evaluations over folds: tables, a page and an MLflow run. Behind `python -m rojsat.compare`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rojsat.config import compose, provenance, variants
from rojsat.evaluation import (
    comparison_tables,
    denied_labels,
    error_groups,
    evaluation_block,
    kept_evaluations,
    label_borders,
    leak,
    paired_differences,
    report_files,
    same_samples,
)
from rojsat.evaluation.kept_evaluations import KeptEvaluation
from rojsat.page import comparison_page, html
from rojsat.stages import _run_words
from rojsat.tracking import recorder
from rojsat.tracking.links import Run

SHOWN = 10
"""Rows of a table that a terminal shows; the page has all."""

LEAK = "leak.json"
"""File of a comparison of one experiment by two splits: its leak alone, see `rojsat.evaluation.leak`."""

LONGEST = 120
"""Characters of a folder's name; a longer one ends in a hash."""


def check(evaluations: Sequence[KeptEvaluation], *, allow_different: bool) -> None:
    """Refuse what cannot be compared.

    Raises:
        ValueError: fewer than two, tasks that differ, or, unless allowed, data or splits that differ, but for one
            experiment by two splits, whose leak is shown; or the samples that both tested cannot be chosen.
    """
    if len({evaluation.name for evaluation in evaluations}) < 2:
        raise ValueError("a comparison needs two evaluations or more: exp=a,b")
    first = evaluations[0]
    alike = [other for other in evaluations if not kept_evaluations.unlike(first, other)]
    for other in evaluations[1:]:
        if first.task != other.task:
            raise ValueError(f"{first.name} is a {first.task}, {other.name} a {other.task}: they share no metric")
        unlike = kept_evaluations.unlike(first, other)
        sides = [each for each in alike if leak.is_pair(each, other)]
        if unlike and not allow_different and not sides:
            raise ValueError(
                f"{first.name} and {other.name} do not have the same {' and '.join(unlike)} "
                f"({', '.join(_about(each) for each in (first, other))}): evaluate both with the same folds on "
                "the same chips, or compare them with allow_different=true, which marks it. One experiment split by "
                "dates and by regions can be compared as it is: that is its leak"
            )
        if not allow_different:
            for each in sides:
                same_samples.check(each, other)


def _about(evaluation: KeptEvaluation) -> str:
    content = evaluation.content
    digests = ", ".join(
        f"{key.partition('_')[0]} {str(content.get(key))[:8]}" for key in ("data_digest", "split_digest")
    )
    return f"{content['data']} by {content['folds']}: {digests}"


def folder(evaluations: Sequence[KeptEvaluation]) -> Path:
    """The folder of what a comparison leaves."""
    name = "_vs_".join(str(evaluation.content["name"]) for evaluation in evaluations)
    if len(name) > LONGEST:
        name = f"{name[:LONGEST]}-{provenance.text_digest(name)[:6]}"
    return compose.ROOT / "reports" / "comparisons" / name


def run(evaluations: Sequence[KeptEvaluation], words: str, *, allow_different: bool = False) -> Path:
    """Compare evaluations, print what comes of it, leave page and JSON, record both in MLflow.

    Args:
        evaluations: at least two.
        words: the command that asks for it.
        allow_different: whether data and splits may differ; it is marked then.

    Returns:
        the folder of page and JSON.
    """
    check(evaluations, allow_different=allow_different)
    called = kept_evaluations.labelled(evaluations)
    content = paired_differences.content(called) | {
        "groups": error_groups.content(called),
        "label_borders": label_borders.content(called),
        "denied": denied_labels.content(called),
        "without_predictions": [evaluation.name for evaluation in called if not evaluation.reports],
        "allow_different": allow_different,
    }
    page = html.render(comparison_page.page(content, words))
    target = folder(evaluations)
    target.mkdir(parents=True, exist_ok=True)
    report_files.write_text(target / "comparison.html", page)
    report_files.write_json(target / "comparison.json", content)
    if content["leaks"]:
        report_files.write_json(target / LEAK, {"leaks": content["leaks"]})
    for table in comparison_tables.tables(content)[3:]:
        print("\n".join([*table.lines(SHOWN), ""]))
    for each, table in zip(content["leaks"], comparison_tables.leaks(content), strict=True):
        print("\n".join([*table.lines(), "", f"The leak: {each['words']}", ""]))
    block = evaluation_block.compared(
        content,
        [*comparison_page.marks(content), *content["unknown_leaks"]],
        page=str((target / "comparison.html").relative_to(compose.ROOT)),
        then=next_command(evaluations, content),
    )
    recorded = _record(evaluations, content, target, block)
    print("\n".join([block, _run_words.where(recorded)]))
    return target


def next_command(evaluations: Sequence[KeptEvaluation], content: Mapping[str, Any]) -> str:
    """What helps most after a comparison: more seeds where it is undecided; nothing where it is decided."""
    decides = content["metrics"][0]
    if all(each["is_better"] is not None for each in content["differences"] if each["metric"] == decides):
        return ""
    first = evaluations[0].content
    seeds = ",".join(str(seed) for seed in range(len(first["seeds"]) + 2))
    chosen = [f"variant={first['variant']}"] if variants.names(first.get("variant", variants.NO_VARIANT)) else []
    words = [f"exp={first['exp']}", *chosen, f"data={first['data']}", f"folds={first['folds']}", f"seeds={seeds}"]
    return " ".join(["rojsat evaluate", *words])


def _record(evaluations: Sequence[KeptEvaluation], content: Mapping[str, Any], target: Path, block: str) -> Run:
    """Record the comparison as an MLflow run beside those of the first evaluation; its description is the block."""
    first = evaluations[0].content
    tags = {"stage": "compare", "data": first["data"], "unlike": ", ".join(content["unlike"]) or "nothing"}
    names = {f"evaluation {number}": name for number, name in enumerate(content["values"], 1)}
    run = recorder.start(first["task"], f"compare {', '.join(names.values())}"[:250], tags, names)
    recorder.log_metrics(run, points(content))
    recorder.tag(run, {"mlflow.note.content": _run_words.fenced(block)})
    for name in ("comparison.html", "comparison.json", *([LEAK] if content["leaks"] else [])):
        recorder.log_text(run, (target / name).read_text(), f"comparison/{name}")
    recorder.finish(run)
    return run


def points(content: Mapping[str, Any]) -> dict[str, float]:
    """Metrics of an MLflow run: `<evaluation>/r2`, `_low`, `_high`; of a pair likewise `<first> over <second>/r2`."""
    values: dict[str, float] = {}
    for name, metrics in content["values"].items():
        for metric in content["metrics"]:
            values |= _ends(f"{name}/{metric}", metrics[metric])
    for each in content["differences"]:
        values |= _ends(f"{each['first']} over {each['second']}/{each['metric']}", each)
    for each in content["leaks"]:
        for metric, estimate in each["difference"].items():
            values |= _ends(f"leak of {each['exp']}/{metric}", estimate)
    return values


def _ends(name: str, estimate: Mapping[str, Any]) -> dict[str, float]:
    ends = {"": "value", "_low": "low", "_high": "high"}
    return {f"{name}{suffix}": float(estimate.get(key, math.nan)) for suffix, key in ends.items()}
