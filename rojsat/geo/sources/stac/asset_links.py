"""URLs as items give them: which of them may be asked for, and what in them is a signature."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import requests

from rojsat.geo.servers import guarded_session
from rojsat.geo.servers.retries import Patience
from rojsat.geo.sources.stac.unusable_items import UnusableItemError

SCHEMES = ("http", "https", "s3")
"""What an asset's URL may begin with: nothing that leads to files of this machine or GDAL's file systems."""

_SIGNATURE = re.compile(
    r"(x-amz-.+|awsaccesskeyid|expires|signature|key-pair-id|policy|x-goog-.+"  # Amazon, Google
    r"|sig|st|se|sp|sv|sr|sks|ske|skt|skv|skoid|sktid|spr|sip"  # Azure: shared access signatures
    r"|token|access_token|auth|jwt)",
    re.IGNORECASE,
)
"""Names of the parts of a query that sign a URL."""


def check(href: Any) -> str:
    """The URL of an asset, if it may be asked for.

    Raises:
        UnusableItemError: if it is none of a web server or an S3 store, or leads to a place by a way around (`..`).
    """
    if not isinstance(href, str):
        raise UnusableItemError(f"the URL of an asset is {href!r}")
    try:
        parts = urlsplit(href)
    except ValueError as error:
        raise UnusableItemError(f"{href!r} is no URL: {error}") from error
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise UnusableItemError(f"{href!r} is no URL of a web server or an S3 store ({', '.join(SCHEMES)})")
    if ".." in re.split(r"[/\\]", unquote(parts.path)) or any(ord(sign) < 32 for sign in unquote(href)):
        raise UnusableItemError(f"{href!r} leads to its file by a way around, as no archive's URLs do")
    return href


def unsigned(href: str) -> str:
    """A URL without the parts of its query that sign it: it stays the same when it is signed again."""
    parts = urlsplit(href)
    kept = [(name, text) for name, text in parse_qsl(parts.query, True) if not _SIGNATURE.fullmatch(name)]
    return href if not parts.query else urlunsplit(parts._replace(query=urlencode(kept)))


def is_signed(href: str) -> bool:
    """Whether an API gave a URL that is signed already."""
    return any(_SIGNATURE.fullmatch(name) for name, _ in parse_qsl(urlsplit(href).query, True))


def asked_again(item: Mapping[str, Any], key: str, session: requests.Session, patience: Patience) -> str | None:
    """The URL of an asset as the API gives it now; None if it gives none.

    Args:
        item: the item, with the link `self` that the API gave it.
        key: of the asset.
        session: connections to reuse.
        patience: with the API; one request is made, `RangeFile` repeats it.
    """
    address = next((link.get("href") for link in item.get("links", ()) if link.get("rel") == "self"), None)
    if address is None or urlsplit(address).scheme not in ("http", "https"):
        return None
    try:
        with session.get(address, timeout=patience.timeout, stream=True) as answer:
            return check(json.loads(guarded_session.body(answer))["assets"][key]["href"]) if answer.ok else None
    except (requests.RequestException, ValueError, LookupError, TypeError):
        return None
