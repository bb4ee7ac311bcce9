"""Every command that a document names works: it is run dry, parsed by its tool, or its parts are looked for."""

import importlib.util
import re
import runpy
import shlex
import signal
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from dvc.cli import DvcParserError, parse_args

from rojsat.config import compose
from rojsat.page import contents
from rojsat.repro import quick

ROOT = compose.ROOT
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "data" / "README.md",
    ROOT / "results" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]

PLACEHOLDERS = {
    r"\bdata=(?:NAME|mine)\b": "data=simulated",
    r"\bexp=(?:NAME,NAME|RUN,RUN)": "exp=unet_k_fold_regions,unet_box_k_fold_regions",
    r"\bexp=(?:NAME|EXP)\b": "exp=unet_roi6",
    r"--finland [^\s`]+": "--finland stands.gpkg",
    r"\bNAME (?=--finland)": "mine ",
    r"\bFOLDER\b": "docs",  # one that is there
    r"\$STORAGE\b": "sqlite:////tmp/study.db",
    r"\[COMMIT\]|[ ]…(?=[\s`]|$)": "",
    r"https?://…": "https://storage.example.org",
}
"""What stands in a document for a name of the reader's, and a name that exists."""

NEEDS_RESULTS = re.compile(
    r"no evaluation|no (?:finished )?run|No such file or directory: '\S*/reports/|do not exist; run"
    r"|/tmp/folder is no folder|report '\w+' does not exist|no registered model has a champion|NAME_OF_THE_NEW_FOLDER"
    r"|holds no scenes, no outlines and no GPS points|is no champion yet"
    r"|evaluate.model=\S+ does not exist|has no model at|has no predictions of part=|area=\S+ does not exist"
    r"|should be a file of Finnish stands"
    r"|no column 'municipality' of the regions is kept|lies beyond the map sheets of Finland"
    r"|s3://bucket at AWS: there are no credentials|data.root=\S+: there is no such folder"
    r"|model \(a run's report.*does not exist|these chips know of none"
)
"""What a command says of results or files that a clone does not have: its words are right."""


def spans(text):
    """Pieces of a document that may be commands: whether each must be one, and its text."""
    for language, block in re.findall(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield language == "sh", line.strip()
    prose = re.sub(r"^[ ]*```.*?^[ ]*```", "", text, flags=re.MULTILINE | re.DOTALL)
    for span in re.findall(r"`([^`]+)`", prose):
        yield False, " ".join(span.split())


def commands(text):
    """Words of every command in a document; all lines of shell blocks, else what begins like one."""
    for pattern, name in PLACEHOLDERS.items():
        text = re.sub(pattern, name, text)
    for must_be_one, line in spans(text):
        is_one = must_be_one or line.split(" ")[0] in CHECKS
        for command in re.split(r"\s(?:&&|\|)\s", re.sub(r"(?:^|\s)#.*", "", line)) if is_one else ():
            if command.strip():
                yield tuple(shlex.split(command))


def listed():
    return list(dict.fromkeys(words for document in DOCUMENTS for words in commands(document.read_text())))


def check(words):
    assert words[0] in CHECKS, f"{' '.join(words)} is in no known class of commands: give it a check"
    CHECKS[words[0]](words[1:])


def run_dry(module, words):
    """Run a module of rojsat in this process, with `dry=true`, or `--help` where it has no words."""
    assert importlib.util.find_spec(module), module
    sys.argv = [module, *words, *(["dry=true"] if words else ["--help"])]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


@pytest.fixture
def process(monkeypatch, capsys):
    """A process whose arguments, signals and stages are its own; what a command prints is read and forgotten."""
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(quick, "_changed", lambda graph, needed, log: [])  # DVC hashes all data for that
    monkeypatch.setattr(contents, "needs", lambda inputs: [])  # composes all experiments of the page
    monkeypatch.chdir(ROOT)
    handler = signal.getsignal(signal.SIGTERM)
    yield capsys
    signal.signal(signal.SIGTERM, handler)


def python(words):
    assert words[0] == "-m", words
    if words[1].partition(".")[0] == "bench":
        assert importlib.util.find_spec(words[1]), words[1]
    else:
        run_dry(words[1], [word for word in words[2:] if word not in ("dry=true", "--help")])


def rojsat(words):
    sys.argv = ["rojsat", *words, *(["dry=true"] if len(words) > 1 else ["--help"])]
    runpy.run_module("rojsat", run_name="__main__", alter_sys=True)


def make(words):
    process = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    for line in process.stdout.splitlines():
        called = re.search(r"/python -m (rojsat[\w.]*) ?(.*)$", line)
        if called and called[2]:
            run_dry(called[1], [word for word in shlex.split(called[2]) if word != "dry=true"])


DVC = ("dag", "push", "pull", "remote", "repro", "status")
"""Commands of DVC that do here what a reader expects; others (`plots show`, `metrics diff`) need the internet or show
nothing, and are not documented."""


def dvc(words):
    assert words[0] in DVC, words
    parse_args(list(words))


def mlflow(words):
    from mlflow.cli import cli

    name, *rest = words
    cli.commands[name].make_context(name, rest)


def dask(words):
    (command,) = entry_points(group="dask_cli", name=words[0])
    command.load().make_context(words[0], list(words[1:]))


def named(*parts):
    """A check that only looks whether the parts that a command needs exist."""

    def look(words):
        assert [part for part in parts if not (ROOT / part).exists()] == []

    return look


CHECKS = {
    "python": python,
    "rojsat": rojsat,
    "make": make,
    "dvc": dvc,
    "mlflow": mlflow,
    "dask": dask,
    "docker": named("Dockerfile", ".dockerignore"),
    "git": named(),  # of a clone: another machine
    "cd": named(),
    "export": named(),
    "source": named("Makefile"),  # of the environment that `make env` makes
    ".": named("Makefile"),
}
"""What checks a command, by its first word."""


@pytest.mark.slow
@pytest.mark.parametrize("words", listed(), ids=" ".join)
def test_a_documented_command_works(words, process, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)  # MLflow leaves that of the last test
    try:
        check(words)
    except SystemExit as error:
        message = process.readouterr().err
        assert not error.code or NEEDS_RESULTS.search(message), message


@pytest.mark.parametrize(
    "text",
    [
        "```sh\npython -m rojsat.run exp=unet_roi66\n```",
        "`python -m rojsat.run exp=unet_roi6 train.epoch=3`",
        "```sh\nmake reproduce\n```",
        '`make full GOALS="unet_roi66"`',
        "`dvc plots show`",
        "`dvc pull --from-everywhere`",
        "```sh\nfrobnicate --all\n```",
    ],
)
def test_a_command_that_does_not_work_is_noticed(text, process):
    (words,) = commands(text)
    with pytest.raises((AssertionError, SystemExit, DvcParserError)):
        check(words)
