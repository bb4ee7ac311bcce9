"""All pages of a query, in a folder: a killed download goes on there, and what is missing or changes is noticed.

A page is a file that is written beside and renamed, so that it is complete or absent. `state.json` has the query and
what the server counted when the download began.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from rojsat.geo.servers import page_files
from rojsat.geo.servers.page_files import DownloadState
from rojsat.geo.servers.retries import PassingFault
from rojsat.geo.servers.wfs import Layer, Query
from rojsat.geo.servers.wfs_answers import Feature, WfsPage

_log = logging.getLogger(__name__)

SIZE = 2000
"""Features a page: some five megabytes of stands."""

ROUNDS = 3
"""Downloads of all pages until a server whose answers do not fit together is given up."""

_ODD_TRIES = 2
"""Times that a page is asked for again that is too short or repeats another."""

_GENERATED = "fid-"
"""Begin of the ids that GeoServer makes up for each answer, of layers without a primary key."""


@dataclass
class Pages:
    """The pages of one download.

    Attributes:
        paths: their files, in order.
        crs: of the query.
        begun: when the download began, in UTC.
        counts: features on all pages, as the server counted them in its answers.
        ids: of the features, each once.
        repeated: features that stood on an earlier page.
    """

    paths: list[Path]
    crs: str
    begun: str
    counts: set[int] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    repeated: int = 0

    def add(self, path: Path, page: WfsPage) -> None:
        """Put a page behind the others."""
        self.paths.append(path)
        identities = {identity(feature) for feature in page.features}
        self.repeated += len(page.features) - len(identities - self.ids)
        self.ids |= identities
        if page.matched is not None:
            self.counts.add(page.matched)

    @property
    def lacking(self) -> int:
        """Features that the server counted and did not send; the highest of its counts."""
        return max(max(self.counts, default=0) - len(self.ids), 0)

    def read(self) -> Iterator[list[Feature]]:
        """The features of each page, without those of earlier pages."""
        known: set[str] = set()
        for path in self.paths:
            features = {identity(feature): feature for feature in page_files.read(path, self.crs).features}
            yield [feature for name, feature in features.items() if name not in known]
            known |= features.keys()


def identity(feature: Feature) -> str:
    """What tells a feature from all others: its id, or its content where the server makes ids up."""
    name = str(feature.get("id") or _GENERATED)
    if not name.startswith(_GENERATED):
        return name
    content = json.dumps([feature["properties"], feature["geometry"]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def fetch(layer: Layer, query: Query, folder: Path, *, size: int = SIZE, missing: int = 0) -> Pages:
    """Download all pages, or those that an interrupted call left; what a changed server sent earlier is not kept.

    Args:
        layer: of the server.
        query: what to ask for.
        folder: gets the pages.
        size: features a page, at least 1; less where the server sends less.
        missing: features that may be missing of those that the server counts.

    Raises:
        GaveUpError: if the server does not answer; the pages stay and the same call goes on.
        ValueError: if the folder has pages of another request, the server refuses this one, has no pages, or sends
            fewer features than it counts, `ROUNDS` times.
    """
    if size < 1 or missing < 0:
        raise ValueError(
            f"page size {size}, missing {missing}: a page has at least 1 feature, and none less are missing"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        state = _resume(layer, query, folder) or _begin(layer, query, folder, size)
        for attempt in range(1, ROUNDS + 1):
            pages = _download(layer, query, folder, state)
            fault = _fault(pages, missing, last=attempt == ROUNDS)
            if fault is None:
                return pages
            if attempt < ROUNDS:
                _log.warning("%s: %s; all pages are fetched again", layer.url, fault)
                state = _begin(layer, query, folder, size)
        raise ValueError(
            f"{layer.url}: {fault}, {ROUNDS} times. Try again later, name another column by `sort_by`, or accept "
            f"that many by missing={pages.lacking}"
        )


def _fault(pages: Pages, missing: int, *, last: bool) -> str | None:
    """Why all pages must be fetched again; None if they need not."""
    count = max(pages.counts, default=0)
    if pages.lacking > missing:
        return f"it counts {count} features and sent {len(pages.ids)} different ones ({pages.repeated} twice)"
    if pages.repeated and not last:
        return f"it sent {pages.repeated} features twice, so that it has changed or its order is not stable"
    if pages.lacking or pages.repeated or len(pages.counts) > 1 or len(pages.ids) > count > 0:
        _log.warning(
            "%d features were fetched; the server counted %s, %d are missing, %d came twice and are kept once",
            *(len(pages.ids), " and ".join(map(str, sorted(pages.counts))), pages.lacking, pages.repeated),
        )
    return None


def _request(layer: Layer, query: Query) -> dict[str, Any]:
    request: dict[str, Any] = json.loads(json.dumps({"url": layer.url, "layer": layer.name} | asdict(query)))
    return request


def _begin(layer: Layer, query: Query, folder: Path, size: int) -> DownloadState:
    """Start from the first page."""
    matched = layer.hits(query)
    size = min(size, layer.most or size)
    if not layer.pages and (matched is None or matched > size):
        raise ValueError(f"{layer.url} has no pages, and {matched or 'more'} features match; ask for a smaller area")
    if matched is None:
        _log.warning("%s does not count its features: whether all came cannot be checked", layer.url)
    page_files.drop(folder)
    state = DownloadState(_request(layer, query), matched, size, datetime.now(UTC).isoformat(timespec="seconds"))
    page_files.keep(folder, state)
    return state


def _resume(layer: Layer, query: Query, folder: Path) -> DownloadState | None:
    """What an interrupted download began with; None if there is none, or the server has changed since."""
    state = page_files.state(folder)
    if state is None:
        return None
    request = _request(layer, query)
    if state.request != request:
        raise ValueError(f"{folder} has pages of another request ({state.request}); delete it or name another folder")
    matched = layer.hits(query)
    if matched != state.matched:
        _log.warning(
            "%s counted %s features on %s and counts %s now: all pages are fetched again",
            *(layer.url, state.matched, state.begun, matched),
        )
        return None
    _log.info("going on with the %d pages of %s", page_files.count(folder), folder)
    return state


def _download(layer: Layer, query: Query, folder: Path, state: DownloadState) -> Pages:
    """All pages, from the folder or the server."""
    pages = Pages([], query.crs, state.begun, set() if state.matched is None else {state.matched})
    number = 0
    while True:
        path = page_files.path(folder, number)
        page = page_files.kept(path, query.crs) or _asked(layer, query, state, number, pages, path)
        if number == 0 and _is_cut(page, state):
            state = replace(state, size=len(page.features))
            _log.info("%s sends at most %d features a page", layer.url, state.size)
            page_files.keep(folder, state)
        known = len(pages.ids)
        pages.add(path, page)
        end = number * state.size + len(page.features)
        is_last = state.matched is not None and len(page.features) < state.size and end >= state.matched
        if is_last or len(pages.ids) == known:
            return pages
        number += 1


def _is_cut(page: WfsPage, state: DownloadState) -> bool:
    """Whether the first page shows that the server sends less a page than it is asked for."""
    return 0 < len(page.features) < min(state.size, state.matched or state.size)


def _asked(layer: Layer, query: Query, state: DownloadState, number: int, pages: Pages, path: Path) -> WfsPage:
    odd = 0

    def check(page: WfsPage) -> None:
        nonlocal odd
        start = number * state.size
        matched = page.matched if page.matched is not None else state.matched
        names = {identity(feature) for feature in page.features}
        is_short = number > 0 and matched is not None and len(page.features) < min(state.size, matched - start)
        is_repeated = bool(names) and names <= pages.ids
        if odd < _ODD_TRIES and (is_short or is_repeated):
            odd += 1
            raise PassingFault(f"the page has {len(page.features)} features, {len(names - pages.ids)} of them new")

    page = layer.page(query, number * state.size, state.size, check)
    page_files.write(path, page.body)
    of = "" if state.matched is None else f" of {max(-(-state.matched // state.size), 1)}"
    _log.info("page %d%s of %s", number + 1, of, layer.name)
    return page
