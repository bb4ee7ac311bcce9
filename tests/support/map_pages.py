"""Pages of maps of a young forest made of numbers."""

import numpy as np

from rojsat.geo.scenes.cog import write_cog
from rojsat.maps import map_cells, stand_table
from rojsat.maps.web.map_page import MapFacts
from tests.support import map_scenes

DAY = 18088
"""2019-07-11, days since 1970-01-01."""


def facts(folder, stands, *, days=("2019-07-11", "2019-08-20"), shape=(120, 160), **card):
    """What a page is made of: degrees from 0 in the west to 1 in the east, nothing seen in the south."""
    scenes = [map_scenes.write_scene(folder, day, shape=shape) for day in days]
    model = map_scenes.card(**card)
    grids = map_cells.map_grids(scenes, stands)
    grid = grids[0].grid
    degree = np.broadcast_to(np.linspace(0, 1, grid.shape[1], dtype=np.float32), grid.shape).copy()
    degree[int(0.8 * grid.shape[0]) :] = np.nan
    seen = np.isfinite(degree)
    bands = np.stack([degree, np.where(seen, np.float32(DAY), np.nan), np.where(seen, np.float32(0), np.nan)])
    path = write_cog(
        folder / "degree.tif",
        bands.astype(np.float32),
        transform=grid.affine,
        crs=str(grid.crs),
        nodata=np.nan,
        descriptions=["degree", "newest", "outside"],
    )
    table = stand_table.table(stands, grids, [path], model, "hectares")
    return MapFacts(table, model, "hectares", [], scenes, [path])
