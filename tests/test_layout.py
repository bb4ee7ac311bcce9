"""The package has few rooms, and what the documents say of them is true."""

import ast
import configparser
import importlib.util
import re
from collections import defaultdict
from itertools import chain
from pathlib import Path

import pytest

from rojsat.config import compose

PACKAGE = compose.ROOT / "rojsat"
MODULES = sorted(PACKAGE.rglob("*.py"))
DOCUMENTS = sorted([*compose.ROOT.glob("*.md"), *compose.ROOT.glob("docs/**/*.md")])

MOST_ENTRIES, MOST_LINES = 23, 250

SAME_MODULE = {
    "__main__": "Python's name for what `python -m` runs: the one command, and the folder of `make repro`",
    "source": "the module of a source's folder that writes its raw data set",
    "compose": "the stage named after what it does, and the configuration that does it",
    "tune": "the command, and the stage of it that draws nothing",
    "evaluate": "the command, and the stage of it that makes no data",
    "compare": "the command that compares evaluations over folds, and the stage that tables the pipeline's reports",
    "raw": "the stage named after what it writes, and the geography that writes it",
    "masks": "the stage named after what it writes, and the geography that writes it",
    "maps": "figures of regions beside their masks, and the command that writes rasters of predictions",
    "export": "a network as a file for MLflow (learning), and the command that writes one for other programs",
    "edges": "odd predictions near edges: counted (evaluation), and the stage that counts and draws them",
}
"""Module names that stand more than once because they mean the same thing in several rooms."""


def entries() -> set[str]:
    """Names of the modules and folders directly in the package."""
    return {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}


def contract() -> list[set[str]]:
    """The layers that import-linter checks, from the top."""
    parser = configparser.ConfigParser()
    parser.read(compose.ROOT / "setup.cfg")
    layers = parser["importlinter:contract:layers"]["layers"].split("\n")
    return [{name.strip() for name in layer.split("|")} for layer in layers if layer.strip()]


def picture() -> list[set[str]]:
    """The layers that CONTRIBUTING draws, from the top: folders end in `/`, commands stand before one."""
    section = (compose.ROOT / "CONTRIBUTING.md").read_text().split("## Layers")[1]
    drawing = section.split("```")[1]
    layers = []
    for line in drawing.splitlines():
        folders = set(re.findall(r"\b([a-z_]+)/", line))
        commands = set(re.findall(r"[a-z_]+", re.split(r"\s{3,}", line.strip())[0])) & entries()
        if names := folders | commands:
            layers.append(names)
    return layers


def test_the_package_has_few_entries():
    assert len(entries() | {"__init__"}) <= MOST_ENTRIES, sorted(entries())


def test_contributing_draws_the_layers_of_the_contract():
    assert picture() == contract()
    assert set(chain.from_iterable(contract())) == entries() - {"__init__"}


def test_no_two_modules_of_one_name_differ_in_meaning():
    places = defaultdict(list)
    for path in MODULES:
        if path.name != "__init__.py":
            places[path.stem].append(str(path.relative_to(PACKAGE)))
    assert {name: paths for name, paths in places.items() if len(paths) > 1 and name not in SAME_MODULE} == {}
    assert [name for name in SAME_MODULE if len(places[name]) < 2] == [], "no longer stands twice"


def test_no_two_classes_have_one_name():
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(PACKAGE)))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_an_init_holds_a_docstring_only():
    inits = [path for path in MODULES if path.name == "__init__.py"]
    full = [str(path.relative_to(PACKAGE)) for path in inits if not _is_docstring(path)]
    assert full == ["__init__.py"]  # what numpy is to read before anything imports it


def _is_docstring(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    return len(tree.body) == 1 and ast.get_docstring(tree) is not None


def test_no_module_is_long():
    lines = {str(path.relative_to(PACKAGE)): path.read_text().count("\n") for path in MODULES}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def paths(text: str) -> list[str]:
    """Code and documents that a text names in backticks; of `rojsat/<name>.py` the folder."""
    named = re.findall(r"`((?:rojsat|tests|experiments|docs|bench)/[^`\s:]*)`", text)
    fixed = [re.split(r"[<{*…]|NAME", path)[0] for path in named]
    return [known if known == path else known.rpartition("/")[0] for known, path in zip(fixed, named, strict=True)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_only_paths_that_exist(document):
    absent = [path for path in paths(document.read_text()) if not (compose.ROOT / path).exists()]
    if document.name == "CHANGELOG.md":
        absent = []  # names what is gone
    assert absent == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_only_commands_that_exist(document):
    text = document.read_text()
    modules = set(re.findall(r"python -m ((?:rojsat|bench)[\w.]*)", text))
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []
    targets = set(re.findall(r"^([a-z-]+):.*##", (compose.ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", text, re.MULTILINE))
    assert {first or second for first, second in named} <= targets or document.name == "CHANGELOG.md"


def test_contributing_names_the_place_of_a_change():
    rows = [line for line in (compose.ROOT / "CONTRIBUTING.md").read_text().splitlines() if line.startswith("| a")]
    assert len(rows) > 15
    assert [row for row in rows if not paths(row) and "setup.cfg" not in row] == []
