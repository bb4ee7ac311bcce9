"""A PostgreSQL server of the tests' own, in a temporary folder; skips where PostgreSQL is not installed."""

import getpass
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.ports import free_port

USER = "postgres"
"""Who the server runs as where the tests run as root: PostgreSQL refuses to run as root."""


@contextmanager
def server(fsync="off"):
    """The URL of a fresh, empty database; `fsync="on"` waits for the disk, as servers that are meant to last do."""
    initdb, pg_ctl = (_installed(name) for name in ("initdb", "pg_ctl"))
    if not (initdb and pg_ctl):
        pytest.skip("PostgreSQL is not installed: initdb and pg_ctl are missing")
    root = os.geteuid() == 0
    owner = USER if root else getpass.getuser()
    switch_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if root else []
    folder, port = Path(tempfile.mkdtemp(prefix="rojsat-postgres-")), free_port()
    data = folder / "data"

    def call(*words):
        subprocess.run([*switch_user, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)

    try:
        if root:
            shutil.chown(folder, USER, USER)
        call(initdb, "-D", data, "-A", "trust", "-U", owner, "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync={fsync}"
        call(pg_ctl, "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg2://{owner}@127.0.0.1:{port}/postgres"
        finally:
            call(pg_ctl, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _installed(name):
    """The newest program of this name that Debian keeps beside the path, or the one in the path; else None."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(beside[-1]) if beside else shutil.which(name)
