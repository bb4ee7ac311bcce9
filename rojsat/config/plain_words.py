"""Words of a command line without `=` where only `key=value` can stand: what was meant by them."""

from collections.abc import Sequence

from rojsat.config import compose, lookup
from rojsat.config.keys import ConfigError


def meant(word: str) -> str | None:
    """The `key=value` that a plain word stands for: the name of an experiment, or of a file of a group of them."""
    for group in ("", *compose.GROUPS):
        if word in compose.names(group):
            return f"{group or 'exp'}={word}"
    return None


def check(words: Sequence[str]) -> None:
    """Refuse plain words.

    Raises:
        ConfigError: naming what to write instead.
    """
    for word in words:
        if "=" in word:
            continue
        written = meant(word)
        if written is not None:
            raise ConfigError(f"write {written}, not {word} alone")
        nearest = lookup.nearest(word, compose.names())[0]
        raise ConfigError(f"{word!r} is not of the form key=value; experiments are chosen by exp=NAME (exp={nearest}?)")
