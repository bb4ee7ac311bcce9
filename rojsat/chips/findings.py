"""Findings of an audit: what two parts of a split share, or what gives the label away; data and words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from rojsat.chips.roles import PARTS

NAMED = 5
"""Names that a sentence holds at most."""

Severity = Literal["stop", "warning", "note"]

Kind = Literal[
    "chips",
    "regions",
    "ground",
    "near",
    "pixels",
    "labels",
    "classes",
    "one_degree",
    "surroundings",
    "threshold",
    "size",
    "position",
    "clouds",
    "channels",
    "few_dates",
    "dates",
]

SEVERITY: dict[Kind, Severity] = {
    "chips": "stop",
    "regions": "stop",
    "ground": "stop",
    "near": "stop",
    "pixels": "stop",
    "labels": "stop",
    "classes": "warning",
    "one_degree": "warning",
    "surroundings": "warning",
    "threshold": "warning",
    "size": "warning",
    "position": "warning",
    "clouds": "warning",
    "channels": "warning",
    "few_dates": "warning",
    "dates": "note",
}
"""Severity of each kind, the worst first: `stop`, a metric on regions not trained on would not be one; `warning`, a
reader of the metric must know it; `note`, usual and worth a line."""

OF_LABELS: tuple[Kind, ...] = ("classes", "one_degree")
"""Kinds that say what a part lacks; a run prints them first of all."""

WORDS = {"train": "training", "val": "validation", "test": "test"}

MEANINGS: dict[Kind, str] = {
    "chips": "chips that are the same bit for bit ({names}) in {parts}",
    "regions": "same regions ({names}) in {parts}, on other dates; says little of unseen regions",
    "ground": "chips of {parts} overlap or touch on the ground (regions {names})",
    "near": "chips of {parts} are only {value:.0f} m apart (regions {names})",
    "pixels": "nearly the same pixels (correlation {value:.4f}) in {parts}, under several names: {names}",
    "labels": "channels that follow the label (correlation {value:.4f}): {names}",
    "classes": "no stand labelled {names} in {parts}: metrics there say nothing of telling the classes apart",
    "one_degree": "every known pixel of {parts} has degree {value:.2f}: metrics there say nothing of telling "
    "degrees apart (regions {names})",
    "surroundings": "chips of {parts} share surroundings without labels (regions {names})",
    "threshold": "the threshold of the degree was computed from regions of {parts} too ({names})",
    "size": "height and width of the box alone give the class with accuracy {value:.2f} in {parts} "
    "({bar:.2f} by the most frequent class)",
    "position": "position in the box alone gives the degree with R² {value:.2f} in {parts} ({bar:.2f} by the mean)",
    "clouds": "dates without a cloud mask in {parts}, whose clouds count as clear ground ({names})",
    "channels": "chips left out of all parts, because their dates lack channels of the experiment ({names})",
    "few_dates": "regions with fewer than three dates ({names}) are in {parts} alone: nothing validates or tests them",
    "dates": "{value:.0%} of the test dates are dates of training: the same air and light ({names})",
}
"""A sentence of each kind, without its full stop."""

ADVICE: dict[Kind, str] = {
    "chips": "keep each chip once, or put its regions into one part",
    "regions": "split by complete regions (split.name=regions or hashed)",
    "ground": "put them into one part, or split.drop_near=true leaves them out of training",
    "near": "put them into one part, or split.drop_near=true leaves them out of training; split.distance is the limit",
    "pixels": "one of them is a copy: take it out of the data set, or put both into one part",
    "labels": "take them out of inputs.channels",
}
"""What to do about each kind that stops a run."""


class LeakError(ValueError):
    """The split claims regions that training does not have, but training has something of its test part."""


@dataclass(frozen=True)
class Finding:
    """Something that makes a metric say less than it seems to.

    Attributes:
        kind: a key of `MEANINGS`.
        severity: `SEVERITY` of the kind.
        names: of what is concerned, sorted: hashes of chips (`chips`), channels (`labels`), labels (`classes`), dates
            (`dates`, `clouds`, `channels`), or regions.
        parts: that share it, in the order of `PARTS`.
        value: metres (`near`), correlation (`pixels`, `labels`), degree (`one_degree`), accuracy (`size`), R²
            (`position`), share in [0, 1] (`dates`); None where there is nothing to count.
        bar: what the most frequent answer (`size`) or the mean (`position`) reaches.
    """

    kind: Kind
    severity: Severity
    names: tuple[str, ...]
    parts: tuple[str, ...]
    value: float | None = None
    bar: float | None = None

    def __str__(self) -> str:
        """What it is, in words."""
        names = ", ".join(self.names[:NAMED]) + (f", ... {len(self.names)} in all" if len(self.names) > NAMED else "")
        words = [WORDS[part] for part in self.parts]
        parts = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
        return MEANINGS[self.kind].format(names=names, parts=parts, value=self.value, bar=self.bar)


def finding(
    kind: Kind,
    names: Iterable[str],
    parts: Collection[str] = PARTS,
    *,
    value: float | None = None,
    bar: float | None = None,
) -> Finding:
    """A finding with the severity of its kind."""
    in_order = tuple(part for part in PARTS if part in parts)
    return Finding(kind, SEVERITY[kind], tuple(sorted(names)), in_order, value, bar)
