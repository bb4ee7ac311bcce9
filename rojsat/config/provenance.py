"""What made a result: the commit of the code and the hash of the sources. Standard library only."""

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path


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


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def text_digest(*texts: str) -> str:
    """SHA-256 over texts, each apart from the next."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
