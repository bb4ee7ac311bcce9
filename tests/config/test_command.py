import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rojsat
from rojsat.config import command, compose
from rojsat.config.command import Command


@pytest.mark.parametrize("wrong", ["exp=deeplab_rio6", "train.epoch=3"])
def test_the_command_fails_at_once_with_status_2(wrong):
    words = [wrong] if wrong.startswith("exp") else ["exp=deeplab_roi6", wrong]
    call = [sys.executable, "-m", "rojsat.run", *words]
    done = subprocess.run(call, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "Did you mean" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_lists_the_experiments():
    done = subprocess.run([sys.executable, "-m", "rojsat.run", "--help"], capture_output=True, text=True, check=True)
    assert "deeplab_roi6" in done.stdout
    for variant in compose.names("variant"):
        assert f"  {variant}\n      {compose.header(f'variant/{variant}').splitlines()[0]}" in done.stdout


def commands():
    """All modules that can be called as a command."""
    names = [info.name for info in pkgutil.walk_packages(rojsat.__path__, "rojsat.") if not info.ispkg]
    folder = Path(rojsat.__file__).parents[1]
    return [name for name in names if "\nif __name__ ==" in (folder / f"{name.replace('.', '/')}.py").read_text()]


@pytest.mark.parametrize("name", [name for name in commands() if not name.endswith("__main__")])
def test_every_command_has_help_of_its_own_that_names_its_form_and_an_example(name):
    module = importlib.import_module(name)
    usage = module.COMMAND.usage()
    assert module.COMMAND.name == name
    assert usage.startswith(f"python -m {name}")
    assert module.__doc__.strip().splitlines()[0] in usage
    assert f"Example: python -m {name}" in usage


def test_no_module_beside_this_one_reads_the_command_line():
    package = Path(rojsat.__file__).parent
    for path in package.rglob("*.py"):
        if path.parent.name != "config":
            assert not re.search(r"argparse|sys\.argv", path.read_text()), path


def test_own_keys_stand_apart_from_plain_words_and_a_mistyped_one_names_the_nearest():
    compare = Command("rojsat.stages.compare", "", "", "", {"file": "name of the files"})
    assert command.split(["unet_roi6", "file=x"], compare) == (["unet_roi6"], {"file": "x"})
    with pytest.raises(ValueError, match="'fiel' does not exist. Did you mean 'file'"):
        command.split(["fiel=x"], compare)


def test_short_words_stand_for_keys_and_lists_need_no_brackets():
    evaluate = Command("rojsat.evaluate", "", "", short={"folds": "evaluate.folds", "seeds": "evaluate.seeds"})
    words = ["exp=unet_roi6", "folds=dates", "seeds=0", "seeds=0,1", "seeds=[0,1]", "evaluate.jobs=2"]
    assert [evaluate.unabridged(word) for word in words] == [
        "exp=unet_roi6",
        "evaluate.folds=dates",
        "evaluate.seeds=[0]",
        "evaluate.seeds=[0,1]",
        "evaluate.seeds=[0,1]",
        "evaluate.jobs=2",
    ]
    assert "seeds=  short for evaluate.seeds" in evaluate.usage()
