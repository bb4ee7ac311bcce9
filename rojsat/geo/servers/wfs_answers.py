"""What a WFS 2.0 answers: features as GeoJSON, counts, descriptions and exceptions, which may come with status 200."""

import json
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import requests

from rojsat.geo.servers.retries import PASSING, PassingFault, retry_after

PASSING_CODES = frozenset({"", "NoApplicableCode", "OperationProcessingFailed", "ResponseCacheExpired"})
"""Codes of exceptions that a later request may not meet (OGC 09-025r2, table 3, and OGC 06-121r9, table 27): the server
failed. All other codes say that the request is wrong."""

NO_ORDER = "natural order"
"""Words of GeoServer where a layer has no primary key, so that pages of it need `sortBy`."""

Feature = dict[str, Any]
"""A feature of GeoJSON: `id`, `geometry` and `properties`."""


@dataclass(frozen=True)
class WfsPage:
    """One page of features.

    Attributes:
        features: in the order of the server.
        matched: features of the query on all pages, as the server counts them; None where it does not.
        body: the answer as it came.
    """

    features: list[Feature]
    matched: int | None
    body: bytes


@dataclass(frozen=True)
class Capabilities:
    """What a server says that it has.

    Attributes:
        version: of WFS that it answers in.
        layers: their names, with a prefix as a rule (`v1:stand`).
        most: features that it answers at once; None where it does not say so.
        pages: whether it answers page by page; None where it does not say so.
        formats: of the answers to GetFeature.
    """

    version: str
    layers: tuple[str, ...]
    most: int | None
    pages: bool | None
    formats: tuple[str, ...]


def body(answer: requests.Response, name: str) -> bytes:
    """The body of an answer that is no exception.

    Args:
        answer: read completely.
        name: of the server, for the messages.

    Raises:
        PassingFault: if the server failed, or sent a page for people.
        ValueError: if it will never answer this request.
    """
    content = bytes(answer.content)
    code, text = _exception(content) or ("", "")
    if answer.status_code in PASSING:
        raise PassingFault(
            f"status {answer.status_code}{f' ({text})' if text else ''}", retry_after(answer.headers.get("Retry-After"))
        )
    if answer.status_code != 200:
        raise ValueError(f"{name} answers with status {answer.status_code}{f': {text}' if text else ''}; check its URL")
    if text and NO_ORDER in text:
        raise ValueError(f"{name} cannot page the layer without an order ({text}); name a column by `sort_by`")
    if text and code in PASSING_CODES:
        raise PassingFault(f"an exception with status 200: {text}")
    if text:
        raise ValueError(f"{name} refuses the request: {text}")
    if content[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise PassingFault("a page of HTML with status 200, as servers send when they are closed")
    return content


def page(content: bytes, crs: str) -> WfsPage:
    """The features of an answer.

    Raises:
        PassingFault: if it is no complete collection of features.
        ValueError: if its coordinates are in another system than `crs` (as `EPSG:3067`).
    """
    try:
        collection = json.loads(content)
        features = collection["features"]
        known = collection["type"] == "FeatureCollection" and all(_is_feature(feature) for feature in features)
        returned = collection.get("numberReturned", len(features))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise PassingFault(f"its answer is no collection of features in JSON ({error})") from error
    if not known or str(returned) != str(len(features)):
        raise PassingFault(f"its answer is no complete collection: it has {len(features)} features, not {returned}")
    if any(feature["geometry"] for feature in features):
        _check_crs(collection.get("crs"), crs)
    return WfsPage(features, _count(collection.get("numberMatched", collection.get("totalFeatures"))), content)


def _is_feature(feature: Feature) -> bool:
    return isinstance(feature["properties"], dict) and isinstance(feature["geometry"], dict | None)


def _check_crs(member: Any, crs: str) -> None:
    properties = member.get("properties") if isinstance(member, dict) else None
    name = str(properties.get("name")) if isinstance(properties, dict) else "WGS 84"
    if name.rpartition(":")[2] != crs.rpartition(":")[2]:
        raise ValueError(f"the server sends coordinates in {name}, though it was asked for {crs}")


def _count(value: Any) -> int | None:
    """A number of features; `unknown` is allowed (OGC 09-025r2, 7.7.4.2)."""
    return int(value) if str(value).isdecimal() else None


def hits(content: bytes) -> int | None:
    """How many features match, in the answer to `resultType=hits`; None if the server does not count.

    Raises:
        PassingFault: if it is no such answer.
    """
    root = _xml(content)
    if "numberMatched" not in root.attrib:
        raise PassingFault(f"its answer to resultType=hits is {_local(root)} without numberMatched")
    return _count(root.get("numberMatched"))


def capabilities(content: bytes) -> Capabilities:
    """What a server says that it has.

    Raises:
        PassingFault: if it is no such answer.
    """
    root = _xml(content)
    if _local(root) != "WFS_Capabilities":
        raise PassingFault(f"its answer to GetCapabilities is {_local(root)}, not WFS_Capabilities")
    names = [_text(child) for kind in _all(root, "FeatureType") for child in kind if _local(child) == "Name"]
    most = _count(_constraint(root, "CountDefault"))
    pages = {"TRUE": True, "FALSE": False}.get((_constraint(root, "ImplementsResultPaging") or "").upper())
    formats = [
        _text(value)
        for operation in _all(root, "Operation")
        if operation.get("name") == "GetFeature"
        for parameter in _all(operation, "Parameter")
        if parameter.get("name") == "outputFormat"
        for value in _all(parameter, "Value")
    ]
    return Capabilities(root.get("version", ""), tuple(names), most, pages, tuple(formats))


def _constraint(root: Element, name: str) -> str | None:
    for constraint in _all(root, "Constraint"):
        if constraint.get("name") == name:
            return next((_text(value) for value in _all(constraint, "DefaultValue")), None)
    return None


def columns(content: bytes) -> dict[str, str]:
    """Type of each column, by name, in the answer to DescribeFeatureType; those of geometry begin with `gml:`.

    Raises:
        PassingFault: if it is no such answer.
    """
    root = _xml(content)
    if _local(root) != "schema":
        raise PassingFault(f"its answer to DescribeFeatureType is {_local(root)}, not schema")
    elements = [element for kind in _all(root, "complexType") for element in _all(kind, "element")]
    return {name: element.get("type", "") for element in elements if (name := element.get("name"))}


def _exception(content: bytes) -> tuple[str, str] | None:
    """Code and text of an exception; None if the answer is none."""
    if b"ExceptionReport" not in content[:4096]:
        return None
    try:
        root = _xml(content)
    except PassingFault:
        return "", "an exception that cannot be read"
    if not _local(root).endswith("ExceptionReport"):
        return None
    exceptions = [*_all(root, "Exception"), *_all(root, "ServiceException")]
    code = next((one.get("exceptionCode") or one.get("code") or "" for one in exceptions), "")
    texts = [" ".join("".join(one.itertext()).split()) for one in exceptions]
    return code, f"{code}: {'; '.join(texts)}"[:500] or "an exception without a text"


def _xml(content: bytes) -> Element:
    if b"<!doctype" in content[:1024].lower():
        raise PassingFault("its answer is a page for people, not XML of a WFS")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise PassingFault(f"its answer is no complete XML ({error})") from error


def _all(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if _local(element) == name]


def _local(element: Element) -> str:
    """Name of an element without its namespace, which differs between versions."""
    return str(element.tag).rpartition("}")[2]


def _text(element: Element) -> str:
    return (element.text or "").strip()
