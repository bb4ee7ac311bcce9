"""The stands that the file of a data set is written for: a file of one's own, or what Metsäkeskus' servers send."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import geopandas as gpd
import shapely

from rojsat.config import compose, lookup
from rojsat.geo.discovery import finnish_area
from rojsat.geo.finland import finnish_stands, metsakeskus_files, metsakeskus_sizes, stand_regions
from rojsat.geo.finland.finnish_areas import Area
from rojsat.geo.finland.metsakeskus_sizes import DownloadSize

FILE = "file"

DOWNLOADS = ("wfs", FILE)
"""Where stands come from: the WFS, with proposals alone, or the file of a municipality, with completed operations."""


def is_file(area: str) -> bool:
    """Whether an area is a file of stands, and neither a municipality nor a box.

    Raises:
        ValueError: if it looks like a file and there is none.
    """
    path = Path(area).expanduser()
    if path.suffix.lower() in finnish_area.ENDINGS and not path.is_file():
        raise ValueError(f"{path} does not exist (it should be a file of Finnish stands)")
    return path.is_file()


def fetch(area: str, name: str, download: str, servers: Mapping[str, str]) -> Path:
    """Fetch the stands of an area into `data/metsakeskus/<name>/`; an interrupted call goes on.

    Args:
        area: a municipality or a box; of `FILE` a municipality.
        name: of the data set.
        download: one of `DOWNLOADS`.
        servers: addresses of other servers, see `stand_regions.SERVERS`; of `FILE` its folder, `files`.

    Raises:
        UnknownNameError: if there is no such download or server.
        ValueError: see `stand_regions.fetch` and `metsakeskus_files.fetch`.
    """
    folder = compose.ROOT / "data" / "metsakeskus" / name
    if download not in DOWNLOADS:
        raise lookup.unknown("download", download, DOWNLOADS)
    if download == FILE:
        return metsakeskus_files.fetch(area, folder, url=servers.get("files", metsakeskus_files.FOLDER))
    return stand_regions.fetch(folder, area, servers)


def size(area: str, servers: Mapping[str, str]) -> DownloadSize:
    """How much that is, before anything is fetched.

    Raises:
        ValueError: see `metsakeskus_sizes.estimate`.
    """
    of_wfs = {name: address for name, address in servers.items() if name != "files"}
    return metsakeskus_sizes.estimate(area, **stand_regions.addresses(of_wfs))


def ground(area: Area) -> gpd.GeoDataFrame:
    """The complete area as one region, in EPSG:4326: what imagery is counted for until the stands are known."""
    outline = area.outline if area.outline is not None else shapely.box(*area.bounds)
    return gpd.GeoDataFrame({"region": ["area"]}, geometry=[outline], crs=finnish_stands.CRS).to_crs("EPSG:4326")


def possible_years() -> range:
    """Years whose July is past, from the first that archives have."""
    today = date.today()
    return range(finnish_area.FIRST_YEAR, today.year + (today.month > finnish_area.MONTH))
