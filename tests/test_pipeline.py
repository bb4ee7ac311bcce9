"""The DVC pipelines: what a stage depends on is what decides its output."""

import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
import yaml
from dvc.repo import Repo

from rojsat.config import compose
from rojsat.page import matrix
from rojsat.page.page_inputs import LONG_COMMAND, Study

PIPELINES = {"dvc.yaml": "quick", "paper/dvc.yaml": "full"}

LOADED = {
    "raw": ["rojsat.stages.raw", "rojsat.geo.sources.simulated"],
    "masks": ["rojsat.stages.masks", "rojsat.geo.labels.gps"],
    "chips": ["rojsat.stages.chips"],
    "inspect": ["rojsat.stages.inspect"],
    "train": ["rojsat.stages.train"],
    "search": ["rojsat.stages.tune"],
    "figures": ["rojsat.stages.figures"],
    "edges": ["rojsat.stages.edges"],
    "compare": ["rojsat.stages.compare"],
    "study_data": ["rojsat.stages.page_data"],
    "study": ["rojsat.stages.page"],
}
"""Modules that a stage runs, those by name too."""

DRAWN = ("inspect", "search", "figures", "compare", "study")
"""Stages whose modules import more than what decides their output: it is listed by hand."""

INDIFFERENT = {
    *("catalog", "variants", "command", "config", "keys", "provenance", "recipes", "results", "schema"),
    *("panels", "pictures", "recording", "served", "tracking"),
}
"""Modules that carry and record what others decide."""

BESIDE = {"chips": {"channels"}, "train": {"figures"}}
"""Modules that a stage imports and that decide nothing of its output: the reader of the store has channels, training
records pictures of its epochs."""


def stages(pipeline):
    found = yaml.safe_load((compose.ROOT / pipeline).read_text())["stages"]
    return {name: stage.get("do", stage) for name, stage in found.items()}


def dependencies(stage):
    return [one if isinstance(one, str) else next(iter(one)) for one in stage["deps"]]


def outputs(pipeline):
    """All that the pipeline makes, written out."""
    done = subprocess.run(
        [sys.executable, "-c", OUTPUTS, pipeline], cwd=compose.ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


OUTPUTS = """
import sys
from dvc.repo import Repo

for stage in Repo().stage.collect(sys.argv[1]):
    print(*(out.fs_path.removeprefix(Repo().root_dir + "/") for out in stage.outs))
"""


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("rojsat")


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("name", [name for name in LOADED if name not in DRAWN])
def test_a_stage_depends_on_the_code_that_it_runs(graph, pipeline, name):
    needed = {module for start in LOADED[name] for module in {start} | graph.find_upstream_modules(start)}
    listed = dependencies(stages(pipeline)[name])
    for module in sorted(needed):
        path = Path(*module.split("."))
        spared = INDIFFERENT | BESIDE.get(name, set())
        if (compose.ROOT / path).is_dir() or module.split(".")[1] in spared:
            continue
        covered = {f"{path}.py", *(str(parent) for parent in path.parents)} & set(listed)
        assert covered, f"{pipeline}: {name} runs {path}.py and does not depend on it"


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_every_file_that_a_stage_depends_on_is_there_or_made(pipeline):
    for stage in stages(pipeline).values():
        for path in dependencies(stage):
            if not path.startswith(("data/", "reports/")) and "${" not in path:
                assert (compose.ROOT / path).exists(), path


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_figure_trains_nothing_and_a_loss_cuts_nothing(pipeline):
    found = {name: dependencies(stage) for name, stage in stages(pipeline).items()}
    drawn = {name for name, deps in found.items() if any(dep.startswith("rojsat/figures") for dep in deps)}
    assert drawn == {"inspect", "figures", "edges", "compare", "study_data", "study"}
    bases = matrix.read(PIPELINES[pipeline]).base
    assert {name for name, deps in found.items() if "rojsat/learn" in deps} == {"train", "search", *bases}


@pytest.mark.parametrize(("pipeline", "size"), PIPELINES.items())
def test_the_pipeline_makes_what_the_page_needs(pipeline, size):
    needed, made = matrix.read(size), outputs(pipeline)
    words = [f"size={size}"]
    reports = [compose.report(compose.load(name, words)) for name in needed.experiments]
    changed = [(base, variant) for base in needed.base for variant in needed.variants]
    reports += [compose.report(compose.load(base, [*words, f"variant={variant}"])) for base, variant in changed]
    for report in reports:
        place = f"reports/{report.name}"
        assert {f"{place}/{name}" for name in ("history.csv", "predictions", "run.json", "summary.json")} <= made
    for name in needed.searches:
        assert f"reports/{compose.report(compose.load(name, words)).name}-tune" in made


def test_the_pipeline_makes_what_the_page_needs_of_long_trainings():
    made, long = outputs("dvc.yaml"), Study(matrix.OVERRIDES, matrix.LONG)
    listed = dependencies(stages("dvc.yaml")["study"])
    for report in (*map(long.report, long.matrix.experiments), *long.changed()):
        files = {f"reports/{report.name}/{name}" for name in ("history.csv", "run.json", "summary.json")}
        assert files <= made
        assert files <= set(listed)
    assert str(long.drawn.relative_to(compose.ROOT)) in made & set(listed)
    commands = stages("dvc.yaml")["study_long"]["cmd"]
    assert commands == [*(long.edges(name)[1] for name in long.matrix.edges), LONG_COMMAND]


def test_what_takes_hours_is_never_made_along_the_way():
    found = stages("dvc.yaml")
    assert {name for name, stage in found.items() if stage.get("frozen")} == {"long", "long_unet_roi6", "study_long"}


def test_make_long_runs_the_commands_of_the_frozen_stages():
    binaries = f"BIN={Path(sys.executable).parent}"
    words = ["make", "--dry-run", "--old-file=.venv/ready", binaries, "long"]
    said = subprocess.run(words, cwd=compose.ROOT, capture_output=True, text=True, check=True).stdout
    for stage in Repo(compose.ROOT).stage.collect("dvc.yaml"):
        if stage.frozen:
            for command in [stage.cmd] if isinstance(stage.cmd, str) else stage.cmd:
                assert f"/{command}\n" in said
            assert re.search(rf"dvc commit --force .*\b{stage.addressing}\b", said)


@pytest.mark.parametrize("size", PIPELINES.values())
def test_experiments_build_on_the_files_that_are_named_and_changes_take_the_data_that_are_named(size):
    needed = matrix.read(size)
    for name, parent in needed.experiments.items():
        lines = yaml.safe_load((compose.EXPERIMENTS / f"{name}.yaml").read_text())["defaults"]
        assert parent in lines and set(map(str, lines)) <= {parent, "_self_", "{'override task': 'classification'}"}
        assert compose.load(name, [f"size={size}"]).data.name == needed.data[0]
    for variant, data in needed.variants.items():
        assert compose.load(needed.base[0], [f"size={size}", f"variant={variant}"]).data.name == data
        assert data in needed.data
