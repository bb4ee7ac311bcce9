"""Turn the URL of an asset into one that may be read now, as each archive demands it; knows how to sign.

Signed URLs live for about an hour, so they are made for every request and never written down.
"""

import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import planetary_computer
import planetary_computer.sas

from rojsat.config import lookup


@dataclass(frozen=True)
class Signer:
    """Signs URLs.

    Attributes:
        sign: from a URL to one that may be read now.
        renew: forgets what it keeps of signatures, and gives its argument, the URL to sign; None if it keeps nothing.
    """

    sign: Callable[[str], str]
    renew: Callable[[str], str] | None = None

    def __call__(self, href: str) -> str:
        """The URL as it may be read now."""
        return self.sign(href)


LIFE = 3600
"""Seconds that a signed S3 URL is good for."""


def signer(name: str, endpoint: str | None = None) -> Signer:
    """The signer of a name: `none`, `planetary_computer` or `s3`.

    Args:
        name: what the archive wants.
        endpoint: host of the S3 store, where AWS_S3_ENDPOINT does not say another.

    Raises:
        ValueError: if the name does not exist, or `s3` finds no credentials in the environment.
    """
    if name == "s3":
        return s3(endpoint)
    if name == "planetary_computer":
        return _planetary_computer()
    if name != "none":
        raise lookup.unknown("signing", name, ["none", "planetary_computer", "s3"])
    return Signer(plain)


def _planetary_computer() -> Signer:
    lock = threading.Lock()  # one token for all threads, not one each

    def sign(href: str) -> str:
        with lock:
            return str(planetary_computer.sign(href))

    def renew(href: str) -> str:
        with lock:
            planetary_computer.sas.TOKEN_CACHE.clear()
        return href

    return Signer(sign, renew)


def plain(href: str) -> str:
    """The URL itself, for open archives.

    Raises:
        ValueError: if it is none that a web server answers.
    """
    if urlsplit(href).scheme not in ("http", "https"):
        raise ValueError(f"{href} is no http(s) URL; s3:// needs the option `signing: s3` and credentials")
    return href


def s3(endpoint: str | None = None) -> Signer:
    """Signer of `s3://bucket/key`, with the variables that GDAL reads too.

    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set; AWS_SESSION_TOKEN, AWS_S3_ENDPOINT, AWS_REGION and
    AWS_HTTPS (NO for plain http) may be. URLs are of the path style, which every S3 store knows.

    Raises:
        ValueError: if a variable is missing.
    """
    host = _s3_host(endpoint)
    scheme = "http" if os.environ.get("AWS_HTTPS", "YES").upper() in ("NO", "FALSE", "OFF") else "https"

    def sign(href: str) -> str:
        parts = urlsplit(href)
        if parts.scheme != "s3":
            return plain(href)
        return presign(
            f"{scheme}://{host}/{parts.netloc}{quote(parts.path)}",
            key=os.environ["AWS_ACCESS_KEY_ID"],
            secret=os.environ["AWS_SECRET_ACCESS_KEY"],
            token=os.environ.get("AWS_SESSION_TOKEN"),
            region=os.environ.get("AWS_REGION") or "us-east-1",
            now=datetime.now(UTC),
        )

    return Signer(sign)


def _s3_host(endpoint: str | None) -> str:
    missing = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not os.environ.get(name)]
    host = os.environ.get("AWS_S3_ENDPOINT") or endpoint
    if missing or not host:
        raise ValueError(
            f"the environment lacks {', '.join(missing or ['AWS_S3_ENDPOINT'])}: this archive lies in an S3 store. "
            "Make keys at its web site (for CDSE: https://eodata-s3keysmanager.dataspace.copernicus.eu), "
            "export the variables and run the same command"
        )
    return host


def presign(
    url: str, *, key: str, secret: str, region: str, now: datetime, token: str | None = None, life: int = LIFE
) -> str:
    """Sign a GET of an S3 object in its query: AWS Signature Version 4.

    Source: "Authenticating Requests: Using Query Parameters", Amazon S3 API Reference.

    Args:
        url: http(s) URL of the object, its path quoted, without a query.
        key: access key id.
        secret: secret access key.
        region: region of the store.
        now: time of signing, UTC.
        token: session token of temporary keys.
        life: seconds that the URL is good for.
    """
    parts, day, time = urlsplit(url), f"{now:%Y%m%d}", f"{now:%Y%m%dT%H%M%SZ}"
    scope = f"{day}/{region}/s3/aws4_request"
    fields = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{key}/{scope}",
        "X-Amz-Date": time,
        "X-Amz-Expires": str(life),
        **({"X-Amz-Security-Token": token} if token else {}),
        "X-Amz-SignedHeaders": "host",
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(fields.items()))
    request = "\n".join(["GET", parts.path, query, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(request.encode()).hexdigest()])
    secret_key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        secret_key = hmac.digest(secret_key, part.encode(), "sha256")
    return f"{url}?{query}&X-Amz-Signature={hmac.digest(secret_key, text.encode(), 'sha256').hex()}"
