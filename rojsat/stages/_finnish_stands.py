"""The stands that the file of a data set is written for: a file of one's own, or what Metsäkeskus' servers send."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import geopandas as gpd
import shapely

from rojsat.config import compose
from rojsat.geo.discovery import finnish_area
from rojsat.geo.finland import finnish_stands, metsakeskus_sizes, stand_regions
from rojsat.geo.finland.finnish_areas import Area
from rojsat.geo.finland.metsakeskus_sizes import DownloadSize


def is_file(area: str) -> bool:
    """Whether an area is a file of stands, and neither a municipality nor a box.

    Raises:
        ValueError: if it looks like a file and there is none.
    """
    path = Path(area).expanduser()
    if path.suffix.lower() in finnish_area.ENDINGS and not path.is_file():
        raise ValueError(f"{path} does not exist (it should be a file of Finnish stands)")
    return path.is_file()


def fetch(area: str, name: str, servers: Mapping[str, str]) -> Path:
    """Fetch the stands of a municipality or a box into `data/metsakeskus/<name>/`; an interrupted call goes on.

    Raises:
        ValueError: see `stand_regions.fetch`.
    """
    return stand_regions.fetch(compose.ROOT / "data" / "metsakeskus" / name, area, servers)


def size(area: str, servers: Mapping[str, str]) -> DownloadSize:
    """How much that is, before anything is fetched.

    Raises:
        ValueError: see `metsakeskus_sizes.estimate`.
    """
    return metsakeskus_sizes.estimate(area, **stand_regions.addresses(servers))


def ground(area: Area) -> gpd.GeoDataFrame:
    """The complete area as one region, in EPSG:4326: what imagery is counted for until the stands are known."""
    outline = area.outline if area.outline is not None else shapely.box(*area.bounds)
    return gpd.GeoDataFrame({"region": ["area"]}, geometry=[outline], crs=finnish_stands.CRS).to_crs("EPSG:4326")


def possible_years() -> range:
    """Years whose July is past, from the first that archives have."""
    today = date.today()
    return range(finnish_area.FIRST_YEAR, today.year + (today.month > finnish_area.MONTH))
