"""The GeoPackage of a municipality, as Metsäkeskus offers it for download: with completed operations, unlike the WFS.

`fetch(name, folder)` returns the path of a file that `metsakeskus_gpkg.read` reads. The server's own list of files says
which municipalities there are; a name is matched whatever its case, blanks and accents.
"""

import re
import zipfile
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin

import pandas as pd
import pyogrio
from filelock import FileLock

from rojsat.config import file_names, lookup, zip_limits
from rojsat.geo.finland import metsakeskus_wfs, municipalities
from rojsat.geo.servers import file_download, guarded_session
from rojsat.geo.servers.retries import Patience, persist

FOLDER = "https://avoin.metsakeskus.fi/aineistot/Metsavarakuviot/Kunta/"
"""Folder of the files by municipality, as other people's code and notes name it; not asked from here."""

FILE = re.compile(r"MV_(?P<name>.+)\.zip", re.IGNORECASE)
"""Name of a file."""

_NEAREST = 5  # names that are offered for one that does not exist
_LINK = re.compile(r"""href\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


def find(name: str, patience: Patience, *, url: str = FOLDER) -> tuple[str, str]:
    """Name and address of the file of a municipality.

    Raises:
        GaveUpError: if the server does not answer.
        ValueError: if it has no such municipality, naming the nearest, or shows no list of files.
    """
    base = url.rstrip("/") + "/"
    links = [unescape(link) for link in _LINK.findall(_list(base, patience))]
    files = {match["name"]: link for link in links if (match := FILE.fullmatch(unquote(link).rpartition("/")[2]))}
    if not files:
        raise ValueError(f"{base} shows no files MV_*.zip; name the folder that has them")
    by_plain = {municipalities.plain(known): known for known in files}
    plain = municipalities.plain(name)
    if plain not in by_plain:
        nearest = [by_plain[known] for known in lookup.nearest(plain, by_plain)[:_NEAREST]]
        raise lookup.UnknownNameError(f"no file of municipality {name!r}. Did you mean {', '.join(nearest)}?")
    return by_plain[plain], urljoin(base, files[by_plain[plain]])


def size(name: str, patience: Patience | None = None, *, url: str = FOLDER) -> int | None:
    """Bytes to download for a municipality, packed; None if the server does not say.

    Raises:
        GaveUpError: if the server does not answer.
        ValueError: see `find`.
    """
    patience = patience or Patience()
    return file_download.size(find(name, patience, url=url)[1], patience)


def fetch(name: str, folder: Path, *, url: str = FOLDER, patience: Patience | None = None) -> Path:
    """Download and unpack the file of a municipality, or go on with an interrupted download.

    Args:
        name: of the municipality, as its file is named.
        folder: gets `MV_<name>.gpkg`.
        url: of the folder of files.
        patience: with the server.

    Returns:
        The GeoPackage, with the layer `source`: address, day, licence and attribution.

    Raises:
        GaveUpError: if the server does not deliver; what came stays, and the same call goes on.
        ValueError: see `find`; or if the file is no zip file of one GeoPackage.
    """
    patience = patience or Patience()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        known = [
            path
            for path in folder.glob("MV_*.gpkg")
            if municipalities.plain(path.stem[3:]) == municipalities.plain(name)
        ]
        if known:
            return known[0]
        title, address = find(name, patience, url=url)
        path = folder / f"MV_{file_names.check(title, 'municipality')}.gpkg"
        packed = path.with_suffix(".zip")
        file_download.fetch(address, packed, patience)
        _unpack(packed, path, address)
        packed.unlink()
    return path


def _list(url: str, patience: Patience) -> str:
    """The page that lists the files of a folder."""
    session = guarded_session.session(url, complete=True)

    def once() -> str:
        with guarded_session.errors(url):
            answer = session.get(url, timeout=patience.timeout)
        file_download.check_status(answer, url)
        return answer.content.decode(errors="replace")

    return persist(once, f"list of files at {url}", patience)


def _unpack(packed: Path, path: Path, address: str) -> None:
    """Unpack the GeoPackage of a zip file, complete or not at all; a file that is none is removed."""
    beside = path.with_name(f".partial.{path.name}")
    try:
        with zipfile.ZipFile(packed) as archive:
            members = [member for member in archive.infolist() if member.filename.lower().endswith(".gpkg")]
            zip_limits.check(archive.infolist(), packed.name)
            if len(members) != 1:
                raise ValueError(f"{address} has {len(members)} GeoPackages; it must have one")
            with archive.open(members[0]) as source, beside.open("wb") as target:
                while piece := source.read(1 << 20):
                    target.write(piece)
        _note(beside, address)
    except (zipfile.BadZipFile, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        packed.unlink()
        beside.unlink(missing_ok=True)
        raise ValueError(f"{address} is no zip file of a GeoPackage ({error}); download it again later") from error
    beside.replace(path)


def _note(path: Path, address: str) -> None:
    """Put into a file where it comes from."""
    day = datetime.now(UTC).date().isoformat()
    source = {"layer": "all", "url": address, "fetched": day, "licence": metsakeskus_wfs.LICENCE}
    source["attribution"] = metsakeskus_wfs.ATTRIBUTION.format(day=day)
    pyogrio.write_dataframe(pd.DataFrame([source]), path, driver="GPKG", layer="source", append=True)
