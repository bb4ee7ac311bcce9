"""The DVC pipeline: what a stage depends on is what decides its output, and adding an experiment is one line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
import yaml
from dvc.repo import Repo

from rojsat.config import compose, metric_names, pipeline
from rojsat.stages import compose as compose_stage
from tests.support import dvc_commands

ROOT = compose.ROOT

INDIFFERENT = {
    "rojsat.config": "reads experiments; what they say is in the file that `compose` wrote",
    "rojsat.tracking": "records in MLflow what others decide",
    "rojsat.serving": "code that MLflow packs beside a network",
    "rojsat.jobs": "where work is done and by how many at a time; the results are the same",
    "rojsat.stages._making": "whether a folder must be made; its stage writes what it holds",
    "rojsat.geo.account": "what raw data print of files that they took",
    "rojsat.geo.file_paths": "files that people name; the pipeline's data have none",
    "rojsat.geo.harvests": "harvests of registers; the pipeline's data have none",
    "rojsat.stages._recording": "what a training tells MLflow",
    "rojsat.stages._side_by_side": "which processes do the work; the results are the same",
    "rojsat.stages._search_runs": "what a search tells MLflow",
    "rojsat.stages._run_words": "what a run prints, and its description",
    "rojsat.stages._pictures": "pictures of epochs, which MLflow alone gets",
    "rojsat.stages.tune_figures": "figures of a search, which are no output of the pipeline",
    "rojsat.stages.figures": "figures of a search's best, likewise; the gallery depends on it",
}
"""Modules that decide no output of a stage that imports them, each with the reason."""

BY_NAME = {
    "raw": "rojsat.geo.sources.simulated",
    "masks": "rojsat.geo.labels.gps",
    "train": "rojsat.learn.models",
    "search": "rojsat.learn.models",
    "evaluate": "rojsat.learn.models",
}
"""Packages and modules that a stage finds by the names in an experiment, so that no import shows them."""


def stages():
    """The stages of `dvc.yaml` as it is written, templates not filled in."""
    content = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    return {name: stage.get("do", stage) for name, stage in content.items()}


STAGES = stages()


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("rojsat")


@pytest.fixture(scope="module")
def written_out():
    """The stages with the list of runs filled in."""
    return Repo(ROOT).stage.collect(str(ROOT / "dvc.yaml"))


def is_indifferent(module):
    return any(f"{module}.".startswith(f"{name}.") for name in INDIFFERENT)


def imported(graph, start):
    """Modules that a stage runs, up to those that are indifferent to its output."""
    modules, waiting = set(), [start]
    while waiting:
        module = waiting.pop()
        if module not in modules:
            modules.add(module)
            waiting += [name for name in graph.find_modules_directly_imported_by(module) if not is_indifferent(name)]
    return modules


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_the_code_that_it_runs(graph, name):
    starts = re.findall(r"-m (\S+)", str(STAGES[name]["cmd"]))
    starts += ["rojsat.stages.figures"] * (name == "gallery")
    if name in BY_NAME:
        starts += [module for module in graph.modules if f"{module}.".startswith(f"{BY_NAME[name]}.")]
    if name == "compose":
        starts.append("rojsat.config")  # that is what it writes out
    for module in sorted({module for start in starts for module in imported(graph, start)}):
        path = Path(*module.split("."))
        if not (ROOT / path).is_dir():
            covered = {f"{path}.py", *map(str, path.parents)} & set(STAGES[name]["deps"])
            assert covered, f"stage {name} runs {path}.py and does not depend on it"


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_the_versions_of_all_packages(name):
    assert "requirements.txt" in STAGES[name]["deps"]


@pytest.mark.parametrize("name", [name for name in STAGES if name not in ("compose", "compare")])
def test_a_stage_depends_on_experiments_as_they_are_composed_or_on_what_was_made_from_them(name):
    deps = STAGES[name]["deps"]
    assert any(path.startswith(("data/experiments", "data/processed", "reports/")) for path in deps)
    assert not any(path.startswith("experiments") for path in deps)


def test_every_file_that_a_stage_depends_on_is_there_or_made_and_nothing_depends_on_itself(written_out):
    outputs = [out.fs_path for stage in written_out for out in stage.outs]
    for stage in written_out:
        for dependency in (dep.fs_path for dep in stage.deps):
            makers = [
                out for out in outputs if f"{dependency}/".startswith(f"{out}/") or out.startswith(f"{dependency}/")
            ]
            assert makers or Path(dependency).exists(), f"{stage.addressing} depends on {dependency}"


def test_a_figure_trains_nothing_and_a_loss_cuts_nothing():
    drawing = {name for name, stage in STAGES.items() if "rojsat/figures" in stage["deps"]}
    assert drawing == {"inspect", "gallery", "edges", "compare", "page_data", "page"}
    assert {name for name, stage in STAGES.items() if "rojsat/learn" in stage["deps"]} == {
        "train",
        "search",
        "evaluate",
        "edges",
    }


def test_all_data_sets_are_inspected_and_those_of_runs_are_drawn():
    quick = pipeline.read("quick")
    drawn = {run.data for run in quick.runs.values()}
    for name, listed in (("inspect", set(quick.data)), ("gallery", drawn)):
        stage = STAGES[name]
        assert set(re.findall(r"data=(\w+)", str(stage["cmd"]))) == listed
        assert {path.split("/")[-1] for path in stage["outs"]} == listed
        assert {f"data/processed/{data}" for data in listed} <= set(stage["deps"])
    assert {evaluation.data for evaluation in quick.evaluations.values()} <= set(quick.data)


def test_no_stage_is_frozen_and_the_file_is_short():
    assert not [name for name, stage in STAGES.items() if stage.get("frozen")]
    assert len((ROOT / "dvc.yaml").read_text().splitlines()) < 180


def test_the_lock_is_small(written_out):
    entries = sum(len(stage.deps) + len(stage.outs) for stage in written_out)
    lock = ROOT / "dvc.lock"
    assert entries * 136 < 60_000  # bytes of an entry, measured
    assert not lock.exists() or lock.stat().st_size < 60_000


def test_the_makefile_has_no_pattern_rules():
    assert not re.findall(r"^[^\t#\n]*%[^\n]*:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_an_experiment_is_added_by_one_line(tmp_path):
    text = pipeline.FILE.read_text()
    line = "    unet_roi6: {words: exp=unet_roi6, data: simulated}\n"
    assert line in text
    added = text.replace(line, f"{line}    deeplab_roi6: {{words: exp=deeplab_roi6, data: simulated}}\n", 1)
    before, after = listed(tmp_path / "before", text), listed(tmp_path / "after", added)
    assert set(after) - set(before) == {"train@deeplab_roi6"}


def listed(folder, content):
    """The stages with `content` as the list of runs, in a folder of their own."""
    (folder / "experiments").mkdir(parents=True)
    (folder / "experiments" / "pipeline.yaml").write_text(content)
    shutil.copyfile(ROOT / "dvc.yaml", folder / "dvc.yaml")
    Repo.init(folder, no_scm=True).close()
    return [stage.name for stage in Repo(folder).stage.collect(str(folder / "dvc.yaml"))]


@pytest.fixture
def small(tmp_path):
    """A repository with the stage `compose` and trainings that only copy what they depend on."""
    for name in ("experiments", "rojsat/config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("rojsat/__init__.py", "rojsat/stages/__init__.py", "rojsat/stages/compose.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    runs = {name: {"words": f"exp={name}", "data": "simulated"} for name in ("unet_roi6", "resnet18_tci")}
    quick = {"data": ["simulated"], "runs": runs, "searches": {}, "edges": [], "leak": {}}
    (tmp_path / "experiments" / "pipeline.yaml").write_text(yaml.safe_dump({"quick": quick}))
    train = {
        "foreach": "${quick.runs}",
        "do": {
            "cmd": "cp data/experiments/${key}.yaml ${key}.txt",
            "deps": ["data/experiments/${key}.yaml"],
            "outs": ["${key}.txt"],
        },
    }
    composing = STAGES["compose"] | {"deps": ["experiments", "rojsat/config"]}
    content = {"vars": ["experiments/pipeline.yaml:quick"], "stages": {"compose": composing, "train": train}}
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump(content))
    (tmp_path / ".dvcignore").write_text((ROOT / ".dvcignore").read_text())
    call(tmp_path, "init", "--no-scm", "-q")
    call(tmp_path, "repro", "-q")
    return tmp_path


def call(folder, *words):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "PYTHONPATH": str(folder), "DVC_NO_ANALYTICS": "1"}
    return dvc_commands.call(folder, *words, environment=environment)


def changed_trainings(folder, name, old, new):
    """The trainings that run again after an edit of a file of `experiments/`."""
    path = folder / "experiments" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    call(folder, "repro", "compose")
    return set(re.findall(r"^(train@\w+):$", call(folder, "status"), re.MULTILINE))


@pytest.mark.slow
def test_a_comment_trains_nothing_again_and_a_value_trains_one_experiment_again(small):
    assert changed_trainings(small, "default.yaml", "seed: 0", "seed: 0 # of all") == set()
    assert changed_trainings(small, "resnet18_tci.yaml", "\ninputs:", "\nseed: 1\ninputs:") == {"train@resnet18_tci"}
    assert changed_trainings(small, "default.yaml", "images: true", "images: false") == {"train@resnet18_tci"}


def test_a_training_depends_on_which_metrics_its_report_holds(monkeypatch):
    before, name = dict(compose_stage.files(pipeline.read("quick"))), "unet_roi6"
    monkeypatch.setitem(metric_names.HEADLINE, "segmentation", ("iou",))
    after = dict(compose_stage.files(pipeline.read("quick")))
    changed = {key for key in before if before[key] != after[key]}
    assert name in changed
    assert "resnet18_tci" not in changed


def test_what_is_another_in_every_run_is_not_hashed():
    repo = Repo(ROOT)
    for name in ("quick/unet_roi6/run.json", "quick/unet_roi6/log.txt", "searches/resnet18_tci/run.json", "repro.log"):
        assert repo.dvcignore.is_ignored_file(str(ROOT / "reports" / name)), name
    assert repo.dvcignore.is_ignored_dir(str(ROOT / "reports/quick/unet_roi6-0a1b2c"))
    assert not repo.dvcignore.is_ignored_file(str(ROOT / "reports/quick/unet_roi6/summary.json"))


def ignored(paths):
    """Those of the paths that git ignores; -z: names with spaces and other letters than English ones as they are."""
    command = ["git", "-C", str(ROOT), "check-ignore", "--no-index", "-z", "--stdin"]
    process = subprocess.run(command, input="\0".join(paths), capture_output=True, text=True, check=False)
    return {path for path in process.stdout.split("\0") if path}


def test_git_ignores_what_dvc_keeps_and_dvc_adds_no_file_of_its_own(written_out):
    kept = {out.fs_path for stage in written_out for out in stage.outs if out.use_cache}
    assert ignored(kept) == kept
    small = {out.fs_path for stage in written_out for out in stage.outs if not out.use_cache}
    assert ignored(small) == set()


def test_continuous_integration_names_stages_and_runs_that_exist(written_out):
    script = (compose.ROOT / ".ci" / "run").read_text()
    goals, full = (re.search(rf'make {target} GOALS="([^"]+)"', script)[1].split() for target in ("repro", "full"))
    assert set(goals) <= {stage.addressing for stage in written_out}
    listed = pipeline.read("full")
    assert {word for word in full if "=" not in word} <= {*listed.runs, *listed.evaluations}
