import configparser
import importlib
import re
import subprocess
import sys

import pytest

from rojsat import __main__ as entry
from rojsat.config import compose, decides, dispatch, meanings, plain_words

HEAVY = ("torch", "mlflow", "optuna", "pandas", "matplotlib", "geopandas")


@pytest.fixture
def rojsat(monkeypatch, capsys):
    """Give words to the one command in this process: exit status, output, errors."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["/somewhere/bin/rojsat", *words])
        status = 0
        try:
            entry.main()
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return call


def test_the_console_script_is_declared():
    parser = configparser.ConfigParser()
    parser.read(compose.ROOT / "setup.cfg")
    name, _, target = parser["options.entry_points"]["console_scripts"].strip().partition(" = ")
    module, _, function = target.partition(":")
    assert name == dispatch.NAME
    assert getattr(importlib.import_module(module), function) is entry.main


def test_alone_it_lists_every_command_with_a_line(rojsat):
    status, printed, _ = rojsat()
    assert (status, printed) == rojsat("--help")[:2]
    lines = [line for line in printed.splitlines() if line.startswith("  ")]
    assert [re.split(" {2,}", line.strip())[0] for line in lines] == list(entry.COMMANDS)
    for line, module in zip(lines, entry.COMMANDS.values(), strict=True):
        assert line.endswith(importlib.import_module(module).__doc__.splitlines()[0])


@pytest.mark.parametrize("name", entry.COMMANDS)
def test_every_command_has_help_with_two_examples(rojsat, name):
    status, printed, _ = rojsat(*name.split(), "--help")
    assert status == 0
    assert printed.startswith(f"rojsat {name} ")
    assert printed.count(f"Example: rojsat {name}") == 2


@pytest.mark.parametrize("name, key", [("tune", "tune.trials"), ("evaluate", "evaluate.jobs"), ("run", "train.epochs")])
def test_help_shows_keys_with_the_comments_of_the_files(rojsat, name, key):
    (comment,) = meanings.of(key).values()
    assert comment in (compose.EXPERIMENTS / "default.yaml").read_text()
    assert any(line.split() == [f"{key}=", *comment.split()] for line in rojsat(name, "--help")[1].splitlines())


def test_every_key_that_help_shows_has_a_meaning():
    for module in map(importlib.import_module, entry.COMMANDS.values()):
        assert [start for start in module.COMMAND.shows if not meanings.of(start)] == []


def test_meanings_are_of_keys_and_a_comment_may_have_several_lines():
    every = meanings.of(*{key.partition(".")[0] for key in decides.table()})
    assert set(every) <= set(decides.table())
    assert every["inputs.negatives"].endswith("120 m off val, test and control areas")
    assert every["inputs.window"].endswith("less one")
    assert every["inputs.windows_per_chip"].startswith("of each training chip")


def test_no_help_and_no_mistake_imports_anything_heavy():
    code = f"""
import sys
from rojsat import __main__ as entry
for words in ([], *([*name.split(), "--help"] for name in entry.COMMANDS), ["tune", "exp=unet_ro6"], ["sync", "x"]):
    sys.argv = ["rojsat", *words]
    try:
        entry.main()
    except SystemExit as end:
        assert end.code == 2, words
print([name for name in {HEAVY} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words, instead",
    [
        (["deeplab_roi6"], "deeplab_roi6 is an experiment, no command: write exp=deeplab_roi6"),
        (["run", "deeplab_roi6"], "write exp=deeplab_roi6, not deeplab_roi6 alone"),
        (["run", "exp=unet_roi6", "iou"], "write variant=iou"),
        (["objects_9"], "`rojsat inspect data=objects_9`"),
        (["exp=unet_roi6", "seed=1"], "`rojsat run exp=unet_roi6 seed=1`"),
        (["evalute", "exp=unet"], "Did you mean 'evaluate'"),
        (["data", "folder"], "there is rojsat data new"),
        (["inspect", "simulatd"], "'simulatd' is not of the form key=value"),
    ],
)
def test_a_wrong_word_says_what_to_write(rojsat, words, instead):
    status, printed, errors = rojsat(*words)
    assert (status, printed) == (2, "")
    assert instead in errors


def test_a_command_of_two_words_gets_the_words_after_both(rojsat, monkeypatch, tmp_path):
    (tmp_path / "two_words.py").write_text('"""Does it."""\nimport sys\ndef main():\n    print(sys.argv)\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(entry, "COMMANDS", {**entry.COMMANDS, "data new": "two_words"})
    assert rojsat("data", "new", "folder")[1] == "['rojsat data new', 'folder']\n"
    assert "  data new  Does it." in rojsat()[1]


def test_a_word_of_a_group_is_no_experiment():
    assert [plain_words.meant(word) for word in ("unet", "full", "nothing")] == ["exp=unet", "size=full", None]
