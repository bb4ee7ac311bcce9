import pytest

from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.vectors import region_files


@pytest.fixture
def parts(world):
    """What every source of labels gets: the raw data set, its regions and their grids."""
    regions = region_files.load_regions(world / "regions.gpkg")
    return world, regions, region_grids(catalog.read(world), regions)
