"""Texts of a map's files in English and Swedish, from the one table `texts.json`, which the page of the map has too."""

import json
import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "sv")

TABLE: Mapping[str, Mapping[str, str]] = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))
"""All texts, by key and language; those of the page have values that are written already."""

OF_SUMMARY = "summary."
"""What keys begin with that the page has no need of."""

TARGETS = {"degree of need": "need", "need": "need", "damage": "damage"}
"""Words for what a model predicts, by `target` of its data set; for all else there are general ones."""

NO_BREAK, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


class _Swedish(string.Formatter):
    """Writes numbers with a decimal comma, thousands with a space."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        if not isinstance(value, (int, float)):
            return text
        return text.replace(",", NO_BREAK).replace(".", ",").replace("%", f"{NO_BREAK}%")


_FORMATTERS: Mapping[str, string.Formatter] = {"en": string.Formatter(), "sv": _Swedish()}


def say(language: str, key: str, /, **values: Any) -> str:
    """A text of the table with its values, numbers as the language writes them."""
    return _FORMATTERS[language].vformat(TABLE[key][language], (), values)


def say_or(language: str, key: str, word: str) -> str:
    """A text of a key that may not be there, as of a predictor that is new; else the word itself."""
    return say(language, key) if key in TABLE else word


def kind(target: str) -> str:
    """Which words there are for what a model predicts: `need`, `damage`, or `other`."""
    return TARGETS.get(target, "other")


def as_written(language: str, text: str) -> str:
    """A number that stands in a sentence of an evaluation already."""
    return text.replace(".", ",").replace("-", MINUS) if language == "sv" else text


def named(ids: Iterable[str], most: int) -> str:
    """The first ids of a list, and dots where there are more."""
    listed = list(ids)
    return f"{', '.join(listed[:most])}{', …' * (len(listed) > most)}"


def note(language: str, text: str) -> str:
    """A note of the list of stands, in the middle of a sentence."""
    return "; ".join(_note(language, part) for part in text.split("; "))


def _note(language: str, part: str) -> str:
    before, between, dates = part.partition("looks cleared between ")
    if between and not before:
        first, _, last = dates.partition(" and ")
        sentence = say(language, "note.cleared", before=first, after=last)
    else:
        sentence = say_or(language, f"note.{part}", part)
    return sentence[:1].lower() + sentence[1:].removesuffix(".")
