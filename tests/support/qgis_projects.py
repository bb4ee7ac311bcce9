"""QGIS for tests: projects opened by PyQGIS where it is installed; else what QGIS writes in projects."""

import functools
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

PYTHON = "/usr/bin/python3"
"""That Debian's python3-qgis is for."""

VOCABULARY = Path(__file__).with_name("qgis_vocabulary.txt")
"""What QGIS 3.22 wrote when it wrote the projects of these tests again, a line each; see `vocabulary`."""

_SCRIPT = Path(__file__).with_name("open_in_qgis.py")


@functools.cache
def is_there() -> bool:
    """Whether PyQGIS is installed: `apt-get install python3-qgis`."""
    return (
        Path(PYTHON).exists()
        and subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True).returncode == 0
    )


def opened(project: Path, again: Path, *drawing: str) -> dict[str, Any]:
    """What QGIS reads of a project; it writes it again as `again`."""
    done = subprocess.run([PYTHON, str(_SCRIPT), str(project), str(again), *drawing], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    described: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return described


def document(path: Path) -> Element:
    """The root of a project, `.qgs` or `.qgz`."""
    if path.suffix == ".qgs":
        return ElementTree.parse(path).getroot()
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read(f"{path.stem}.qgs"))


def vocabulary(root: Element) -> set[str]:
    """Elements below their parents, their attributes, and properties of symbols below their class."""
    return set(_words(root, ""))


def _words(element: Element, parent: str) -> Iterator[str]:
    if element.tag == "Option" and parent.startswith("class "):
        yield from (f"{parent}: {option.get('name')}" for option in element)
        return
    yield f"{parent} > {element.tag}"
    yield from (f"{element.tag} {attribute}=" for attribute in element.attrib)
    for child in element:
        yield from _words(child, f"class {element.get('class')}" if element.get("class") else element.tag)
