"""Download the assets of all products; a product of which one asset is unusable is left out with all of them."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import requests

from rojsat.config import file_names
from rojsat.geo.servers.retries import Patience
from rojsat.geo.sources.stac import asset_links, download, items, pool
from rojsat.geo.sources.stac.areas import Areas
from rojsat.geo.sources.stac.block_store import Stored
from rojsat.geo.sources.stac.scene_assets import ArchiveProduct
from rojsat.geo.sources.stac.signing import Signer
from rojsat.geo.sources.stac.unusable_items import UnusableItemError, UnusableItems


def fetch(
    destination: Path,
    products: Sequence[ArchiveProduct],
    areas: Areas,
    sign: Signer,
    *,
    session: requests.Session,
    connections: int,
    patience: Patience,
    unusable_share: float,
) -> tuple[dict[str, dict[str, Stored]], dict[str, str]]:
    """Download all assets.

    Args:
        destination: folder that gets a folder a scene.
        products: what to download.
        areas: the ground.
        sign: makes URLs readable.
        session: connections to reuse.
        connections: downloads at once.
        patience: with the servers.
        unusable_share: share of the products that may be unusable.

    Returns:
        The files by scene and band, without products that have no pixel in the area; and why products are unusable, by
        the ids of their items: nothing of these stays in the folder.

    Raises:
        ValueError: if a server does not deliver, or too many products are unusable.
    """
    unusable = UnusableItems(len(products), unusable_share)
    requested = [(product, band) for product in products for band in product.keys]

    def stored(asset: tuple[ArchiveProduct, str]) -> Stored | None:
        product, band = asset
        try:
            job = _job(destination, product, band, sign, session, patience)
            return download.fetch(job, areas.boxes, sign=sign, session=session, patience=patience)
        except UnusableItemError as error:
            unusable.add(str(product.item["id"]), str(error), list(product.keys).index(band))
            return None

    files = pool.run(stored, requested, connections=connections, patience=patience, what="assets")
    reasons = unusable.reasons()
    by_scene: dict[str, dict[str, Stored]] = {}
    for (product, band), file in zip(requested, files, strict=True):
        if str(product.item["id"]) in reasons:
            shutil.rmtree(destination / file_names.check(product.scene, "scene"), ignore_errors=True)
        elif file is not None:
            by_scene.setdefault(product.scene, {})[band] = file
    return by_scene, reasons


def _job(
    destination: Path, product: ArchiveProduct, band: str, sign: Signer, session: requests.Session, patience: Patience
) -> download.Download:
    asset = product.item["assets"][product.keys[band]]
    target = destination / file_names.check(product.scene, "scene") / f"{file_names.check(band, 'band')}.tif"
    try:
        href, grid = asset_links.check(asset["href"]), items.grid(product.item, asset)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnusableItemError(f"its asset {product.keys[band]}: {error}") from error
    return download.Download(href, target, grid, _renewal(product, band, href, sign, session, patience))


def _renewal(
    product: ArchiveProduct, band: str, href: str, sign: Signer, session: requests.Session, patience: Patience
) -> Callable[[str], str] | None:
    """What gives the URL of an asset again where its signature is refused; None where nothing signs it."""
    if asset_links.is_signed(href):
        return lambda old: asset_links.asked_again(product.item, product.keys[band], session, patience) or old
    return sign.renew
