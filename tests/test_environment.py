"""What a user installs: the same versions on every Python promised, and a package with all its files."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
REQUIREMENT = re.compile(r"^[a-z].*?(?= \\$)", re.MULTILINE)
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def setup():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


@pytest.fixture(scope="module")
def pythons():
    """The minor versions of Python that the Makefile tests."""
    return re.search(r"^PYTHONS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()


@pytest.fixture(scope="module")
def locked():
    return [Requirement(line) for line in REQUIREMENT.findall((ROOT / "requirements.txt").read_text())]


def installed(locked, python):
    """Version specifier of each package of the lock on Linux with a Python."""
    machine = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": "linux"}
    return {line.name: str(line.specifier) for line in locked if line.marker is None or line.marker.evaluate(machine)}


def test_the_pythons_tested_are_those_promised(setup, pythons):
    promised = SpecifierSet(setup["options"]["python_requires"])
    assert pythons == [f"3.{minor}" for minor in range(30) if f"3.{minor}" in promised]


def test_every_python_gets_the_same_versions(locked, pythons):
    first, *others = [installed(locked, python) for python in pythons]
    assert {"numpy", "rasterio", "torch"} <= set(first)
    for other in others:
        assert other == first


def test_the_lock_has_what_setup_cfg_requires(setup, locked, pythons):
    listed = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    required = [Requirement(line) for text in listed for line in text.splitlines() if line and line[0] != "#"]
    versions = installed(locked, pythons[0])
    for requirement in required:
        version = versions[requirement.name.lower().replace(".", "-")].removeprefix("==")
        assert version in requirement.specifier, requirement


def test_a_wheel_has_every_file_of_the_package(tmp_path):
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "rojsat", tmp_path / "rojsat", ignore=skipped)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    written = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "rojsat").rglob("*") if path.is_file()}
    subprocess.run([sys.executable, "-c", BUILD, "dist"], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert {name for name in packed.namelist() if name.startswith("rojsat/")} == written


@pytest.mark.skipif(os.name == "nt", reason="a script of the shell")
def test_a_python_that_is_not_found_is_named():
    command = [ROOT / ".ci" / "python", "python2.999"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "python2.999 is neither on the path nor among pyenv's versions" in process.stderr
