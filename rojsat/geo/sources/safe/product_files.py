"""Find ESA products, in `.SAFE` folders and in zip files, and list the files that they hold; nothing is unpacked."""

import logging
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from rojsat.config import zip_limits
from rojsat.geo.sources import _folder
from rojsat.geo.sources._rasters import check_jp2

log = logging.getLogger(__name__)

_NAME = re.compile(
    r"(?P<mission>S2[A-Z])_MSI(?P<level>L1C|L2A)_(?P<time>[0-9]{8}T[0-9]{6})_N(?P<baseline>[0-9]{4})_R(?P<orbit>[0-9]{3})"
    r"_T(?P<tile>[0-9]{2}[A-Z]{3})_(?P<discriminator>[0-9]{8}T[0-9]{6})"
)
_CORRUPT = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)  # the last: encrypted
_TIME = "%Y%m%dT%H%M%S"
_OUTER = re.compile(r"(?:.*?/)?[^/]+\.SAFE/", re.IGNORECASE)
_INSIDE = re.compile(r"(?:.*/)?[^/]+\.SAFE/(?=(?:MTD_[^/]*|[^/]*_MTD_[^/]*)\.xml$)", re.IGNORECASE)
"""Folder of a product inside a zip file: the one that holds its main XML file."""


@dataclass(frozen=True)
class ProductName:
    """What the name of a product says (ESA's naming since December 2016).

    Attributes:
        mission: `S2A`.
        level: `L1C` or `L2A`.
        time: start of its datatake, UTC.
        baseline: processing baseline, `05.00`.
        orbit: relative orbit.
        tile: `33VXG`.
        discriminator: a time in which products of one datatake differ, UTC.
    """

    mission: str
    level: str
    time: pd.Timestamp
    baseline: str
    orbit: int
    tile: str
    discriminator: pd.Timestamp

    def __str__(self) -> str:
        number = self.baseline.replace(".", "")
        return (
            f"{self.mission}_MSI{self.level}_{self.time:{_TIME}}_N{number}_R{self.orbit:03d}_T{self.tile}"
            f"_{self.discriminator:{_TIME}}"
        )


def parse_name(text: str) -> ProductName:
    """Read the name of a product, without `.SAFE`.

    Raises:
        ValueError: if it is none of ESA's since December 2016.
    """
    match = _NAME.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is no name of a product, as S2A_MSIL2A_20190723T101031_N0213_R022_T32TNS_20190723T125722"
        )
    fields = match.groupdict()
    time, discriminator = (pd.to_datetime(fields[n], format=_TIME, utc=True) for n in ("time", "discriminator"))
    baseline = f"{fields['baseline'][:2]}.{fields['baseline'][2:]}"
    return ProductName(
        fields["mission"], fields["level"], time, baseline, int(fields["orbit"]), fields["tile"], discriminator
    )


def is_named(text: str) -> bool:
    """Whether a text is the name of a product, without `.SAFE`."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True)
class Product:
    """A product where it lies.

    Attributes:
        name: without `.SAFE`.
        path: its folder, or the zip file that holds it.
        inside: its folder in the zip file, with a slash at the end; None where it is no zip file.
        files: its files, relative to its folder, sorted.
    """

    name: str
    path: Path
    inside: str | None
    files: tuple[str, ...]

    def href(self, file: str) -> str:
        """A file of it as GDAL opens it."""
        path = self.path.resolve()
        return str(path / file) if self.inside is None else f"/vsizip/{path}/{self.inside}{file}"

    def read(self, file: str) -> bytes:
        """Content of a file of it.

        Raises:
            ValueError: if the zip file is corrupt there, or the file is too large to be XML of ESA's.
        """
        if self.inside is None:
            zip_limits.check_text((self.path / file).stat().st_size, self.href(file))
            return (self.path / file).read_bytes()
        try:
            with zipfile.ZipFile(self.path) as archive:
                zip_limits.check_text(archive.getinfo(self.inside + file).file_size, self.href(file))
                return archive.read(self.inside + file)
        except _CORRUPT as error:
            raise ValueError(f"{self.href(file)} is corrupt ({error}); get the product again") from error

    def check_image(self, file: str) -> None:
        """Check that an image of it has all its bytes.

        Raises:
            ValueError: if it ends too early; inside a zip file also if that is corrupt.
        """
        if self.inside is None:
            image = self.path / file
            with image.open("rb") as stream:
                check_jp2(stream, image.stat().st_size, self.href(file))
            return
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.inside + file) as stream:
                check_jp2(stream, archive.getinfo(self.inside + file).file_size, self.href(file), tail=False)
        except _CORRUPT as error:
            raise ValueError(f"{self.href(file)} is corrupt ({error}); get the product again") from error


def find(root: Path) -> list[Product]:
    """Find all products at any depth below a folder, behind links too; `root` may also be a product itself.

    Left aside, with a word in the log: what macOS adds (`._X`, `__MACOSX`), folders that are named like products but do
    not end with `.SAFE`, and zip files without a product.

    Returns:
        The products, sorted by name.

    Raises:
        ValueError: if `root` does not exist or a folder of it cannot be read, a zip file that should hold a product is
            corrupt or holds none, or there is no product at all.
    """
    if not root.exists():
        raise ValueError(f"{root} does not exist: data.root must name the folder of the .SAFE folders or .zip files")
    products = [product for path in _paths(root) for product in _products(path)]
    if not products:
        raise ValueError(f"{root} holds no product: no folder X.SAFE and no file X.SAFE.zip at any depth")
    return sorted(products, key=lambda product: (product.name, str(product.path)))


def _paths(root: Path) -> Iterator[Path]:
    """Folders and zip files that may be products."""
    if root.suffix.upper() in (".SAFE", ".ZIP"):
        yield root
        return
    visited: set[Path] = set()
    for folder, inner, files in os.walk(root, onerror=_unreadable, followlinks=True):
        if Path(folder).resolve() in visited:  # a link to a folder that was walked already
            inner.clear()
            continue
        visited.add(Path(folder).resolve())
        added = [name for name in sorted(inner + files) if name.startswith("._") or name == "__MACOSX"]
        if added:
            log.info("%s: left aside, as macOS adds them: %s", folder, ", ".join(added))
        names = sorted({*inner, *files} - set(added))
        yield from (Path(folder) / name for name in names if name.upper().endswith(".SAFE"))
        yield from (Path(folder) / name for name in sorted({*files} - set(added)) if name.lower().endswith(".zip"))
        inner[:] = sorted(name for name in inner if not name.upper().endswith(".SAFE") and name not in added)
        for name in inner:
            if is_named(name):
                log.warning("%s is left aside: a product's folder must end with .SAFE: rename it", Path(folder) / name)


def _unreadable(error: OSError) -> None:
    raise ValueError(f"{error.filename} cannot be read ({error.strerror}); give yourself the right to, or move it away")


def _products(path: Path) -> Iterator[Product]:
    if path.suffix.lower() == ".zip":
        yield from _zipped(path)
        return
    inner = path / path.name  # unpacked into a folder of its own name
    if inner.is_dir() and not any(path.glob("*.xml")):
        log.info("%s lies one folder deeper, in %s", path.name, inner)
        path = inner
    yield Product(path.stem, path, None, tuple(_folder.files(path)))


def _of_macos(file: str) -> bool:
    parts = PurePosixPath(file).parts
    return "__MACOSX" in parts or any(part.startswith("._") for part in parts)


def _zipped(path: Path) -> Iterator[Product]:
    expected = path.name.upper().endswith(".SAFE.ZIP") or "_MSIL1C_" in path.name or "_MSIL2A_" in path.name
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _CORRUPT as error:
        if not expected:
            log.warning("%s is left out: it is no complete zip file (%s)", path, error)
            return
        raise ValueError(f"{path} is no complete zip file ({error}); get it again") from error
    members = [info.filename for info in infos if not info.is_dir()]
    if expected:
        zip_limits.check(infos, str(path))
    _refuse_ways_out(path, members)
    names = sorted(name for name in members if not _of_macos(name))
    insides = _folders(names)
    if not insides and expected:
        raise ValueError(f"{path} holds no product: no folder X.SAFE inside")
    if not insides:
        log.info("%s is left out: it holds no product", path)
    for inside in insides:
        product_files = tuple(name.removeprefix(inside) for name in names if name.startswith(inside))
        yield Product(PurePosixPath(inside).stem, path, inside, product_files)


def _folders(names: Iterable[str]) -> list[str]:
    """Folders of products among the members of a zip file, with a slash at the end.

    Where X.SAFE lies in X.SAFE it is the inner one, that holds the main XML file; a folder without any stays in the
    list, so that reading it names what it lacks.
    """
    members = list(names)
    outer = dict.fromkeys(match[0] for name in members if (match := _OUTER.match(name)))
    with_xml = dict.fromkeys(match[0] for name in members if (match := _INSIDE.match(name)))
    return [inner for folder in outer for inner in [each for each in with_xml if each.startswith(folder)] or [folder]]


def _refuse_ways_out(path: Path, members: Iterable[str]) -> None:
    """Refuse a zip file with a member whose name leads out of it."""
    for name in members:
        if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
            raise ValueError(f"{path} holds a file named {name!r}, which leads out of it: this is no product of ESA's")
