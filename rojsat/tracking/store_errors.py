"""Why a tracking store cannot be opened, in words: what it says itself, and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from rojsat.config import compose
from rojsat.tracking import links
from rojsat.tracking.delivery import MlflowException

_ANSWERED = re.compile(r"too many (\d{3}) error responses")
"""What is left of the status of a server that was asked several times."""

_OVERLOADED = ("429", "502", "503", "504")
"""Statuses of a server that is starting, or has too much to do."""

_SCHEMA = "database schema"
"""In MLflow's words for a database that another version of MLflow made."""


class StoreError(ValueError):
    """The tracking store cannot be opened, or refuses what it is asked for."""


@contextmanager
def in_words(folder: Path) -> Iterator[None]:
    """Raise what MLflow raises meanwhile as `StoreError`.

    Args:
        folder: of the local store, absolute.
    """
    try:
        yield
    except (MlflowException, ConnectionError, TimeoutError, requests.RequestException) as error:
        raise StoreError(_words(str(error), folder)) from error


def check(folder: Path) -> None:
    """Refuse a store of files (`file:`, or a path), which MLflow reads but writes no more.

    Raises:
        StoreError: naming the stores that there are.
    """
    address = links.uri(folder)
    if address.startswith("file:") or ("://" not in address and not address.startswith("databricks")):
        raise StoreError(
            f"{links.URI}={address} is a folder of files, which MLflow writes no more; take sqlite:///FILE, "
            "postgresql://USER@HOST/DATABASE or http://HOST:PORT, or unset it: runs are in mlruns/mlflow.db then. "
            "`mlflow migrate-filestore` copies the runs of such a folder into a database"
        )


def deleted(folder: Path, name: str, number: str) -> StoreError:
    """That an MLflow experiment is deleted, so that there can be no other of its name.

    Args:
        folder: of the local store, absolute.
        name: of the experiment.
        number: its id.
    """
    address = compose.public(links.uri(folder))
    return StoreError(
        f"the MLflow experiment {name!r} is deleted, and MLflow keeps its name; with all its runs it comes back by "
        f"`{links.URI}={address} mlflow experiments restore --experiment-id {number}`; for good it goes by "
        f"`mlflow gc --backend-store-uri {address} --experiment-ids {number}`"
    )


def _words(message: str, folder: Path) -> str:
    """What went wrong and what to do."""
    address = compose.public(links.uri(folder))
    if not address.startswith("http"):
        return _of_database(message, address)
    answered = _ANSWERED.search(message)
    if answered is not None and answered[1] in _OVERLOADED:
        return f"the tracking server {address} is starting or overloaded (status {answered[1]}); try again in a minute"
    if answered is not None:
        return f"the tracking server {address} answers, but fails (status {answered[1]}): its own log says why"
    if "failed with exception" in message:
        return f"the tracking server {address} does not answer; start it, or unset {links.URI}"
    return f"the tracking server {address} refuses: {message}"


def _of_database(message: str, address: str) -> str:
    """What went wrong with a database."""
    words = f"MLflow cannot work with {address}: {message.replace('<database_uri>', address)}"
    if _SCHEMA not in message:
        return words
    return (
        f"{words} `mlflow db upgrade {address}` updates the database of an older MLflow (copy it first); "
        "one of a newer MLflow needs that version"
    )
