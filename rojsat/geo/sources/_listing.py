"""Which files below a root decide what a source writes: products and rasters, none of them opened.

Knows the sources' rules of names; files that a rule leaves out (notes, other tiles, other periods) change nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from rojsat.config.input_files import FileGroup
from rojsat.geo.sources import _folder, _patterns, _sen2r_names
from rojsat.geo.sources._choice import choose
from rojsat.geo.sources.safe import product_files, selection

Groups = Iterator[tuple[str, FileGroup]]


def of_root(source: str, root: Path, options: Mapping[str, Any]) -> dict[str, FileGroup]:
    """List the files of a source, by their names below its root.

    Args:
        source: a module of `rojsat.geo.sources`; one that reads no folder has no files.
        root: the folder that it reads.
        options: its options.

    Raises:
        ValueError: if a folder cannot be read, a zip file of a product is corrupt, or a pattern is none.
    """
    return dict(LISTS[source](root, **options)) if source in LISTS else {}


def _safe(
    root: Path,
    levels: Sequence[str] = ("L1C", "L2A"),
    tiles: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    orbits: Sequence[int] | None = None,
    **_: Any,
) -> Groups:
    """Products that the options do not exclude by name: their images and XML files."""
    wanted = None if tiles is None else frozenset(tile.removeprefix("T") for tile in tiles)
    chosen = selection.Selection(tuple(levels), wanted, choose(start, end, orbits))
    for product in product_files.find(root):
        if selection.excludes(product, chosen):
            continue
        place = product.path.relative_to(root).as_posix() if product.path != root else root.name
        if product.inside is not None:
            yield place, FileGroup(product.path.parent, (product.path.name,))
        else:
            yield place, FileGroup(product.path, tuple(file for file in product.files if _of_product(file)))


def _of_product(file: str) -> bool:
    """Whether a product's file may decide anything: QGIS leaves `.aux.xml` beside an image that it showed."""
    return file.endswith(".jp2") or (file.endswith(".xml") and not file.endswith(".aux.xml"))


def _geotiff(root: Path, files: Sequence[Mapping[str, Any]], **_: Any) -> Groups:
    """Files whose names match a pattern."""
    for name in _folder.files(root):
        if any(_patterns.expression(kind["pattern"]).fullmatch(name) for kind in files):
            yield name, FileGroup(root, (name,))


def _sen2r(
    root: Path,
    sites: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    orbits: Sequence[int] | None = None,
    **_: Any,
) -> Groups:
    """Files with names of sen2r's that the options take, each with its header if it has one."""
    choice = choose(start, end, orbits)
    names = _folder.files(root)
    headers = {name for name in names if name.lower().endswith(".hdr")}
    for name in names:
        parsed = _sen2r_names.usable_name(PurePosixPath(name))
        if parsed is not None and choice.admits(parsed.day, parsed.orbit) and (sites is None or parsed.site in sites):
            beside = {str(PurePosixPath(name).with_suffix(ending)) for ending in (".hdr", ".HDR")} & headers
            yield name, FileGroup(root, (name, *sorted(beside)))


LISTS: Mapping[str, Callable[..., Groups]] = {"safe": _safe, "geotiff": _geotiff, "sen2r": _sen2r}
"""The sources that read files below a root."""
