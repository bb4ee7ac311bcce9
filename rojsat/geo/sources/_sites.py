"""Small sites whose files name no region: each site is one, as large as its rasters."""

import re
from collections.abc import Sequence

import geopandas as gpd
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from rojsat.chips.roles import ROLES
from rojsat.config import lookup
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import same_pixels

NO_SITE = "all"
"""Site of files whose name holds none."""


def scene_id(site: str, day: str, orbit: int) -> str:
    """Id of a scene of a site; what an id may not hold becomes `-`."""
    return f"{re.sub('[^A-Za-z0-9_-]', '-', site)}_{day}_{orbit:03d}"


def grids(site_scenes: Sequence[tuple[str, Scene]]) -> dict[str, GeoBox]:
    """Find the grid of each site, sorted by site.

    Args:
        site_scenes: pairs of site and scene, each scene once.

    Raises:
        ValueError: if the scenes of a site lie on two grids, or two scenes have one id.
    """
    sites: dict[str, Scene] = {}
    ids: set[str] = set()
    for site, scene in site_scenes:
        first = sites.setdefault(site, scene)
        if not same_pixels(first.grid, scene.grid):
            raise ValueError(f"site {site!r} lies on two grids: that of {first.id} and that of {scene.id}")
        if scene.id in ids:
            raise ValueError(f"two files are {scene.id}; give them names that differ in site or orbit")
        ids.add(scene.id)
    return {site: sites[site].grid for site in sorted(sites)}


def check_role(role: str) -> None:
    """Check the role of regions that a source makes.

    Raises:
        UnknownNameError: if it does not exist.
    """
    if role not in ROLES:
        raise lookup.unknown("role", role, ROLES)


def footprints(sites: dict[str, GeoBox], role: str) -> gpd.GeoDataFrame:
    """One region a site, as large as its grid, in the CRS of the first."""
    crs = str(next(iter(sites.values())).crs)
    columns = {"region": list(sites), "role": role, "label": None, "cleared": None}
    boxes = [gpd.GeoSeries([box(*grid.boundingbox.bbox)], crs=str(grid.crs)).to_crs(crs)[0] for grid in sites.values()]
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=crs)
