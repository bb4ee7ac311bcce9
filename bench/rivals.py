"""Other libraries' ways to cut the chips of `bench.cutting`; `python -m bench.rivals WAY FOLDER` goes one."""

import sys
from pathlib import Path

import odc.stac
import pystac
import rasterio
from torchgeo.datasets import RasterDataset

from bench.cutting import CRS, WORKERS, report, world
from rojsat.chips.bands import BOA


class Bands(RasterDataset):
    """The twelve bands, as TorchGeo finds them by name."""

    filename_glob = "T*_B02.*"
    filename_regex = r"^T33V[A-Z]{2}_(?P<date>\d{8})_(?P<band>[A-Z0-9]{3})\.(tif|jp2)$"
    date_format = "%Y%m%d"
    is_image = True
    separate_files = True
    all_bands = BOA


def odc_stac(folder: Path, sample: int = 40) -> int:
    """One `odc.stac.load` a region, bilinear, all dates at once."""
    items = list(pystac.Catalog.from_file(str(folder / "raw" / "catalog.json")).get_items(recursive=True))
    scenes, grids = world(folder)
    how = {"*": "bilinear", "SCL": "nearest"}
    for grid in list(grids.values())[:sample]:
        odc.stac.load(items, bands=[*BOA, "SCL"], geobox=grid, resampling=how, pool=WORKERS)
        odc.stac.load(items, bands=["TCI.1", "TCI.2", "TCI.3"], geobox=grid, pool=WORKERS)
    return sample * len(scenes)


def torchgeo(folder: Path, sample: int = 100) -> int:
    """One query of a `RasterDataset` a region and date."""
    data, (_, grids) = Bands(folder / "dates", crs=rasterio.CRS.from_string(CRS), res=(10, 10)), world(folder)
    queries = [(grid, when) for grid in list(grids.values())[:sample] for when in data.index.index]
    for grid, when in queries[:sample]:
        edges = grid.boundingbox
        data[edges.left : edges.right, edges.bottom : edges.top, when.left : when.right]
    return sample


WAYS = {"odc_stac": odc_stac, "torchgeo": torchgeo}

if __name__ == "__main__":
    report(WAYS[sys.argv[1]], Path(sys.argv[2]), *sys.argv[3:])
