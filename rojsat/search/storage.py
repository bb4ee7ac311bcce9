"""The database of a search, and the signs of life of its workers."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

log = logging.getLogger(__name__)


def connect(url: str, heartbeat: int, grace: int) -> RDBStorage:
    """Open a database.

    Args:
        url: as SQLAlchemy writes it; `postgresql://` alone is psycopg2, whatever SQLAlchemy's own choice.
        heartbeat: seconds between signs of life.
        grace: seconds after which a silent worker counts as dead.

    Raises:
        ValueError: if it cannot be opened.
    """
    waits = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {}  # seconds until "database is locked"
    try:
        address = _driven(make_url(url)).render_as_string(hide_password=False)
        with quiet():
            return RDBStorage(address, engine_kwargs=waits, heartbeat_interval=heartbeat, grace_period=grace)
    except (ArgumentError, OperationalError, ImportError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"tune.storage cannot be opened ({reason}); sqlite:///FILE or postgresql://USER@HOST/DB"
        ) from error


def _driven(url: URL) -> URL:
    """The address with the driver of the extra `postgres`: SQLAlchemy 2.1 would take psycopg 3 for it."""
    return url.set(drivername="postgresql+psycopg2") if url.drivername == "postgresql" else url


@contextmanager
def quiet() -> Iterator[None]:
    """Signs of life are an experimental feature of Optuna, which says so every time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield


@contextmanager
def beating(storage: RDBStorage, number: int, interval: int) -> Iterator[None]:
    """Give signs of life of a trial meanwhile."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(interval):
            try:
                storage.record_heartbeat(number)
            except OperationalError as error:
                log.warning("no sign of life could be given (%s); trying again", str(error).splitlines()[0])

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
