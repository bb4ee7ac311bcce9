"""Routes of maps: which there are, their TileJSON, tiles and legend."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import Response

from rojsat.server import map_files, map_tiles
from rojsat.server.answers import LegendEntry, MapList, Refusal, TileJson

KEPT_TILES = 1024
"""Tiles that are held in memory, about 10 kB each."""

MapName = Annotated[str, InPath(description="Name of a map, as /maps and jobs list them.", max_length=133)]
Number = Annotated[int, InPath(ge=0, lt=2 ** (map_tiles.ZOOMS.stop - 1))]
Zoom = Annotated[int, InPath(ge=0, lt=map_tiles.ZOOMS.stop)]

REFUSALS: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}, 422: {"model": Refusal}}


def routes(folder: Path) -> APIRouter:
    """The routes of the maps in a folder."""
    router = APIRouter(tags=["maps"])

    @router.get("/maps", summary="List the maps of the folder", response_model=MapList)
    def maps(request: Request) -> dict[str, Any]:
        """The maps that `rojsat predict` or `rojsat maps` left in the folder of the server, without those of jobs."""
        return {"maps": {name: tilejson_address(request, name) for name in map_files.maps(folder)}}

    @router.get("/tiles/{map_name}/tilejson.json", summary="Describe a map", responses=REFUSALS)
    def tilejson(request: Request, map_name: MapName) -> TileJson:
        """TileJSON of a map: what web maps and QGIS need to show it, and what its model is worth."""
        facts = map_tiles.describe(map_files.find(folder, map_name))
        tags = facts.pop("tags")
        address = f"{str(request.base_url).rstrip('/')}/tiles/{map_name}/{{z}}/{{x}}/{{y}}.png"
        return TileJson(
            name=map_name,
            attribution=tags.get("run", ""),
            description=tags.get("verdict", ""),
            threshold=tags.get("threshold"),
            tiles=[address],
            legend=[LegendEntry(**entry) for entry in map_tiles.legend()],
            **facts,
        )

    @router.get(
        "/tiles/{map_name}/{z}/{x}/{y}.png",
        summary="Draw a tile",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}, "description": "256 x 256 pixels"}, **REFUSALS},
    )
    def tile(map_name: MapName, z: Zoom, x: Number, y: Number) -> Response:
        """The degree in the colours of the legend, in Web Mercator; transparent where nothing is predicted."""
        path = map_files.find(folder, map_name)
        status = path.stat()
        content = _tile(path, status.st_mtime_ns, status.st_size, z, x, y)
        return Response(content, media_type="image/png", headers={"Cache-Control": "max-age=60"})

    @router.get("/legend", summary="Colours of the tiles")
    def legend() -> list[LegendEntry]:
        """Degrees, their colours and words."""
        return [LegendEntry(**entry) for entry in map_tiles.legend()]

    @router.get("/legend.svg", summary="The legend as a picture", response_class=Response)
    def legend_svg() -> Response:
        """The colours from 0 to 1 as SVG."""
        return Response(map_tiles.legend_svg(), media_type="image/svg+xml")

    return router


def tilejson_address(request: Request, name: str) -> str:
    """Where the TileJSON of a map is."""
    return f"{str(request.base_url).rstrip('/')}/tiles/{name}/tilejson.json"


@lru_cache(maxsize=KEPT_TILES)
def _tile(path: Path, changed: int, size: int, z: int, x: int, y: int) -> bytes:
    """A tile of a raster as it was when it was changed last."""
    del changed, size
    return map_tiles.tile(path, z, x, y)
