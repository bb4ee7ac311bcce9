"""Tiles of the degree for maps on the web, in Web Mercator, by rio-tiler; no option of GDAL comes from a request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rio_tiler.colormap import cmap
from rio_tiler.errors import RioTilerError, TileOutsideBounds
from rio_tiler.io import Reader

from rojsat.geo.scenes import raster_files
from rojsat.server.limits import RefusedError

COLOURS = "ylorbr"
"""Colours of degrees in [0, 1], those of the figures."""

CLOSED = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "CPL_VSIL_CURL_USE_HEAD": "NO",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64 * 2**20,  # bytes
    "GDAL_NUM_THREADS": 1,
    "VRT_SHARED_SOURCE": 0,
}
"""GDAL reads the one file that it is given: nothing beside it, nothing of the web; and keeps 64 MB of blocks."""

ZOOMS = range(25)

WORDS = ((0.0, "none"), (0.25, "some"), (0.5, "much"), (1.0, "most"))
"""Degrees that the legend names."""

_SIZE = 256
_OVERVIEWS = "OVERVIEWS"
"""Domain of metadata in which a GeoTIFF may name another file as its overviews."""


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Reader, Mapping[str, str]]]:
    """A map open for tiles, and its tags.

    Raises:
        RefusedError: 422, if the file is no GeoTIFF, or leads to another file.
    """
    with rasterio.Env(**CLOSED):
        try:
            raster = raster_files.open_raster(path)
        except (RasterioError, ValueError) as error:
            raise RefusedError(422, f"{path.name} is no GeoTIFF that can be shown") from error
        with raster:
            if raster.driver != "GTiff" or raster.tags(ns=_OVERVIEWS) or raster.crs is None:
                raise RefusedError(422, f"{path.name} is no GeoTIFF that can be shown")
            with Reader(None, dataset=raster) as reader:
                yield reader, raster.tags()


def tile(path: Path, z: int, x: int, y: int) -> bytes:
    """A tile of the first band, the degree in [0, 1]; transparent where there is none.

    Args:
        path: of the map.
        z: zoom.
        x: column.
        y: row, from the north.

    Returns:
        PNG, 256 x 256 pixels.

    Raises:
        RefusedError: 404, if the map has nothing there.
    """
    with _opened(path) as (reader, _):
        try:
            image = reader.tile(x, y, z, tilesize=_SIZE, indexes=1, resampling_method="nearest")
        except TileOutsideBounds as error:
            raise RefusedError(404, "the map has nothing on this tile") from error
        except (RioTilerError, RasterioError) as error:
            raise RefusedError(422, f"{path.name} cannot be read") from error
    hidden = np.ma.getmaskarray(image.array) | ~np.isfinite(image.array.data)
    numbers = np.clip(np.rint(np.where(hidden, 0, image.array.data) * 255), 0, 255).astype(np.uint8)
    image.array = np.ma.masked_array(numbers, hidden)
    return bytes(image.render(img_format="PNG", colormap=_colours()))


def describe(path: Path) -> dict[str, Any]:
    """Where a map lies, and what it says of itself: `bounds` in degrees, `minzoom`, `maxzoom`, `tags`."""
    with _opened(path) as (reader, tags):
        bounds = [round(float(end), 7) for end in reader.get_geographic_bounds("EPSG:4326")]
        return {
            "bounds": bounds,
            "center": [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, reader.minzoom],
            "minzoom": reader.minzoom,
            "maxzoom": reader.maxzoom,
            "tags": {name: text for name, text in tags.items() if name in _TAGS},
        }


_TAGS = ("run", "target", "threshold", "verdict")


@cache
def _colours() -> Any:
    return cmap.get(COLOURS)


def legend() -> list[dict[str, Any]]:
    """Colours of degrees, each with its word."""
    return [{"degree": degree, "colour": colour(degree), "means": word} for degree, word in WORDS]


def colour(degree: float) -> str:
    """The colour of a degree in [0, 1], `#rrggbb`."""
    red, green, blue, _ = _colours()[round(degree * 255)]
    return f"#{red:02x}{green:02x}{blue:02x}"


def legend_svg() -> str:
    """The legend as a picture."""
    stops = "".join(f'<stop offset="{step / 10}" stop-color="{colour(step / 10)}"/>' for step in range(11))
    marks = "".join(
        f'<text x="{10 + 200 * degree:g}" y="46" text-anchor="{anchor}">{degree:g} {word}</text>'
        for (degree, word), anchor in zip(WORDS, ("start", "middle", "middle", "end"), strict=True)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="220" height="54" viewBox="0 0 220 54" role="img" '
        'font-family="sans-serif" font-size="10"><title>Degree of need for clearing</title>'
        f'<defs><linearGradient id="degree">{stops}</linearGradient></defs>'
        '<rect x="10" y="6" width="200" height="24" fill="url(#degree)" stroke="#888"/>'
        f"{marks}</svg>"
    )
