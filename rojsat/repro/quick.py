"""Runs the stages of `dvc.yaml` side by side; DVC decides what has changed. Its lock is free while a command runs."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import networkx
from dvc.repo import Repo

from rojsat.config import lookup
from rojsat.repro import jobs
from rojsat.repro.jobs import Job

TABLE = "table"
"""The stage that prints the comparison with git, which counts as changed always."""

DVC = (sys.executable, "-m", "dvc", "--wait-for-lock")


def run(root: Path, goals: Sequence[str], workers: int, log: Path, *, dry: bool = False) -> None:
    """Make the stages `goals` and all that they need; without goals, all stages.

    Args:
        root: the repository.
        goals: names as in `dvc stage list`.
        workers: stages side by side.
        log: file for what DVC and the stages print.
        dry: print the stages that would be made, and make none.

    Raises:
        UnknownNameError: if there is no such stage.
        FailedJobError: if a stage failed.
    """
    graph = _graph(root)
    for goal in goals:
        if goal not in graph:
            raise lookup.unknown("stage", goal, graph)
    if dry:
        print("\n".join(job.name for job in _changed(root, graph, goals)))
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    composing = [_job(name) for name in graph if name == "compose"]
    jobs.run(composing, 1, log)  # decides what has changed of all others
    jobs.run(_changed(root, graph, goals), workers, log)
    jobs.run([Job("what dvc repro finds left", (*DVC, "repro", *goals))], 1, log)


def _graph(root: Path) -> networkx.DiGraph:
    """The stages in the order of `dvc.yaml`, each with an edge to those that it needs."""
    repo = Repo(str(root))
    graph = networkx.DiGraph()
    graph.add_nodes_from(stage.name for stage in repo.stage.collect(str(root / "dvc.yaml")))
    graph.add_edges_from((stage.name, needed.name) for stage, needed in repo.index.graph.edges)
    return graph


def _changed(root: Path, graph: networkx.DiGraph, goals: Sequence[str]) -> list[Job]:
    """The stages that have changed, and those that need one that has: what of the goals has to be made."""
    needed = {name for goal in goals for name in {goal} | networkx.descendants(graph, goal)} or set(graph)
    status = subprocess.run([*DVC, "status", "--json"], cwd=root, capture_output=True, text=True, check=True)
    changed = set(json.loads(status.stdout)) & set(graph) - {TABLE}
    affected = changed | {name for stage in changed for name in networkx.ancestors(graph, stage)}
    return [_job(name, frozenset(networkx.descendants(graph, name))) for name in graph if name in affected & needed]


def _job(name: str, after: frozenset[str] = frozenset()) -> Job:
    return Job(name, (*DVC, "repro", "--single-item", name), after)
