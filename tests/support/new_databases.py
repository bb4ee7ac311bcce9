"""New SQLite files of MLflow are copies of one that it has made: its migrations take 1.5 s of processor time for each.

All processes of a test run share the file that `FILE` of the environment names; the first that needs one leaves it
there.
"""

import os
import sqlite3
from pathlib import Path

from mlflow.store.db import utils

FILE = "ROJSAT_TESTS_DATABASE"

_make = utils._initialize_tables


def _initialize(engine):
    path = Path(os.environ[FILE])
    if engine.url.get_backend_name() != "sqlite" or not engine.url.database:
        _make(engine)
        return
    if not path.exists():
        _make(engine)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        _copy(engine, partial, out=True)
        partial.replace(path)
        return
    _copy(engine, path, out=False)


def _copy(engine, path, *, out):
    connection, file = engine.raw_connection(), sqlite3.connect(path)
    try:
        source, destination = (connection.driver_connection, file) if out else (file, connection.driver_connection)
        source.backup(destination)
    finally:
        file.close()
        connection.close()


utils._initialize_tables = _initialize
