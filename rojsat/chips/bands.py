"""Sentinel-2 bands and scene classes: names, sizes and colours. Knows nothing but the standard library."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """One spectral band of the MultiSpectral Instrument (MSI).

    Attributes:
        name: as ESA writes it, `B02`.
        resolution: native pixel size, metres.
        wavelength: centre wavelength of Sentinel-2A, nanometres (Sentinel-2 Spectral Response Functions 3.0).
    """

    name: str
    resolution: int
    wavelength: float


MSI: tuple[Band, ...] = (
    Band("B01", 60, 442.7),
    Band("B02", 10, 492.4),
    Band("B03", 10, 559.8),
    Band("B04", 10, 664.6),
    Band("B05", 20, 704.1),
    Band("B06", 20, 740.5),
    Band("B07", 20, 782.8),
    Band("B08", 10, 832.8),
    Band("B8A", 20, 864.7),
    Band("B09", 60, 945.1),
    Band("B10", 60, 1373.5),
    Band("B11", 20, 1613.7),
    Band("B12", 20, 2202.4),
)
TOA: tuple[str, ...] = tuple(band.name for band in MSI)
"""Bands of a top-of-atmosphere product (L1C), in ESA's order."""

BOA: tuple[str, ...] = tuple(name for name in TOA if name != "B10")
"""Bands of a bottom-of-atmosphere product (L2A): B10 shows only cirrus, so L2A has none."""

RESOLUTION: dict[str, int] = {band.name: band.resolution for band in MSI} | {"SCL": 20, "TCI": 10}
"""Native pixel size of every asset, metres."""

GRID = 10
"""Pixel size of the grid of regions, masks and chips, metres."""


@dataclass(frozen=True)
class SceneClass:
    """One class of the scene classification map (SCL) of L2A.

    Attributes:
        value: as stored in the raster.
        name: as Sen2Cor writes it.
        colour: the customary hexadecimal colour (Sentinel-2 L2A Algorithm Theoretical Basis Document).
    """

    value: int
    name: str
    colour: str


SCL: tuple[SceneClass, ...] = (
    SceneClass(0, "NO_DATA", "#000000"),
    SceneClass(1, "SATURATED_OR_DEFECTIVE", "#ff0000"),
    SceneClass(2, "DARK_AREA_PIXELS", "#2f2f2f"),
    SceneClass(3, "CLOUD_SHADOWS", "#643200"),
    SceneClass(4, "VEGETATION", "#00a000"),
    SceneClass(5, "NOT_VEGETATED", "#ffe65a"),
    SceneClass(6, "WATER", "#0000ff"),
    SceneClass(7, "UNCLASSIFIED", "#808080"),
    SceneClass(8, "CLOUD_MEDIUM_PROBABILITY", "#c0c0c0"),
    SceneClass(9, "CLOUD_HIGH_PROBABILITY", "#ffffff"),
    SceneClass(10, "THIN_CIRRUS", "#64c8ff"),
    SceneClass(11, "SNOW", "#ff96ff"),
)
INVALID: tuple[int, ...] = (0, 1)
"""SCL values of pixels without a usable measurement: no data, and saturated or defective."""

CLOUD: tuple[int, ...] = (8, 9, 10)
"""SCL values that hide the ground: medium and high cloud probability, thin cirrus (Svensson 2020)."""

CLOUD_MASKS: tuple[str, ...] = ("SCL", "CSMASK")
"""Planes of a scene that tell clouds: the SCL of L2A, and the mask that `data.clouds=csmask` computes."""

CSMASK: tuple[str, ...] = ("no data", "clear", "cloud", "cloud shadow")
"""Classes of the computed mask, by their stored value; snow and water are clear."""

CSMASK_AS_SCL: tuple[int, ...] = (0, 4, 9, 3)
"""The SCL value that each class of the computed mask counts as where pixels are seen or hidden."""
