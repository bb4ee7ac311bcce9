"""A Dask cluster that runs already: reached, and refused where its workers cannot do the same work as this machine.

Workers run another version of rojsat, or of a package that decides digits; or they do not see the folders. Workers
that join later are looked at too, before their first job.
"""

import functools
import logging
import platform
import socket
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import distributed

from rojsat.config import provenance

log = logging.getLogger(__name__)

PATIENCE = "10s"
"""How long a cluster may take to answer."""

OF_RASTERS = ("numpy", "odc-geo", "rasterio", "zarr")
"""Packages that decide the bits of chips."""


@dataclass(frozen=True)
class Expected:
    """What every worker must have.

    Attributes:
        versions: of rojsat's code, Python and packages, by name.
        tokens: files that it must see, with their content.
        machine: that it must run on; empty: any.
        reason: why on that one.
    """

    versions: Mapping[str, str]
    tokens: Mapping[str, str]
    machine: str
    reason: str


@dataclass(frozen=True)
class WorkerFacts:
    """What a worker has.

    Attributes:
        machine: its name.
        versions: as of `Expected`.
        unseen: folders that it does not see as this machine does.
    """

    machine: str
    versions: Mapping[str, str]
    unseen: Sequence[str]


def is_address(scheduler: str) -> bool:
    """Whether a value of `dask.scheduler` is the address of a cluster."""
    return "://" in scheduler


def connect(address: str) -> distributed.Client:
    """Reach a cluster.

    Raises:
        ValueError: if none answers at that address.
    """
    try:
        return distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"dask.scheduler: no cluster answers at {address} ({error}); `dask scheduler` starts one"
        ) from error


@contextmanager
def expecting(folders: Sequence[Path], packages: Sequence[str], only_here: str = "") -> Iterator[Expected]:
    """What workers must have, while files of proof stand in folders that all machines share.

    Args:
        folders: that workers read and write, on this machine.
        packages: whose versions must be the same everywhere.
        only_here: why workers must run on this machine, as a message goes on; empty: they may run anywhere.
    """
    with ExitStack() as stack:
        tokens = dict(stack.enter_context(_token(folder)) for folder in folders)
        yield Expected(versions(packages), tokens, socket.gethostname() if only_here else "", only_here)


@contextmanager
def _token(folder: Path) -> Iterator[tuple[str, str]]:
    content = uuid.uuid4().hex
    path = folder.resolve() / f".partial-seen_by_workers-{content}"  # a name that git ignores
    path.write_text(content)
    try:
        yield str(path), content
    finally:
        path.unlink(missing_ok=True)


@functools.cache
def _code() -> str:
    """Digest of rojsat's modules as this process has them: of the files when it first looked."""
    return provenance.digest(Path(__file__).parents[1].rglob("*.py"))[:12]


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Versions here of rojsat's code, of Python and of packages; `absent` where there is none."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"rojsat's code": _code(), "Python": python} | {name: _version(name) for name in packages}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def facts(expected: Expected) -> WorkerFacts:
    """What this process, a worker, has of what is expected."""
    unseen = [str(Path(path).parent) for path, content in expected.tokens.items() if not _holds(Path(path), content)]
    packages = [name for name in expected.versions if name not in versions(())]
    return WorkerFacts(socket.gethostname(), versions(packages), unseen)


def _holds(path: Path, content: str) -> bool:
    try:
        return path.read_text() == content
    except OSError:
        return False


def check(client: distributed.Client, expected: Expected) -> set[str]:
    """Look at all workers that the cluster has now.

    Returns:
        The names of their machines.

    Raises:
        ValueError: naming the first worker that cannot do the work, and why.
    """
    answers = client.run(facts, expected, on_error="return")
    if not answers:
        log.warning("the cluster has no worker yet: waiting for the first")
    for worker, answer in sorted(answers.items()):
        if not isinstance(answer, WorkerFacts):
            raise ValueError(f"dask.scheduler: worker {worker} cannot run rojsat ({answer!r}): install it there")
        if fault := _fault(answer, expected):
            raise ValueError(f"dask.scheduler: worker {worker} on {answer.machine} {fault}")
    return {answer.machine for answer in answers.values()}


def words(client: distributed.Client, machines: set[str]) -> str:
    """How large a cluster is, in words."""
    counts = {"worker": len(client.nthreads()), "machine": len(machines)}
    shown = [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()]
    return f"cluster: {' on '.join(shown)}"


def confirm(expected: Expected) -> None:
    """Look at this worker, which may have joined after all were looked at.

    Raises:
        ValueError: if it cannot do the work.
    """
    own = facts(expected)
    if fault := _fault(own, expected):
        raise ValueError(f"dask.scheduler: a worker on {own.machine} {fault}")


def _fault(worker: WorkerFacts, expected: Expected) -> str:
    """What is wrong with a worker; empty: nothing."""
    unlike = {name: (worker.versions[name], own) for name, own in expected.versions.items()}
    others = [f"{name} {theirs}, here {own}" for name, (theirs, own) in unlike.items() if theirs != own]
    if others:
        return (
            f"has {'; '.join(others)}: install the same there, and restart workers that began before rojsat's files "
            "changed"
        )
    if worker.unseen:
        return (
            f"does not see {', '.join(worker.unseen)} as this machine does: all machines must share the folder under "
            "the same path"
        )
    if expected.machine not in ("", worker.machine):
        return f"is not on this machine, {expected.machine}: {expected.reason}"
    return ""
