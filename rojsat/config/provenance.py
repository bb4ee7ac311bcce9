"""What made a result: commit, command, versions and machine. Standard library only."""

import getpass
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any


def _git(root: Path, *arguments: str) -> str:
    """What git prints about the repository at `root`; empty where there is none."""
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def commit(root: Path) -> str:
    """The hash of the commit checked out at `root`; empty outside a repository."""
    return _git(root, "rev-parse", "HEAD")


RESULTS = ("reports", "results", "dvc.lock")
"""What the pipeline itself writes among the files that git tracks."""


def is_dirty(root: Path) -> bool:
    """Whether a file at `root` differs from the commit: tracked and no result of the pipeline, or new and code."""
    tracked = ("--untracked-files=no", "--", ".", *(f":!{name}" for name in RESULTS))
    new = ("--untracked-files=all", "--", "rojsat", "experiments")
    return bool(_git(root, "status", "--porcelain", *tracked) or _git(root, "status", "--porcelain", *new))


PACKAGES = (
    "albumentations",
    "lightning-fabric",
    "numpy",
    "pandas",
    "rojsat",
    "scikit-learn",
    "segmentation-models-pytorch",
    "torch",
    "torchvision",
    "zarr",
)
"""Whose versions a result may depend on."""


def record(root: Path) -> dict[str, Any]:
    """What made a result here and now: command, commit, dirty, versions; JSON-ready."""
    return {
        "command": " ".join(["python", *sys.orig_argv[1:]]),
        "commit": commit(root),
        "dirty": is_dirty(root),
        "versions": {"python": platform.python_version()} | versions() | {"mlflow": version("mlflow")},
    }


def versions() -> dict[str, str]:
    """Versions of the packages that decide a result, by name."""
    return {name: version(name) for name in PACKAGES}


def user() -> str:
    """Who runs this: a name, or the number of a user without one, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the second from Python 3.13 on
        return str(os.getuid())


def hardware() -> dict[str, Any]:
    """Model and number of cores of this machine's processor."""
    return {"cpu": _processor(Path("/proc/cpuinfo")), "cores": os.cpu_count()}


def _processor(facts: Path) -> str:
    """The model of the processor as Linux names it in the file `facts`; elsewhere what Python knows of it."""
    lines = facts.read_text().splitlines() if facts.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def text_digest(*texts: str) -> str:
    """SHA-256 over texts, each apart from the next."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
