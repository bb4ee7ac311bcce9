"""Layers of a WFS 2.0 server: what it has, how many features a query matches, and pages of them.

Requests are repeated with back-off where a later one may succeed, and wait as long as Retry-After asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import requests

from rojsat.config import lookup
from rojsat.geo.servers import guarded_session, wfs_answers
from rojsat.geo.servers.retries import PassingFault, Patience, persist
from rojsat.geo.servers.wfs_answers import WfsPage

VERSION = "2.0.0"
JSON = "application/json"

Bounds = tuple[float, float, float, float]
"""West, south, east and north, in the units of a coordinate system."""

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """Features to ask for.

    Attributes:
        crs: coordinate system of `bounds` and of the answer, with the easting first.
        bounds: only features that meet this box; None for all.
        sort_by: column that orders the pages; None for the order of the server, which is that of its primary key.
        columns: only these, without geometry; empty for all, with it.
        ids: only the features of these ids; empty for all.
    """

    crs: str
    bounds: Bounds | None = None
    sort_by: str | None = None
    columns: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """Parameters of GetFeature."""
        urn = f"urn:ogc:def:crs:EPSG::{self.crs.rpartition(':')[2]}"
        chosen = {"srsName": urn}
        if self.bounds is not None:
            chosen["bbox"] = ",".join([*(f"{number:.3f}" for number in self.bounds), urn])
        if self.sort_by is not None:
            chosen["sortBy"] = self.sort_by
        if self.columns:
            chosen["propertyName"] = ",".join(self.columns)
        if self.ids:
            chosen["resourceId"] = ",".join(self.ids)
        return chosen


@dataclass(frozen=True)
class Layer:
    """A layer of a server, whose capabilities and description were looked at.

    Attributes:
        url: of the server.
        name: as the server has it, with a prefix.
        columns: in the order of the description, without geometry.
        most: features that the server answers at once; None where it does not say so.
        pages: False if the server says that it has no pages.
    """

    url: str
    name: str
    columns: tuple[str, ...]
    most: int | None
    pages: bool
    session: requests.Session
    patience: Patience

    def hits(self, query: Query) -> int | None:
        """How many features match; None if the server does not count.

        Raises:
            GaveUpError: if the server does not answer.
            ValueError: if it refuses the request.
        """
        return self._ask(query, {"resultType": "hits"}, "number of features", wfs_answers.hits)

    def page(self, query: Query, start: int, count: int, check: Callable[[WfsPage], None] = lambda _: None) -> WfsPage:
        """Up to `count` features from the one of index `start`.

        Args:
            query: what to ask for.
            start: index of the first, from 0.
            count: how many, at most.
            check: raises PassingFault for a page that must be asked for again.

        Raises:
            GaveUpError: if the server does not answer, or not with such a page.
            ValueError: if it refuses the request, or answers in another coordinate system.
        """

        def checked(content: bytes) -> WfsPage:
            page = wfs_answers.page(content, query.crs)
            if len(page.features) > count:
                raise PassingFault(f"asked for {count} features, got {len(page.features)}")
            check(page)
            return page

        parameters = {"outputFormat": JSON, "count": str(count), "startIndex": str(start)}
        return self._ask(query, parameters, f"features from {start + 1} on", checked)

    def _ask(self, query: Query, parameters: Mapping[str, str], what: str, read: Callable[[bytes], T]) -> T:
        complete = {"request": "GetFeature", "typeNames": self.name} | query.parameters() | dict(parameters)
        return _ask(self.url, complete, f"{what} of {self.name}", self.session, self.patience, read)


def open_layer(url: str, name: str, patience: Patience) -> Layer:
    """Look at what a server says of a layer, before anything is asked of it.

    Args:
        url: of the server; parameters of requests are put behind it.
        name: of the layer; without a prefix, that of the server is taken.
        patience: with the server.

    Raises:
        GaveUpError: if the server does not answer.
        ValueError: if it has no such layer, speaks no WFS 2.0, or sends no GeoJSON.
    """
    session = guarded_session.session(url, complete=True)
    server = _ask(url, {"request": "GetCapabilities"}, "capabilities", session, patience, wfs_answers.capabilities)
    if not server.version.startswith("2."):
        raise ValueError(f"{url} answers in version {server.version or 'unknown'} of WFS; it must be {VERSION}")
    if server.formats and JSON not in server.formats:
        raise ValueError(f"{url} sends no {JSON}; it has {', '.join(server.formats)}")
    chosen = [layer for layer in server.layers if name in (layer, layer.rpartition(":")[2])]
    if not chosen:
        raise lookup.unknown(f"layer of {url},", name, server.layers)
    if len(chosen) > 1:
        raise ValueError(f"{url} has several layers {name!r}: {', '.join(chosen)}; name one with its prefix")
    described = {"request": "DescribeFeatureType", "typeNames": chosen[0]}
    types = _ask(url, described, f"description of {chosen[0]}", session, patience, wfs_answers.columns)
    columns = tuple(column for column, kind in types.items() if not kind.startswith("gml:"))
    return Layer(url, chosen[0], columns, server.most, server.pages is not False, session, patience)


def _ask(
    url: str,
    parameters: Mapping[str, str],
    what: str,
    session: requests.Session,
    patience: Patience,
    read: Callable[[bytes], T],
) -> T:
    """Ask until the answer can be read."""
    complete = {"service": "WFS", "version": VERSION} | dict(parameters)

    def once() -> T:
        try:
            with guarded_session.errors(url):
                answer = session.get(url, params=complete, timeout=patience.timeout)
        except PassingFault as fault:
            if isinstance(fault.__cause__, guarded_session.EndlessAnswerError):
                raise ValueError(f"{fault}; ask for fewer features a page") from fault
            raise
        return read(wfs_answers.body(answer, url))

    return persist(once, f"{what} from {url}", patience)
