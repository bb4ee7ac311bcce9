"""What the rule for stands that look cleared says of pairs of dates of which the register knows the answer."""

import numpy as np
import pandas as pd

from rojsat.chips import boxes, change_pairs, channels, roles
from rojsat.chips.chip import Chip
from rojsat.chips.reader import Chips
from rojsat.maps import canopy_change, canopy_signal

KINDS = {True: "tended between the dates", False: "not tended"}


def evaluate(chips: Chips) -> pd.DataFrame:
    """Apply the rule to every pair of dates of a chip store, beside all stands that are clear on both.

    Args:
        chips: of a data set with labels of `completed_tendings`.

    Returns:
        A row for stands tended between and for those not: `stands`; `decided`, how many of them the rule says anything
        of (it needs eight stands on both dates); `cleared`, how many of these it calls cleared; `share` of these.

    Raises:
        ValueError: if the store knows no changes, or has no index of `canopy_signal.INDICES`.
    """
    rows = chips.index[chips.index["role"] == roles.STAND]
    of_pairs = list(change_pairs.of_pairs(rows))
    pairs: dict[tuple[str, str], dict[str, bool]] = {}
    columns = ["region", "date", change_pairs.TENDED]
    facts = {str(chip): values for chip, *values in rows[["chip", *columns]].itertuples(index=False, name=None)}
    for before, after in of_pairs:
        region, last, tended = facts[after]
        pairs.setdefault((str(facts[before][1]), str(last)), {})[str(region)] = bool(tended)
    signals = _signals(chips, rows[rows["date"].isin({day for pair in pairs for day in pair})])
    changes_of_pairs = []
    for pair, stands in pairs.items():
        changes = canopy_change.changes(signals[signals["date"].isin(pair)])
        changes_of_pairs += [(tended, changes.get(region)) for region, tended in stands.items()]
    table = []
    for kind, name in KINDS.items():
        of_kind = [change for tended, change in changes_of_pairs if tended is kind]
        decided = [change.cleared for change in of_kind if change is not None]
        share = float(np.mean(decided)) if decided else float("nan")
        table.append((name, len(of_kind), len(decided), sum(decided), share))
    return pd.DataFrame(table, columns=["kind", "stands", "decided", "cleared", "share"])


def _signals(chips: Chips, rows: pd.DataFrame) -> pd.DataFrame:
    """The canopy signal of every stand on every date, as `canopy_signal.read` has it."""
    bands = set(chips.bands(roles.STAND, "boa"))
    index = next((name for name in canopy_signal.INDICES if set(channels.bands(name)) <= bands), None)
    if index is None:
        raise ValueError(f"the chips have the bands of none of {', '.join(canopy_signal.INDICES)}: {sorted(bands)}")
    signals = []
    for (region, day), of_day in rows.groupby(["region", "date"], sort=True):
        values, pixels = [], 0
        for name in of_day["chip"]:
            chip = chips.read(name)
            inside = _inside(chip)
            plane = chip.channels([index])[0]
            values.append(plane[inside & chip.seen() & np.isfinite(plane)])
            pixels += int(inside.sum())
        clear = np.concatenate(values)
        value = float(np.median(clear)) if len(clear) else float("nan")
        signals.append((region, day, len(clear) / pixels, value))
    return pd.DataFrame(signals, columns=canopy_signal.COLUMNS)


def _inside(chip: Chip) -> np.ndarray:
    """(H, W): pixels of the stand itself where the chip has its outline, else of its box."""
    inside = np.zeros(chip.stored.shape, bool)
    inside[boxes.inside(chip.row)] = True
    return inside & (chip.arrays["outline"] > 0) if "outline" in chip.arrays else inside
