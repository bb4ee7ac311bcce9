"""The scene of an item's downloaded assets, with the scale and offset of its reflectance."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from rojsat.geo.scenes import catalog
from rojsat.geo.sources.stac import items, offsets, presets
from rojsat.geo.sources.stac.block_store import Stored
from rojsat.geo.sources.stac.query import Item

SCALE = 1e-4
"""Scale of reflectance where assets declare none: 1 / QUANTIFICATION_VALUE (ESA)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ArchiveProduct:
    """One product of the archive.

    Attributes:
        scene: id that its scene gets.
        item: its STAC item.
        keys: key of each band among the assets of the item.
    """

    scene: str
    item: Item
    keys: Mapping[str, str]


def check_offset(product: ArchiveProduct, forced: float | None) -> None:
    """Check, before anything is downloaded, that the offset of its reflectance can be decided.

    Args:
        product: its item tells the processing baseline and what its assets declare.
        forced: offset that the user gave; None for `auto`.

    Raises:
        ValueError: if nothing tells the offset, or its bands declare several.
    """
    declared = _declared(product)[1] if set(product.keys) & set(presets.BOA) else 0.0
    offsets.check(str(product.item["id"]), items.baseline(product.item), declared, forced)


def scene(
    product: ArchiveProduct, stored: Mapping[str, Stored], evidence: offsets.Evidence, forced: float | None
) -> catalog.Scene:
    """Describe the downloaded assets of a product as a scene.

    Args:
        product: what they belong to.
        stored: their files, by band.
        evidence: counts over their pixels.
        forced: offset of reflectance that the user gave; None for `auto`.

    Raises:
        ValueError: if the assets lie in more than one CRS.
    """
    item, scale, offset = product.item, _declared(product)[0] or SCALE, _offset(product, evidence, forced)
    assets = {}
    for band, raster in stored.items():
        factor, shift = (scale, offset) if band in presets.BOA else (1.0, 0.0)
        assets[band] = catalog.Asset(
            str(raster.path), raster.shape, raster.transform, raster.dtype, raster.nodata, factor, shift
        )
    crs = {raster.crs for raster in stored.values()}
    if len(crs) > 1:
        raise ValueError(
            f"item {item['id']}: its assets lie in more than one CRS: {sorted(crs)}; leave it out by `skip`"
        )
    return catalog.Scene(product.scene, items.acquired(item), items.relative_orbit(item), crs.pop(), assets)


def _offset(product: ArchiveProduct, evidence: offsets.Evidence, forced: float | None) -> float:
    """Decide on the offset; the reason goes to the log, contradictions as a warning."""
    item = product.item
    applied = item["properties"].get("earthsearch:boa_offset_applied")
    decision = offsets.decide(items.baseline(item), _declared(product)[1], applied, evidence, forced)
    _log.info("%s (%s): offset %g, %s", product.scene, item["id"], decision.offset, decision.reason)
    if decision.doubts:
        doubts = " and ".join(decision.doubts)
        _log.warning("%s: offset %g is used (%s), but %s", product.scene, decision.offset, decision.reason, doubts)
    return decision.offset


def _declared(product: ArchiveProduct) -> tuple[float | None, float | None]:
    """Scale and offset that the bands of the item declare.

    Raises:
        ValueError: if they differ among its bands.
    """
    assets = product.item["assets"]
    pairs = {items.declared(assets[key]) for band, key in product.keys.items() if band in presets.BOA}
    if len(pairs) > 1:
        texts = sorted(map(str, pairs))
        raise ValueError(
            f"item {product.item['id']}: its bands declare several scales and offsets: {texts}; leave it out by `skip`"
        )
    return next(iter(pairs), (None, None))
