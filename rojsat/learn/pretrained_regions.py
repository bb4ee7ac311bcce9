"""Regions whose images weights were pre-trained on, beside those that an experiment is evaluated on. Knows no torch."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

WORDS = {"val": "validation", "test": "test"}
"""Parts that are evaluated, in words."""


def sentences(weights: str | None, data: str, split: pd.DataFrame) -> Iterator[str]:
    """A sentence for each evaluated part of whose regions the weights know images; none of other weights.

    Args:
        weights: `model.weights`; the facts of weights that `rojsat pretrain` wrote lie beside them.
        data: name of the data set; weights of another one say nothing of its regions.
        split: columns `region` and `part`.
    """
    path = None if weights is None or not Path(weights).suffix else Path(weights).expanduser().with_suffix(".json")
    if path is None or not path.is_file():
        return
    facts = json.loads(path.read_text())
    if facts.get("data") != data:
        return
    for part, words in WORDS.items():
        regions = set(split.loc[split["part"] == part, "region"].astype(str))
        if known := sorted(regions & set(facts["regions"])):
            yield (
                f"model.weights={weights} was pre-trained on images, without labels, of {len(known)} of {len(regions)} "
                f"{words} regions ({', '.join(known[:5])}{' ...' if len(known) > 5 else ''})"
            )
