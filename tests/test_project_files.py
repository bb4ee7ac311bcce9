"""Files around the code: what they say of versions, commands and paths is true."""

import configparser
import re
import subprocess

import yaml

from rojsat.config import compose

ROOT = compose.ROOT


def setup():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_the_citation_is_of_this_version_and_names_the_study():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    metadata = setup()["metadata"]
    assert citation["version"] == metadata["version"]
    assert citation["license"] == metadata["license"]
    assert [author["name"] for author in citation["authors"]] == [metadata["author"]]
    assert {"cff-version", "message", "title", "type"} <= set(citation)
    assert [(reference["year"], reference["authors"][0]["family-names"]) for reference in citation["references"]] == [
        (2020, "Svensson")
    ]


def test_the_workflow_runs_what_continuous_integration_runs_on_the_oldest_and_newest_python():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    workflow = yaml.safe_load(text)
    job = workflow["jobs"]["run"]
    promised = re.search(r"^PYTHONS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert job["strategy"]["matrix"]["python"] == [promised[0], promised[-1]]
    assert [step["run"] for step in job["steps"] if "run" in step][-1] == ".ci/run"
    assert "://" not in text
    scripts = [step["run"].removeprefix("sudo ") for step in job["steps"] if "run" in step]
    assert [script for script in scripts if not (ROOT / script).exists()] == []


def dockerfile():
    """The instructions of the Dockerfile, each on one line: its word and the rest."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    return [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_dockerfile_builds_the_environment_from_files_that_exist():
    instructions = dockerfile()
    base = instructions[0]
    assert base[0] == "FROM" and re.fullmatch(r"python:3\.1[123]-slim", base[1])
    first = [words for word, words in instructions if word == "COPY"][:-1]
    copied = {name for words in first for name in words.split()[:-1]}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    needed = re.search(r"^\$\(VENV\)/ready: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    described = setup()["metadata"]["long_description"].removeprefix("file: ")
    assert {*needed, "Makefile", ".ci", described, setup()["metadata"]["license_files"]} <= copied
    assert ["RUN", "make env"] in instructions


def test_an_image_leaves_out_nothing_that_git_keeps():
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--ignored", "--exclude-from=.dockerignore"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines() == []


def test_the_environment_says_what_it_costs_before_it_is_built():
    recipe = re.search(r"^\$\(VENV\)/ready:.*\n\t(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    assert recipe.startswith("@echo") and "$(COST)" in recipe
