"""What several tests share."""

import gc
import importlib
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

import rojsat  # noqa: F401 - before anything imports numpy, as in the processes that tests start
from tests.support import slow_files

hypothesis.settings.register_profile("untimed", deadline=None)  # a machine that does other work is slow at times
hypothesis.settings.load_profile("untimed")

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"  # torch and BLAS: tests run side by side, one process a core
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])  # of the processes that tests start
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of them compiles rojsat anew
gc.disable()  # until the tests are collected
SELDOM = (50_000, 20, 20)
"""Objects, and collections of the younger ones, after which garbage is collected: Python's own take 4 % of the time."""

TESTS = Path(__file__).parent
REAL = Path(os.environ.get("ROJSAT_REAL", TESTS.parents[1] / "shared" / "real"))


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real Sentinel-2 data; it is not part of the repository."""
    if not (REAL / "README.md").exists():
        pytest.skip("no real Sentinel-2 data: set ROJSAT_REAL to a folder with beetle/, flanders/, sen2r/ and gps/")
    return REAL


@pytest.fixture(autouse=True)
def _own_store():
    """Leave no address of a store to the next test: MLflow writes the one that it is set to into the environment."""
    before = os.environ.get("MLFLOW_TRACKING_URI")
    yield
    if before is None:
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    else:
        os.environ["MLFLOW_TRACKING_URI"] = before


def pytest_collection_finish():
    """Leave what is imported to the end out of the collection of garbage, which took a tenth of the time of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()
    if "sqlalchemy" in sys.modules:
        importlib.import_module("tests.support.sqlite_commits")
    if "mlflow" in sys.modules:
        importlib.import_module("tests.support.new_databases")


def pytest_configure(config):
    """Name the file that new databases of MLflow are copied from, once for all processes."""
    if not hasattr(config, "workerinput"):  # of xdist: workers have the environment of the process that starts them
        config.databases = tempfile.TemporaryDirectory()
        os.environ["ROJSAT_TESTS_DATABASE"] = str(Path(config.databases.name, "mlflow.db"))


def pytest_unconfigure(config):
    """Let imported libraries be taken down as they are without tests: some complain otherwise."""
    gc.unfreeze()
    if hasattr(config, "databases"):
        config.databases.cleanup()


def pytest_terminal_summary(terminalreporter):
    """List the files that take long, with the reason."""
    reports = [report for kind in ("", "passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    seconds = [(report.nodeid, report.duration) for report in reports if hasattr(report, "duration")]
    terminalreporter.section("files that take 15 s or more")
    for line in slow_files.lines(seconds, len({test for test, _ in seconds})):
        terminalreporter.write_line(line)


def pytest_collection_modifyitems(items):
    """Put files with slow tests first: where files run side by side, no core waits for a long one at the end."""
    longest, slow = list(slow_files.reasons()), Counter(item.path for item in items if item.get_closest_marker("slow"))
    first = {TESTS.parent / file: number for number, file in enumerate(longest)}
    items.sort(key=lambda item: (first.get(item.path, len(longest)), -slow[item.path]))
