"""Labels of stands as people write them, and what they mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rojsat.chips import roles


def read(words: Sequence[str | None], mapping: Mapping[str, str] | None, path: Path | str) -> list[str | None]:
    """Labels of stands; case and blanks at the ends make no difference.

    Args:
        words: label of each stand as its file has it; None where it has none.
        mapping: other words, and the label that each means: `{röjning: need, klar: clear}`.
        path: the file, for messages.

    Returns:
        Of each stand `need`, `clear` or None.

    Raises:
        ValueError: if a word is neither a label nor mapped to one, naming all such words.
    """
    meanings = {label: label for label in roles.CLASSES}
    for text, label in (mapping or {}).items():
        if _folded(label) not in roles.CLASSES:
            raise ValueError(f"{path}: labels maps {text!r} to {label!r}; a stand's label is {_possible()}")
        meanings[_folded(text)] = _folded(label)
    unknown = Counter(word for word in words if word is not None and _folded(word) not in meanings)
    if unknown:
        counts = ", ".join(f"{text!r} ({count} stands)" for text, count in sorted(unknown.items()))
        raise ValueError(
            f"{path}: labels {counts}; a stand's label is {_possible()}: correct the file, or map its words by "
            "`labels: {WORD: need, WORD: clear}` of this file in data.regions"
        )
    return [None if word is None else meanings[_folded(word)] for word in words]


def _folded(word: str) -> str:
    return " ".join(str(word).split()).casefold()


def _possible() -> str:
    return " or ".join(roles.CLASSES)
