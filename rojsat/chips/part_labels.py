"""Labels that a part of a split lacks: with one class, or one degree, there is nothing to tell apart.

Knows numpy and pandas only.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips.findings import WORDS, Finding, finding
from rojsat.chips.roles import CLASSES, PARTS

EVALUATED = ("val", "test")


def check(rows: pd.DataFrame, targets: NDArray[np.generic], known: NDArray[np.bool_]) -> None:
    """Refuse a training part with one class, or whose known pixels all have one degree.

    Args:
        rows: one row a sample: region, part.
        targets: degrees (N, H, W), or classes (N,), numbers of `CLASSES`.
        known: shape of `targets`.

    Raises:
        ValueError: saying which labels every part has, and what to do.
    """
    train = (rows["part"] == "train").to_numpy()
    values = np.unique(targets[train][known[train]])
    if len(values) > 1:
        return
    if targets.ndim == 1:
        check_classes(rows["region"], rows["part"], pd.Series(_names(targets, known), rows.index))
    degree = f"every known pixel of it has degree {values[0]:g}" if len(values) else "no pixel of it has a known degree"
    raise ValueError(
        f"the training part has nothing to tell apart: {degree}; `rojsat inspect` shows the labels. Choose a split "
        "whose training part has other regions too (split.name=k_fold_regions), or make masks of more regions"
    )


def check_classes(regions: pd.Series, parts: pd.Series, labels: pd.Series, where: str = "") -> None:
    """Refuse stands of which those that train have one class.

    Args:
        regions: of each chip.
        parts: "train", "val", "test" or another, of each.
        labels: of `CLASSES` or None, of each.
        where: of which fold, ` of fold 3`; nothing where there is one split.

    Raises:
        ValueError: saying how many stands of each class every part has, and what to do.
    """
    table = pd.DataFrame({"region": regions.astype(str), "part": parts, "label": labels})
    trained = set(table.loc[table["part"] == "train", "label"].dropna())
    if trained.issuperset(CLASSES):
        return
    stands = {label: table[table["label"] == label] for label in CLASSES}
    lacks = " and ".join(label for label in CLASSES if label not in trained)
    counts = "; ".join(f"{label}: {_by_part(stands[label])}" for label in CLASSES)
    raise ValueError(
        f"the training part{where} has no stand labelled {lacks} (stands with chips, {counts}): there is nothing to "
        f"tell apart. {_advice({label: table['region'].nunique() for label, table in stands.items()})}"
    )


def findings(rows: pd.DataFrame, targets: NDArray[np.generic], known: NDArray[np.bool_]) -> Iterator[Finding]:
    """Labels that validation and test lack; see `check` for the arguments."""
    parts = {part: (rows["part"] == part).to_numpy() for part in EVALUATED}
    for label in CLASSES if targets.ndim == 1 else ():
        labelled = _names(targets, known) == label
        lacking = [part for part, chosen in parts.items() if not labelled[chosen].any()]
        if lacking:
            yield finding("classes", [label], lacking)
    if targets.ndim > 1:
        for part, chosen in parts.items():
            degrees = np.unique(targets[chosen][known[chosen]])
            if len(degrees) == 1:
                regions = set(rows.loc[chosen, "region"].astype(str))
                yield finding("one_degree", regions, [part], value=float(degrees[0]))


def _names(targets: NDArray[np.generic], known: NDArray[np.bool_]) -> NDArray[np.object_]:
    """(N,) the class of each sample, None where it is not known."""
    numbers = np.where(known, targets, len(CLASSES)).astype(int)
    return np.array([*CLASSES, None], object)[numbers]


def _by_part(stands: pd.DataFrame) -> str:
    """How many stands are in each part, `2 in training, 0 in validation, 1 in test`."""
    counts = stands.groupby("part")["region"].nunique()
    return ", ".join(f"{counts.get(part, 0)} in {WORDS[part]}" for part in PARTS)


def _advice(stands: Mapping[str, int]) -> str:
    rarest = min(stands, key=lambda label: stands[label])
    if stands[rarest] == 0:
        return f"The data set has no chip of a stand labelled {rarest}: add such stands to data.regions"
    if stands[rarest] < len(PARTS):
        return (
            f"There are too few labelled {rarest} for a split by regions, which needs {len(PARTS)} of each: add more "
            "to data.regions, or test on other dates of the same stands (split.name=dates), which says little of others"
        )
    return "split.name=stratified puts stands of each label into every part (split.drop_near=true leaves stands out)"
