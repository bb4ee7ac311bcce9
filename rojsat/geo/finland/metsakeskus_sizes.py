"""How much `metsakeskus_wfs.fetch` would download, from the server's count and a sample; nothing is written."""

from dataclasses import dataclass

from rojsat.geo.finland import metsakeskus_wfs, municipalities
from rojsat.geo.finland.finnish_areas import Area
from rojsat.geo.servers import wfs, wfs_pages
from rojsat.geo.servers.retries import Patience

SAMPLE = 20
"""Features that an estimate of bytes is made from."""


@dataclass(frozen=True)
class LayerSize:
    """How much a layer is.

    Attributes:
        name: of the layer.
        features: that meet the box around the area; None if the server does not count.
        size: bytes to download, estimated from the first `SAMPLE` features; None without a count.
        pages: requests, one a page.
    """

    name: str
    features: int | None
    size: int | None
    pages: int | None

    def __str__(self) -> str:
        """In words."""
        if self.features is None or self.size is None:
            return f"{self.name}: the server does not count"
        return f"{self.name}: {self.features} features, about {self.size / 1e6:.1f} MB on {self.pages} pages"


@dataclass(frozen=True)
class DownloadSize:
    """How much an area is, before anything is downloaded.

    Attributes:
        area: resolved.
        layers: one each.
    """

    area: Area
    layers: tuple[LayerSize, ...]

    def __str__(self) -> str:
        """In words, a line a layer."""
        west, south, east, north = self.area.bounds
        size = f"{(east - west) / 1000:.1f} by {(north - south) / 1000:.1f} km"
        return "\n".join([f"{self.area.name}, a box of {size} around it", *map(str, self.layers)])


def estimate(
    area: str | Area,
    *,
    url: str = metsakeskus_wfs.STANDS,
    declarations: str | None = metsakeskus_wfs.DECLARATIONS,
    outlines: str = municipalities.URL,
    page: int = wfs_pages.SIZE,
    patience: Patience | None = None,
) -> DownloadSize:
    """How much `fetch` with the same arguments would download; nothing is written.

    Raises:
        GaveUpError: if a server does not answer.
        ValueError: if the area is none, or a server refuses its request.
    """
    patience = patience or Patience()
    known = metsakeskus_wfs.resolve(area, outlines, patience)
    servers = [(url, metsakeskus_wfs.STAND)] + (
        [] if declarations is None else [(declarations, metsakeskus_wfs.DECLARATION)]
    )
    return DownloadSize(known, tuple(_size(known, *server, page, patience) for server in servers))


def _size(area: Area, url: str, name: str, page: int, patience: Patience) -> LayerSize:
    layer = wfs.open_layer(url, name, patience)
    query = metsakeskus_wfs.query(area, layer, None)
    count = layer.hits(query)
    if not count:
        return LayerSize(layer.name, count, count, count)
    sample = layer.page(query, 0, min(SAMPLE, count))
    size = len(sample.body) * count // max(len(sample.features), 1)
    return LayerSize(layer.name, count, size, -(-count // min(page, layer.most or page)))
