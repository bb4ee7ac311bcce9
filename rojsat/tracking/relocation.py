"""Points a local store at the folder where it lies. Knows the tables of MLflow's database, not MLflow.

MLflow keeps the place of every file as an absolute path. Without this, a project that was moved would miss its figures
and models, and one that was copied would read those of the original and write into them.
"""

import logging
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

DATABASE, ARTIFACTS = "mlflow.db", "artifacts"
"""Of a store: MLflow's database, and the folder of all files of its runs and models."""

_PLACES = {
    "experiments": "artifact_location",
    "runs": "artifact_uri",
    "logged_models": "artifact_location",
    "model_versions": "storage_location",
}
"""The column of a table that holds where files are."""

_OWN = re.compile(rf"(file://.*)/{ARTIFACTS}/([^/]+)")
"""The place of the files of an experiment that rojsat made, `location`: the store that it was made in, and its name."""

log = logging.getLogger(__name__)


def location(store: Path, experiment: str) -> str:
    """Where the files of an MLflow experiment are, as MLflow writes it.

    Args:
        store: the folder of the local store, absolute.
        experiment: the experiment's name.
    """
    return (store / ARTIFACTS / experiment.replace(" ", "_")).as_uri()


def relocate(store: Path) -> None:
    """Have a store that was moved or copied, or made by an older version, look for its files in `store`.

    Experiments whose files somebody placed elsewhere on purpose keep their place. Runs whose files are still in the
    folder that the store came from, but not in this one, are reported with the command that copies them.

    Args:
        store: the folder of the local store, absolute; nobody else may open it meanwhile.
    """
    database = store / DATABASE
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        for former in _former_stores(connection, store):
            for table, column in _PLACES.items():
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                    (f"{store.as_uri()}/", len(former) + 2, len(former) + 1, f"{former}/"),
                )
            _report(connection, store, former)


def _former_stores(connection: sqlite3.Connection, store: Path) -> list[str]:
    """The stores, as `file:` addresses, that experiments made by rojsat have their files in, if not in this one."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables >= _PLACES.keys():  # a database that was never finished, or of an MLflow before logged models
        return []
    former = set()
    for name, place in connection.execute("SELECT name, artifact_location FROM experiments"):
        parts = _OWN.fullmatch(place or "")
        if parts is not None and place == f"{parts[1]}/{ARTIFACTS}/{location(Path('/'), name).rpartition('/')[2]}":
            former.add(parts[1])
    return sorted(former - {store.as_uri()})


def _report(connection: sqlite3.Connection, store: Path, former: str) -> None:
    """Print what was pointed at this store, and the runs whose files it does not have."""
    origin = Path(unquote(urlsplit(former).path))
    log.info("the tracking store came from %s: its files are looked for in %s now", origin, store)
    places = [place for (place,) in connection.execute("SELECT artifact_uri FROM runs") if place]
    folders = [Path(unquote(urlsplit(place).path)) for place in places if place.startswith(f"{store.as_uri()}/")]
    missing = [path for path in folders if not path.exists() and (origin / path.relative_to(store)).exists()]
    if missing:
        source, target = (shlex.quote(str(folder / ARTIFACTS)) for folder in (origin, store))
        log.warning(
            "the files of %d run%s are in %s alone; `cp -rn %s/. %s` copies them",
            len(missing),
            "s" * (len(missing) > 1),
            origin,
            source,
            target,
        )
