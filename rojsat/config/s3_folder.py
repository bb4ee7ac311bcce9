"""A folder of a disk or of S3, by the few methods of `pathlib.Path` that stores of chips need.

S3 has neither rename nor empty folders: an object that is written is there at once and complete, or not at all. So what
a store is complete with is written last, and deleted first.
"""

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, TextIO, cast

from rojsat.config import lazy

if TYPE_CHECKING:
    from rojsat.config import s3_client
else:
    s3_client = lazy.module("rojsat.config.s3_client")

SCHEME = "s3://"


@dataclass(frozen=True)
class S3Folder:
    """A folder, or a file in it, below a bucket.

    Attributes:
        url: `s3://bucket/prefix/name`, without a slash at the end.
    """

    url: str

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.url.removeprefix(SCHEME).partition("/")[0]

    @property
    def key(self) -> str:
        """`bucket/prefix/name`, as s3fs writes it."""
        return self.url.removeprefix(SCHEME)

    @property
    def name(self) -> str:
        """What is behind the last slash."""
        return self.url.rpartition("/")[2]

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> "S3Folder":
        return S3Folder(f"{self.url}/{name}")

    def exists(self) -> bool:
        """Whether there is such an object, or one below it."""
        return s3_client.exists(self.bucket, self.key)

    def read_bytes(self) -> bytes:
        """What an object holds."""
        return s3_client.read(self.bucket, self.key)

    def read_text(self) -> str:
        """What an object holds, UTF-8."""
        return self.read_bytes().decode()

    def write_bytes(self, content: bytes) -> None:
        """Write an object at once."""
        s3_client.write(self.bucket, self.key, content)

    def write_text(self, text: str) -> None:
        """Write an object at once, UTF-8."""
        self.write_bytes(text.encode())

    def unlink(self) -> None:
        """Delete an object."""
        s3_client.remove(self.bucket, self.key)


Folder = Path | S3Folder
"""Where a store of chips may lie."""


def folder(path: Folder | str) -> Folder:
    """The folder of a path, or of an `s3://bucket/prefix`.

    Raises:
        ValueError: see `of_url`.
    """
    if not isinstance(path, str):
        return path
    return of_url(path) if "://" in path else Path(path)


def of_url(url: str) -> S3Folder:
    """The folder of an `s3://bucket/prefix`.

    Raises:
        ValueError: it names no folder in a bucket, or s3fs is not installed.
    """
    bucket, _, prefix = url.removeprefix(SCHEME).strip("/").partition("/")
    if not url.startswith(SCHEME) or not bucket or not prefix:
        raise ValueError(f"{url!r} is no folder of S3: s3://BUCKET/PREFIX")
    if importlib.util.find_spec("s3fs") is None:
        raise ValueError(f"{url} needs the extra s3: pip install 'rojsat[s3]'")
    return S3Folder(f"{SCHEME}{bucket}/{prefix}")


def words(path: Folder) -> str:
    """The words of a command for the data set whose store of chips lies there."""
    name = f"data={path.name}"
    return f"{name} data.store={path.url.rpartition('/')[0]}" if isinstance(path, S3Folder) else name


def write_at_once(file: Folder, text: str) -> None:
    """Write a file, and the folder that it lies in; it is there complete or not at all."""
    with written(file) as opened_file:
        opened_file.write(text)


@contextmanager
def written(file: Folder) -> Iterator[TextIO]:
    """A file to write text into, and the folder that it lies in; it is there when all is written, else not at all."""
    if isinstance(file, S3Folder):
        with NamedTemporaryFile("w") as beside_s3:
            yield cast(TextIO, beside_s3)
            beside_s3.flush()
            s3_client.upload(file.bucket, file.key, beside_s3.name)
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}")
        with beside.open("w") as text:
            yield text
        beside.rename(file)


def opened(file: Folder) -> TextIO:
    """A file to read text from."""
    return StringIO(file.read_text()) if isinstance(file, S3Folder) else file.open()


def files(path: Folder) -> list[Folder]:
    """What lies in a folder, sorted by name; nothing where there is none."""
    if isinstance(path, S3Folder):
        return [S3Folder(f"{SCHEME}{key}") for key in sorted(s3_client.names(path.bucket, path.key))]
    return [*sorted(path.iterdir())] if path.is_dir() else []


def remove(path: Folder) -> None:
    """Delete a folder, if it is there; on S3 files in it before what is below: nothing takes it for complete then."""
    if isinstance(path, S3Folder):
        s3_client.remove(path.bucket, *s3_client.names(path.bucket, path.key))
    else:
        shutil.rmtree(path, ignore_errors=True)


def zarr_store(path: Folder) -> Any:
    """What Zarr opens a folder by."""
    return s3_client.zarr_store(path.bucket, path.key) if isinstance(path, S3Folder) else path


def explained(path: Folder) -> AbstractContextManager[None]:
    """Where Zarr reads or writes: failures of S3 become a sentence that says what to do.

    Raises:
        ValueError: S3 refuses, lacks or does not answer something, after some retries.
    """
    return s3_client.explained(path.bucket) if isinstance(path, S3Folder) else nullcontext()
