"""Runs the stages of `dvc.yaml` side by side; DVC decides what has changed. Its lock is free while a command runs."""

import json
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import networkx
from dvc.repo import Repo

from rojsat.config import lookup
from rojsat.repro import jobs, stage_results, stage_times
from rojsat.repro.jobs import Job, Outcome
from rojsat.repro.stage_lines import Progress, duration

TABLE = "table"
"""The stage that prints the comparison with git, which counts as changed always."""

PAGE = "page"
"""The stage that writes the page."""

DVC = (sys.executable, "-m", "dvc", "--wait-for-lock")

RAN = "Running stage"
"""What DVC prints of a stage that it runs, and not of one whose outputs lie in its cache."""


def run(root: Path, goals: Sequence[str], workers: int, log: Path, *, dry: bool = False) -> bool:
    """Make the stages `goals` and all that they need; without goals, all stages.

    Args:
        root: the repository.
        goals: names as in `dvc stage list`.
        workers: stages side by side.
        log: file for what DVC and the stages print.
        dry: print the stages that would be made, and make none.

    Returns:
        Whether the page of the study is one of them, and so is as new as they are.

    Raises:
        UnknownNameError: if there is no such stage.
        FailedJobError: if a stage failed.
    """
    graph = _graph(root)
    for goal in goals:
        if goal not in graph:
            raise lookup.unknown("stage", goal, graph)
    needed = {name for goal in goals for name in {goal} | networkx.descendants(graph, goal)} or set(graph)
    if dry:
        print("\n".join(job.name for job in _changed(graph, needed, log)))
        return PAGE in needed
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    print(f"What DVC and the stages print: {log}\nLooking for what has changed …", flush=True)
    _run_quietly([_job(name) for name in graph if name == "compose"], log)  # decides what has changed of all others
    _make(root, _changed(graph, needed, log), len(needed - {TABLE}), workers, log)
    _run_quietly([Job("what dvc repro finds left", (*DVC, "repro", *goals))], log)
    return PAGE in needed


def _make(root: Path, changed: Sequence[Job], count: int, workers: int, log: Path) -> None:
    """Make the stages that have changed, of `count` that are needed."""
    names, before = [job.name for job in changed], stage_times.read(root)
    expected = stage_times.expected(before, names)
    lines = Progress(jobs.after(changed), workers, expected=expected, describe=partial(stage_results.describe, root))
    ready = count - len(names)
    print(
        f"{count} stages: {ready} {'is' if ready == 1 else 'are'} up to date{_to_make(lines, before, names, workers)}",
        flush=True,
    )
    note = partial(_note, root)
    jobs.run(changed, workers, log, finished=note, progress=lines, advice=_advice, is_cached=_is_cached)


def _to_make(lines: Progress, before: dict[str, float], names: Sequence[str], workers: int) -> str:
    if not names:
        return ""
    left = duration(lines.left() or 0.0)
    beside = f", {workers} side by side" if workers > 1 else ""
    return f", {len(names)} to make{beside}: about {left} ({stage_times.source(before, names)})"


def _note(root: Path, outcome: Outcome) -> None:
    """Keep how long a stage took that ran; one whose outputs came from the cache tells nothing."""
    if not _is_cached(outcome):
        stage_times.note(root, outcome.job.name, outcome.seconds)


def _is_cached(outcome: Outcome) -> bool:
    return outcome.status == 0 and RAN not in outcome.output


def _advice(name: str) -> str:
    return (
        "When that is mended, the same command goes on: what is done is not made again. This stage alone:\n"
        f"  dvc repro --single-item {name}    (after `source .venv/bin/activate`)"
    )


def _run_quietly(listed: Sequence[Job], log: Path) -> list[str]:
    """Run jobs that have no line of their own unless they fail; what each of them printed."""
    outputs: list[str] = []
    lines = Progress(jobs.after(listed), 1, is_listed=False)
    jobs.run(
        listed,
        1,
        log,
        finished=lambda outcome: outputs.append(outcome.output),
        progress=lines,
        advice=_advice_of_dvc,
    )
    return outputs


def _advice_of_dvc(name: str) -> str:  # noqa: ARG001
    return "When that is mended, the same command goes on: what is done is not made again."


def _graph(root: Path) -> networkx.DiGraph:
    """The stages in the order of `dvc.yaml`, each with an edge to those that it needs."""
    repo = Repo(str(root))
    graph = networkx.DiGraph()
    graph.add_nodes_from(stage.name for stage in repo.stage.collect(str(root / "dvc.yaml")))
    graph.add_edges_from((stage.name, needed.name) for stage, needed in repo.index.graph.edges)
    return graph


def _changed(graph: networkx.DiGraph, needed: Iterable[str], log: Path) -> list[Job]:
    """The stages that have changed, and those that need one that has: what of the `needed` has to be made."""
    (output,) = _run_quietly([Job("dvc status", (*DVC, "status", "--json"))], log)
    status = next(line for line in reversed(output.splitlines()) if line.startswith("{"))  # warnings may stand before
    changed = set(json.loads(status)) & set(graph) - {TABLE}
    affected = changed | {name for stage in changed for name in networkx.ancestors(graph, stage)}
    return [
        _job(name, frozenset(networkx.descendants(graph, name))) for name in graph if name in affected & set(needed)
    ]


def _job(name: str, after: frozenset[str] = frozenset()) -> Job:
    return Job(name, (*DVC, "repro", "--single-item", name), after)
