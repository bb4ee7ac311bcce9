"""A PostgreSQL server of the tests' own, in a temporary folder; skips where there is none."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "postgres"
"""Who the server runs as where the tests run as root: it refuses to be root."""


def free_port():
    with socket.socket() as control:
        control.bind(("127.0.0.1", 0))
        return control.getsockname()[1]


def _binary(name):
    """The newest that Debian keeps beside the path, or what is in the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [shutil.which(name)]
    return found[-1] and str(found[-1])


@contextmanager
def server():
    """The URL of a fresh, empty database."""
    binaries = [_binary(name) for name in ("initdb", "pg_ctl")]
    if not all(binaries):
        pytest.skip("no PostgreSQL here: initdb and pg_ctl are missing")
    initdb, pg_ctl = binaries
    root = os.geteuid() == 0
    runs_as = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if root else []
    folder, port = Path(tempfile.mkdtemp(prefix="rojsat-postgres-")), free_port()
    try:
        if root:
            shutil.chown(folder, USER, USER)
        owner = USER if root else getpass.getuser()
        data = folder / "data"

        def call(*words):
            subprocess.run([*runs_as, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)

        call(initdb, "-D", data, "-A", "trust", "-U", owner, "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        call(pg_ctl, "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg2://{owner}@127.0.0.1:{port}/postgres"
        finally:
            call(pg_ctl, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
