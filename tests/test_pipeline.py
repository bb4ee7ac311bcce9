"""The DVC pipelines: what a stage depends on is what decides its output."""

from pathlib import Path

import grimp
import pytest
import yaml

from rojsat import config

PIPELINES = ("dvc.yaml", "paper/dvc.yaml")

LOADED = {
    "raw": ["rojsat.stages.raw", "rojsat.geo.sources.simulated"],
    "masks": ["rojsat.stages.masks", "rojsat.geo.labels.gps"],
    "chips": ["rojsat.stages.chips"],
    "train": ["rojsat.stages.train"],
    "figures": ["rojsat.stages.figures"],
    "compare": ["rojsat.stages.compare"],
}
"""Modules that a stage runs, those by name too."""

INDIFFERENT = {
    *("catalog", "config", "keys", "provenance", "recipes", "results", "schema"),
    *("panels", "pictures", "recording", "served", "tracking"),
}
"""Modules that carry and record what others decide."""

BESIDE = {"chips": {"channels"}, "train": {"figures"}}
"""Modules that a stage imports and that decide nothing of its output: the reader of the store has channels, training
records pictures of its epochs."""


def stages(pipeline):
    return yaml.safe_load((config.ROOT / pipeline).read_text())["stages"]


def dependencies(stage):
    return [one if isinstance(one, str) else next(iter(one)) for one in stage["deps"]]


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("rojsat")


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("name", ["raw", "masks", "chips", "train"])
def test_a_stage_depends_on_the_code_that_it_runs(graph, pipeline, name):
    needed = {module for start in LOADED[name] for module in {start} | graph.find_upstream_modules(start)}
    listed = dependencies(stages(pipeline)[name])
    for module in sorted(needed):
        path = Path(*module.split("."))
        spared = INDIFFERENT | BESIDE.get(name, set())
        if (config.ROOT / path).is_dir() or module.split(".")[1] in spared:
            continue
        covered = {f"{path}.py", *(str(parent) for parent in path.parents)} & set(listed)
        assert covered, f"{pipeline}: {name} runs {path}.py and does not depend on it"


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_every_file_that_a_stage_depends_on_is_there_or_made(pipeline):
    for stage in stages(pipeline).values():
        for path in dependencies(stage):
            if not path.startswith(("data/", "reports/")) and "${" not in path:
                assert (config.ROOT / path).exists(), path


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_figure_trains_nothing_and_a_loss_cuts_nothing(pipeline):
    found = {name: dependencies(stage) for name, stage in stages(pipeline).items()}
    drawn = [name for name, deps in found.items() if any(dep.startswith("rojsat/figures/") for dep in deps)]
    assert drawn == ["inspect", "figures", "compare"]
    assert [name for name, deps in found.items() if "rojsat/learn" in deps] == ["train"]


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_every_experiment_of_a_pipeline_exists(pipeline):
    named = yaml.safe_load((config.ROOT / pipeline).read_text())["vars"][0]["experiments"]
    assert set(named) <= set(config.names())
