"""Writes `map.html`: the map, the list of stands and what the model is worth, in one file without a network."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rojsat.evaluation.report_files import write_text
from rojsat.geo.scenes.catalog import Scene
from rojsat.maps import map_summary, map_texts, verdict_parts
from rojsat.maps.model_card import ModelCard
from rojsat.maps.web import degree_tiles, page_images, page_stands
from rojsat.maps.web.page_images import PageImages

NAME = "map.html"

STATIC = Path(__file__).with_name("static")

SCRIPTS = ("leaflet", "language", "choices", "layers", "list", "details", "marks", "print", "start")
"""Files of `static`, in the sequence that they run in."""

STYLES = ("leaflet", "page", "phone", "print")

MOST = 5_000_000
"""Bytes of a page of `STANDS` stands at most; of more stands as many more."""

STANDS = 500

LEAST_ROOM = 20_000
"""Characters that pictures may take in any case."""


@dataclass(frozen=True)
class MapFacts:
    """What a page is made of.

    Attributes:
        stands: the stand table, in the system of the first raster.
        card: of the model.
        rank: what stands are ranked by.
        notes: sentences that must be read too.
        scenes: of the map, with all their assets.
        rasters: of the map.
    """

    stands: gpd.GeoDataFrame
    card: ModelCard
    rank: str
    notes: Sequence[str]
    scenes: Sequence[Scene]
    rasters: Sequence[Path]


def write(facts: MapFacts, folder: Path) -> Path:
    """Write the page of a map into its folder, complete or not at all."""
    content = _content(facts)
    room = MOST * max(len(facts.stands), STANDS) // STANDS - len(render(content).encode()) - 10_000
    images = page_images.draw(facts.scenes, facts.rasters, facts.stands, facts.card.threshold, max(room, LEAST_ROOM))
    path = folder / NAME
    write_text(path, render(content | _pictures(images)))
    return path


def words() -> dict[str, Mapping[str, str]]:
    """All texts of the page, by key and language."""
    return {key: texts for key, texts in map_texts.TABLE.items() if not key.startswith(map_texts.OF_SUMMARY)}


def render(content: Mapping[str, Any]) -> str:
    """The page as HTML; what is not of the package is escaped, and no other script runs in it.

    Args:
        content: JSON-ready.
    """
    environment = Environment(
        loader=FileSystemLoader(STATIC),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    table = words()
    scripts = [Markup(_script(name)) for name in SCRIPTS]
    return environment.get_template(NAME).render(
        content=content,
        words=table,
        english={key: texts["en"] for key, texts in table.items()},
        scripts=scripts,
        styles=[Markup((STATIC / f"{name}.css").read_text(encoding="utf-8")) for name in STYLES],
        licence=Markup((STATIC / "leaflet.LICENSE").read_text(encoding="utf-8")),
        allowed=" ".join(_source(script) for script in scripts),
    )


def _script(name: str) -> str:
    """A script, without the line that makes a browser look for where it was written."""
    return (STATIC / f"{name}.js").read_text(encoding="utf-8").partition("//# sourceMappingURL")[0]


def _source(script: str) -> str:
    """How a content security policy names a script: by its hash."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _content(facts: MapFacts) -> dict[str, Any]:
    """What the page says but for its pictures; JSON-ready."""
    card = facts.card
    return {
        "target": card.target,
        "kind": map_texts.kind(card.target),
        "model": card.run,
        "threshold": card.threshold,
        "much": degree_tiles.much(card.threshold),
        "colours": degree_tiles.COLOURS,
        "rank": facts.rank,
        "sums": map_summary.facts(facts.stands, card),
        "verdict": verdict_parts.verdict(card),
        "interval": verdict_parts.interval(card),
        "notes": list(facts.notes),
        "scenes": [scene.id for scene in facts.scenes],
        "stands": page_stands.rows(facts.stands),
        "dates": [],
        "left_out": [],
        "zoom": 0,
        "degree": {"zoom": 0, "tiles": {}},
    }


def _pictures(images: PageImages) -> dict[str, Any]:
    """The pictures as the page holds them, files as base64."""
    return {
        "zoom": images.zoom,
        "dates": [
            {"date": each.date, "clear": round(each.clear, 4), "tiles": _texts(each.tiles)} for each in images.dates
        ],
        "left_out": list(images.left_out),
        "degree": {"zoom": images.degree_zoom, "tiles": _texts(images.degree)},
    }


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in files.items()}
