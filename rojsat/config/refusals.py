"""Errors of the libraries that compose an experiment, in words of rojsat: which key, which value, what is possible."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hydra.errors import OverrideParseException
from omegaconf.errors import ConfigKeyError, MissingMandatoryValue, OmegaConfBaseException, ValidationError

from rojsat.config import keys, lookup, value_types


def words(error: BaseException) -> str:
    """What was wrong, without the library's own words."""
    if isinstance(error, OverrideParseException):
        return f"{error.override!r} cannot be read: a list is [a,b], a mapping {{a: 1}}, each in quotes for the shell"
    causes = list(_causes(error))
    of_keys = [cause for cause in causes if isinstance(cause, OmegaConfBaseException) and cause.full_key]
    if of_keys:
        return _of_key(of_keys[-1])
    text = str(causes[-1])
    for pattern, instead in _PATTERNS.items():
        if match := re.search(pattern, text):
            return match.expand(instead)
    return text.partition("\n")[0]


_PATTERNS = {
    r"Ambiguous value for argument '([^=']+)=([^']*)'": r"\1: \2 is more than a value; a list has brackets: \1=[\2]",
    r"An item is already at '([^']*)'": r"\1 has a value already: write \1=VALUE, without +",
    r"Interpolation key '([^']*)' not found": r"${\1} refers to a key that does not exist",
}
"""Beginnings of errors that carry no key, and what is printed instead."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, the first cause last; a file's error is the context of Hydra's alone."""
    cause: BaseException | None = error if error.__cause__ else error.__context__ or error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _of_key(error: OmegaConfBaseException) -> str:
    """The words of an error about one key or its value."""
    key = re.sub(r"\[.*", "", str(error.full_key))
    if isinstance(error, MissingMandatoryValue):
        return f"{key} has no value, and needs one"
    owner: Any = error.object_type
    if isinstance(error, ConfigKeyError) and is_dataclass(owner):
        options = [item.name for item in fields(owner)]
        return str(lookup.unknown(f"key of {getattr(owner, '__name__', '').lower()},", str(error.key), options))
    kind = keys.hint(key)
    if is_dataclass(kind):
        levels = [f"{key}.{item.name}" for item in fields(kind)]
        return f"{key} has keys of its own: {', '.join(levels)}"
    if isinstance(error, ValidationError):
        return value_types.refusal(str(error.full_key), error.value, value_types.annotation(_of_member(error, kind)))
    return f"{key} is a {value_types.nouns(value_types.annotation(kind))[0]}"


def _of_member(error: OmegaConfBaseException, kind: Any) -> Any:
    """The type of a list's member where the error is about one."""
    return kind.__args__[0] if str(error.full_key).endswith("]") else kind
