"""Outlines of Finnish municipalities, from Statistics Finland's WFS: no table of them is kept here, they change yearly.

A name is matched whatever its case, blanks and accents, in Finnish or Swedish; a code is its number.
"""

import re
import unicodedata
from collections.abc import Iterable

import shapely
from shapely import Geometry
from shapely.geometry import shape

from rojsat.config import lookup
from rojsat.geo.finland import finnish_areas, finnish_stands
from rojsat.geo.finland.finnish_areas import Area
from rojsat.geo.servers import wfs
from rojsat.geo.servers.retries import GaveUpError, PassingFault, Patience
from rojsat.geo.servers.wfs import Layer, Query
from rojsat.geo.servers.wfs_answers import Feature, WfsPage

URL = "https://geo.stat.fi/geoserver/tilastointialueet/wfs"
"""Server of Statistics Finland, as other people's code names it; not asked from here."""

LAYER = "tilastointialueet:kunta1000k"
"""Municipalities of the current year at 1:1 000 000; those of one year are `tilastointialueet:kunta1000k_2026`."""

ATTRIBUTION = "Municipality outline: Statistics Finland, tilastointialueet, CC BY 4.0"

NAMES = ("nimi", "namn", "name")
"""Columns of names: Finnish, Swedish and English."""

CODE = "kunta"
"""Column of the code, three digits."""

_MOST = 1000  # municipalities; there are some three hundred
_NEAREST = 5  # names that are offered for one that does not exist


def find(text: str, patience: Patience, *, url: str = URL, layer: str = LAYER) -> Area:
    """The municipality of a name or code.

    Args:
        text: `Salo`, `jyvaskyla`, `Nådendal` or `734`.
        patience: with the server.
        url: of the WFS.
        layer: with the columns `kunta`, `nimi`, `namn` and `name`.

    Raises:
        GaveUpError: if the server does not answer; a box needs none.
        ValueError: if there is no such municipality, naming the nearest.
    """
    try:
        opened = wfs.open_layer(url, layer, patience)
        columns = tuple(column for column in (CODE, *NAMES) if column in opened.columns)
        if CODE not in columns or len(columns) == 1:
            raise ValueError(
                f"{url}: {layer} has the columns {list(opened.columns)}; it must have {CODE} and {NAMES[0]}"
            )
        named = _complete(opened, Query(finnish_stands.CRS, columns=columns))
        code, name = _match(text, named)
        ids = tuple(str(feature["id"]) for feature in named if _code(feature) == code)
        outlines = _complete(opened, Query(finnish_stands.CRS, ids=ids))
    except GaveUpError as error:
        raise GaveUpError(f"{error}. A box (west,south,east,north) needs no outline of a municipality") from error
    return finnish_areas.around(f"{name} ({code})", _union(outlines, url), ATTRIBUTION)


def _complete(layer: Layer, query: Query) -> list[Feature]:
    """All features of a query that fits one page."""

    def check(page: WfsPage) -> None:
        if page.matched is not None and page.matched != len(page.features):
            raise PassingFault(f"it counts {page.matched} municipalities and sent {len(page.features)}")

    return layer.page(query, 0, _MOST, check).features


def _match(text: str, features: Iterable[Feature]) -> tuple[str, str]:
    """Code and Finnish name of a municipality."""
    by_code: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for feature in features:
        spellings = [str(feature["properties"][column]) for column in NAMES if feature["properties"].get(column)]
        by_code.setdefault(_code(feature), spellings[0] if spellings else _code(feature))
        for spelling in spellings:
            by_name.setdefault(plain(spelling), set()).add(_code(feature))
            names[plain(spelling)] = spelling
    if text.strip().isdecimal():
        code = text.strip().lstrip("0").zfill(3)
        if code not in by_code:
            raise lookup.UnknownNameError(f"municipality {text!r} does not exist: no code {code}. Name it instead")
        return code, by_code[code]
    codes = by_name.get(plain(text), set())
    if not codes:
        nearest = [names[name] for name in lookup.nearest(plain(text), names)[:_NEAREST]]
        raise lookup.UnknownNameError(f"municipality {text!r} does not exist. Did you mean {', '.join(nearest)}?")
    if len(codes) > 1:
        raise ValueError(f"{text!r} names several municipalities; give the code: {', '.join(sorted(codes))}")
    (code,) = codes
    return code, by_code[code]


def _code(feature: Feature) -> str:
    return str(feature["properties"][CODE]).zfill(3)


def plain(name: str) -> str:
    """A name without case, accents, hyphens and blanks: `Jyväskylä` and `JYVASKYLA` are the same."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]+", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def _union(features: Iterable[Feature], url: str) -> Geometry:
    outlines = [shape(feature["geometry"]) for feature in features if feature["geometry"]]
    if not outlines:
        raise ValueError(f"{url} sends no outline of the municipality; give a box instead")
    return shapely.union_all(outlines)
