"""What a STAC item says of a Sentinel-2 product, wherever its archive writes it; asks nothing of any server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from shapely.errors import ShapelyError
from shapely.geometry import shape

from rojsat.geo.sources.stac.unusable_items import UnusableItemError

PRODUCT = re.compile(
    r"(?P<platform>S2[A-D])_MSIL(?P<level>1C|2A)_(?P<sensed>\d{8}T\d{6})_(?:N(?P<baseline>\d{4})_)?"
    r"R(?P<orbit>\d{3})_T(?P<tile>\d{2}[A-Z]{3})_(?P<generated>\d{8}T\d{6})"
)
"""Name of a product (ESA, Sentinel-2 naming convention); the Planetary Computer leaves the baseline out."""

Item = dict[str, Any]

LAST_ORBIT = 143
"""Relative orbits of Sentinel-2 (ESA): 1 to 143."""

_ORBIT = re.compile(r"_R(\d{3})(?=_|$|\.)")
_TILE = re.compile(r"(?:^|_)T?(\d{2}[C-HJ-NP-X][A-Z]{2})(?=_|$|\.)")
_MGRS = re.compile(r"\d{2}[C-HJ-NP-X][A-HJ-NP-Z]{2}")
_STRIP = re.compile(r"_S(\d{8}T\d{6})")
_LEVEL_KEYS = ("processing:level", "s2:processing_level", "s2:product_type", "product:type")
_LEVELS = {
    "L1C": re.compile(r"(?<![a-z])(?:msi)?(?:level[-_ ]?|l)1c?(?![a-z0-9])", re.IGNORECASE),
    "L2A": re.compile(r"(?<![a-z])(?:msi)?(?:level[-_ ]?|l)2a?(?![a-z0-9])", re.IGNORECASE),
}
_FULL_LEVELS = {
    name: re.compile(rf"(?:s2)?(?:msi)?(?:level[-_ ]?|l)?{number}", re.IGNORECASE)
    for name, number in (("L1C", "1c?"), ("L2A", "2a?"))
}
_BASELINE = re.compile(r"\d{1,2}\.\d{2}")


@dataclass(frozen=True)
class AnnouncedGrid:
    """Pixel grid that an item announces for an asset; None for what it does not say.

    Attributes:
        crs: `EPSG:32633`.
        shape: height and width, pixels.
        transform: six numbers, as in `proj:transform`.
        dtype: of the stored numbers.
    """

    crs: str | None
    shape: tuple[int, int] | None
    transform: tuple[float, ...] | None
    dtype: str | None


def check(item: dict[str, Any]) -> dict[str, Any]:
    """An item, if it says of itself what is asked of it here.

    Raises:
        UnusableItemError: if not: it is no item, or a part of it is of another kind than STAC says.
    """
    try:
        if not isinstance(item["id"], str) or not item["id"].isprintable():
            raise UnusableItemError("its id is no text that can be printed")
        if not all(isinstance(asset, dict) for asset in item["assets"].values()):
            raise UnusableItemError("its assets are none")
        if shape(item["geometry"]).is_empty:
            raise UnusableItemError("it has no geometry")
        for asked in (acquired, strip_start, generated, platform, tile, relative_orbit, baseline, level, cloud):
            asked(item)
    except (ValueError, LookupError, TypeError, AttributeError, ShapelyError) as error:
        raise UnusableItemError(f"it is no item as STAC describes them: {error}") from error
    return item


def acquired(item: Mapping[str, Any]) -> pd.Timestamp:
    """Time of acquisition, UTC.

    Raises:
        ValueError: if the item does not say.
    """
    properties = item["properties"]
    text = properties.get("datetime") or properties.get("start_datetime")
    if not text:
        raise ValueError(f"item {item['id']} has neither datetime nor start_datetime")
    time = pd.Timestamp(text)
    if pd.isna(time):
        raise ValueError(f"item {item['id']} says {text!r} where a time belongs")
    return time.tz_localize("UTC") if time.tz is None else time.tz_convert("UTC")


def strip_start(item: Mapping[str, Any]) -> str:
    """Start of its datastrip, to the second: the same for every processing of one acquisition of a tile."""
    match = _STRIP.search(str(item["properties"].get("s2:datastrip_id", "")))
    return match.group(1) if match else f"{acquired(item).round('s'):%Y%m%dT%H%M%S}"


def generated(item: Mapping[str, Any]) -> str:
    """Time at which the product was generated, `20230701T155151`: text that sorts; empty if nothing says."""
    properties = item["properties"]
    for key in ("s2:generation_time", "processing:datetime"):
        if properties.get(key):
            return f"{pd.Timestamp(properties[key]):%Y%m%dT%H%M%S}"
    return _product(item).get("generated", "")


def platform(item: Mapping[str, Any]) -> str:
    """`S2A`, or what the item calls it; empty if it does not say.

    Raises:
        ValueError: if it is no name: scenes are named after it.
    """
    name = str(item["properties"].get("platform", "")).lower()
    match = re.fullmatch(r"sentinel-?2([a-d])", name)
    if not match and not re.fullmatch(r"[a-z0-9-]*", name):
        raise ValueError(f"item {item['id']!r} says that its platform is {name!r}; a platform is as sentinel-2a")
    return f"S2{match.group(1).upper()}" if match else _product(item).get("platform", name.upper())


def tile(item: Mapping[str, Any]) -> str | None:
    """Tile of the Military Grid Reference System, `33VWE`; None if nothing says.

    Raises:
        ValueError: if what the item says is none: files are named after it.
    """
    properties = item["properties"]
    parts = [properties.get(f"mgrs:{part}") for part in ("utm_zone", "latitude_band", "grid_square")]
    texts = [properties.get("s2:mgrs_tile"), properties.get("grid:code")]
    if None not in parts:
        texts.append(f"{int(parts[0]):02d}{parts[1]}{parts[2]}")
    for text in texts:
        if text:
            name = str(text).removeprefix("MGRS-").removeprefix("T").zfill(5)
            if not _MGRS.fullmatch(name):
                raise ValueError(f"item {item['id']!r} says that its tile is {text!r}; a tile is as 33VWE")
            return name
    match = _TILE.search(str(item["id"]))
    return _product(item).get("tile") or (match.group(1) if match else None)


def relative_orbit(item: Mapping[str, Any]) -> int:
    """1 to 143, from its property or its product's name; 0 if neither says."""
    number = item["properties"].get("sat:relative_orbit")
    if number is None:
        match = _ORBIT.search(str(item["id"]))
        number = _product(item).get("orbit") or (match.group(1) if match else 0)
    if not 0 <= int(number) <= LAST_ORBIT:
        raise ValueError(f"item {item['id']!r} says that its relative orbit is {number!r}; there are 1 to {LAST_ORBIT}")
    return int(number)


def baseline(item: Mapping[str, Any]) -> float | None:
    """Processing baseline, 5.09 for N0509; None if nothing says."""
    properties = item["properties"]
    for key in ("s2:processing_baseline", "processing:version"):
        text = str(properties.get(key, ""))
        if _BASELINE.fullmatch(text):
            return float(text)
    digits = _product(item).get("baseline")
    return int(digits) / 100 if digits else None


def level(item: Mapping[str, Any]) -> str | None:
    """`L1C`, reflectance at the top of the atmosphere, or `L2A`, at the ground; None if nothing says.

    Its properties and its product's name say it, else its id and its collection; of an item that says both, L1C.
    """
    properties = item["properties"]
    stated = [str(properties.get(key, "")) for key in _LEVEL_KEYS]
    product = {"1C": "L1C", "2A": "L2A"}.get(_product(item).get("level", ""))
    levels = {name for name, full in _FULL_LEVELS.items() for text in stated if full.fullmatch(text)} | {product}
    for text in (item["id"], item.get("collection")):
        if levels & {"L1C", "L2A"}:
            break
        levels |= {name for name, part in _LEVELS.items() if part.search(str(text or ""))}
    return next((name for name in ("L1C", "L2A") if name in levels), None)


def cloud(item: Mapping[str, Any]) -> float | None:
    """Cloud cover of the product, percent; None if the item does not say."""
    cover = item["properties"].get("eo:cloud_cover")
    return None if cover is None else float(cover)


def declared(asset: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Scale and offset that an asset declares: reflectance = stored * scale + offset. None for what it does not."""
    band = _band(asset)
    scale, offset = (band.get(key, asset.get(f"raster:{key}")) for key in ("scale", "offset"))
    return (None if scale is None else float(scale)), (None if offset is None else float(offset))


def grid(item: Mapping[str, Any], asset: Mapping[str, Any]) -> AnnouncedGrid:
    """Pixel grid that the item announces for the asset, as the Projection extension writes it (1.0 to 2.0)."""
    fields: dict[str, Any] = {}
    for part in (item["properties"], asset):
        fields |= {key: part[key] for key in part if key.startswith("proj:") and part[key] is not None}
    code = fields.get("proj:code") or (f"EPSG:{fields['proj:epsg']}" if fields.get("proj:epsg") else None)
    shape, transform = fields.get("proj:shape"), fields.get("proj:transform")
    dtype = _band(asset).get("data_type", asset.get("data_type"))
    return AnnouncedGrid(
        code,
        (int(shape[0]), int(shape[1])) if shape else None,
        tuple(float(number) for number in transform[:6]) if transform else None,
        dtype,
    )


def _band(asset: Mapping[str, Any]) -> dict[str, Any]:
    """The first band's fields of the Raster extension (1: `raster:bands`; 2: `bands` with or without a prefix)."""
    for key in ("raster:bands", "bands"):
        if asset.get(key):
            return {name.removeprefix("raster:"): value for name, value in asset[key][0].items()}
    return {}


def _product(item: Mapping[str, Any]) -> dict[str, str]:
    """Parts of the product's name, from its property or its id; empty if neither is one."""
    for text in (item["properties"].get("s2:product_uri"), item["properties"].get("title"), item["id"]):
        match = PRODUCT.search(str(text or ""))
        if match:
            return {key: value for key, value in match.groupdict().items() if value}
    return {}
