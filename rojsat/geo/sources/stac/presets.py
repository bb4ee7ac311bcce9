"""What the well-known archives call things: their URL, their collection, their names of the bands.

As found in Earth Search v1, the Planetary Computer and the Copernicus Data Space Ecosystem (CDSE, STAC v1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rojsat.chips.bands import BOA, RESOLUTION
from rojsat.config import lookup

ASSETS = (*BOA, "SCL", "TCI")
"""What an L2A product has that rojsat can use."""

COMMON = {
    "B01": "coastal",
    "B02": "blue",
    "B03": "green",
    "B04": "red",
    "B05": "rededge1",
    "B06": "rededge2",
    "B07": "rededge3",
    "B08": "nir",
    "B8A": "nir08",
    "B09": "nir09",
    "B11": "swir16",
    "B12": "swir22",
    "SCL": "scl",
    "TCI": "visual",
}
"""Names of Earth Search; many others follow them (most are common names of the STAC EO extension)."""


@dataclass(frozen=True)
class Preset:
    """One archive.

    Attributes:
        url: root of its STAC API.
        collection: its L2A collection.
        names: what it calls each asset; empty if they must be found out from the item.
        signing: how its URLs are signed, see `signing.signer`.
        endpoint: host of its S3 store, None if it has none.
    """

    url: str
    collection: str = "sentinel-2-l2a"
    names: Mapping[str, str] | None = None
    signing: str = "none"
    endpoint: str | None = None


PRESETS = {
    "earth_search": Preset("https://earth-search.aws.element84.com/v1", names=COMMON),
    "planetary_computer": Preset(
        "https://planetarycomputer.microsoft.com/api/stac/v1",
        names={name: "visual" if name == "TCI" else name for name in ASSETS},
        signing="planetary_computer",
    ),
    "cdse": Preset(
        "https://stac.dataspace.copernicus.eu/v1",
        names={name: f"{name}_{RESOLUTION[name]}m" for name in ASSETS},
        signing="s3",
        endpoint="eodata.dataspace.copernicus.eu",
    ),
}
"""By the name that the option `api` takes. CDSE has most bands at several sizes: the native one is taken."""


def preset(api: str) -> Preset:
    """The preset of that name, or one for the API at that URL.

    Raises:
        UnknownNameError: if it is neither.
    """
    if api.startswith(("http://", "https://")):
        return Preset(api)
    if api not in PRESETS:
        raise lookup.unknown("api", api, [*PRESETS, "https://…"])
    return PRESETS[api]


def check_bands(bands: Sequence[str], own: Iterable[str] = ()) -> None:
    """Check the names of bands.

    Args:
        bands: bands to download.
        own: bands whose keys the user gave.

    Raises:
        ValueError: if one does not exist, is named twice, or none has 10 m pixels.
    """
    for name in [*bands, *own]:
        if name not in ASSETS:
            raise lookup.unknown("band", name, ASSETS)
    if len(set(bands)) < len(bands):
        raise ValueError(f"bands are named twice: {list(bands)}")
    if not any(RESOLUTION[name] == 10 for name in bands):
        raise ValueError(f"bands {list(bands)}: one with 10 m pixels must be among them (B02, B03, B04, B08, TCI)")


def locate(item: Mapping[str, Any], bands: Sequence[str], known: Preset, own: Mapping[str, str]) -> dict[str, str]:
    """Key of each band among the item's assets; bands that it lacks are left out.

    Args:
        item: a STAC item.
        bands: as `ASSETS` calls them.
        known: the archive.
        own: keys that the user gave, before all others.

    Raises:
        ValueError: if several assets of an archive without a preset could be a band.
    """
    assets = item["assets"]
    keys = {}
    for band in bands:
        fixed = own.get(band) or (known.names or {}).get(band)
        key = fixed if fixed else _guess(assets, band, str(item["id"]))
        if key is not None and key in assets:
            keys[band] = key
    return keys


def _guess(assets: Mapping[str, Any], band: str, item: str) -> str | None:
    """By the asset's key, then by the name or common name that its only band declares."""
    spellings = {band, f"{band}_{RESOLUTION[band]}m", COMMON[band]}
    keys = [key for key in assets if key.lower() in {spelling.lower() for spelling in spellings}]
    keys = keys or [key for key, asset in assets.items() if _declares(asset, band)]
    if len(keys) > 1:
        raise ValueError(f"item {item}: {band} may be any of {sorted(keys)}; say which: `assets: {{{band}: …}}`")
    return keys[0] if keys else None


def _declares(asset: Mapping[str, Any], band: str) -> bool:
    declared = asset.get("eo:bands") or asset.get("bands") or []
    if len(declared) != 1:
        return False
    names = {declared[0].get(key) for key in ("name", "common_name", "eo:common_name")}
    return bool(names & {band, COMMON[band]})
