"""The only reader and writer of S3: knows s3fs, and says in a sentence what is wrong with a bucket.

Keys, region and endpoint come from where all programs of AWS have them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and others, or the files below `~/.aws`.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import s3fs
from botocore import exceptions
from zarr.core import sync
from zarr.storage import FsspecStore

HOW: dict[str, Any] = {
    "skip_instance_cache": True,
    "use_listings_cache": False,
    "config_kwargs": {"connect_timeout": 10, "read_timeout": 60},  # seconds
}
"""How clients are made. What fails is tried five times, AWS_MAX_ATTEMPTS says otherwise."""

ZARR = "Zarr"
"""Name of the client that works in Zarr's event loop; those of buckets have the names of these, in small letters."""

_clients: dict[str, s3fs.S3FileSystem] = {}
_of_parent: list[dict[str, s3fs.S3FileSystem]] = []

ACCESS = "s3:ListBucket and s3:GetObject, for cutting s3:PutObject and s3:DeleteObject"
"""Permissions that are needed."""


def exists(bucket: str, key: str) -> bool:
    """Whether there is such an object, or one below it."""
    with explained(bucket):
        return bool(_files(bucket).exists(key))


def names(bucket: str, key: str) -> list[str]:
    """Keys that lie in a folder, files before folders, each sorted; none where there is no folder."""
    with explained(bucket):
        try:
            entries = _files(bucket).ls(key, detail=True)
        except FileNotFoundError:
            return []
    return [entry["name"] for entry in sorted(entries, key=lambda entry: (entry["type"] != "file", entry["name"]))]


def read(bucket: str, key: str) -> bytes:
    """What an object holds."""
    with explained(bucket):
        return bytes(_files(bucket).cat_file(key))


def write(bucket: str, key: str, content: bytes) -> None:
    """Write an object."""
    with explained(bucket):
        _files(bucket).pipe_file(key, content)


def upload(bucket: str, key: str, path: str) -> None:
    """Write an object that a file holds."""
    with explained(bucket):
        _files(bucket).put_file(path, key)


def remove(bucket: str, *keys: str) -> None:
    """Delete objects and all that is below them, one after the other."""
    with explained(bucket):
        for key in keys:
            _files(bucket).rm(key, recursive=True)


def zarr_store(bucket: str, key: str) -> FsspecStore:
    """What Zarr opens a folder by."""
    _files(bucket)
    return FsspecStore(_asynchronous(), path=key)


@contextmanager
def explained(bucket: str) -> Iterator[None]:
    """Turn failures of S3 into a sentence that says what to do.

    Raises:
        ValueError: S3 refuses, lacks or does not answer something.
    """
    try:
        yield
    except (OSError, exceptions.BotoCoreError, exceptions.ClientError, aiohttp.ClientError) as error:
        raise ValueError(_sentence(bucket, error)) from error


def _sentence(bucket: str, error: Exception) -> str:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "AWS"
    bucket_url = f"s3://{bucket} at {endpoint}"
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return (
            f"{bucket_url}: there are no credentials ({error}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "AWS_PROFILE, and AWS_ENDPOINT_URL where the store is not of AWS"
        )
    if isinstance(error, PermissionError):
        return f"{bucket_url} refuses these credentials ({error}); they need {ACCESS}"
    if isinstance(error, FileNotFoundError):
        return f"{bucket_url}: not there ({error}); make the bucket, or correct data.store or AWS_ENDPOINT_URL"
    return (
        f"{bucket_url} does not answer as it should ({type(error).__name__}: {error}); is AWS_ENDPOINT_URL right, and "
        "the network there? The same command goes on from what is done"
    )


def _files(bucket: str) -> s3fs.S3FileSystem:
    """The client of a bucket, which is asked for once. It sees what others write: it remembers no listing."""
    if bucket not in _clients:
        files = s3fs.S3FileSystem(**HOW)
        with explained(bucket):
            files.call_s3("head_bucket", Bucket=bucket)
        _clients[bucket] = files
    return _clients[bucket]


def _asynchronous() -> s3fs.S3FileSystem:
    """The client that works in Zarr's event loop."""
    if ZARR not in _clients:
        _clients[ZARR] = s3fs.S3FileSystem(asynchronous=True, **HOW)
    return _clients[ZARR]


async def _close(client: s3fs.S3FileSystem) -> None:
    session = await client.set_session()
    await session.close()


@atexit.register
def forget() -> None:
    """Close all clients: at the end, and where the environment names another server."""
    if ZARR in _clients:
        sync.sync(_close(_clients[ZARR]))
    _clients.clear()


def _leave_to_parent() -> None:
    """Keep the clients of the process that this one was forked from as they are: their threads are not here."""
    _of_parent.append(dict(_clients))
    _clients.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
