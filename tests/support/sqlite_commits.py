"""SQLite of MLflow and Optuna without waiting for the disk at each commit: a killed process still loses nothing.

Only a machine that loses power would; a run of MLflow commits some fifty times, 7 ms each.
"""

import sqlite3

from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "connect")
def _connected(connection, _):
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")
