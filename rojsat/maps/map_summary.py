"""What a map says, in words: where first, how many hectares, how sure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.evaluation import map_calibration
from rojsat.maps import visit_choice, waiting
from rojsat.maps.model_card import ModelCard

FIRST, VISITED = 5, 20
"""Stands that are named; of those to be visited."""

RANKED = {
    "hectares": "ranked by hectares in need, of equal ones by the mean degree",
    "degree": "ranked by the mean degree, of equal ones by hectares in need",
}


def facts(stands: pd.DataFrame, card: ModelCard) -> dict[str, Any]:
    """The numbers of a stand table, JSON-ready."""
    seen = stands[stands["need_ha"].notna()]
    area = float((seen["area_ha"] * seen["seen"]).sum())
    outside = float((seen["area_ha"] * seen["seen"] * seen["outside"]).sum())
    return {
        "stands": len(stands),
        "stands_seen": len(seen),
        "area_ha": round(float(stands["area_ha"].sum()), 3),
        "seen_ha": round(area, 3),
        "need_ha": round(float(seen["need_ha"].sum()), 3),
        "outside_share": round(outside / area, 4) if area else None,
        "threshold": card.threshold,
        "model": card.run,
        "verdict": card.verdict,
        "leak": card.leak,
    }


def words(stands: pd.DataFrame, card: ModelCard, rank: str, scenes: Sequence[str], notes: Sequence[str] = ()) -> str:
    """The text of `summary.txt`.

    Args:
        stands: the stand table.
        card: of the model.
        rank: what it is ranked by.
        scenes: ids of the scenes.
        notes: sentences that must be read too.
    """
    numbers = facts(stands, card)
    lines = [
        f"{numbers['need_ha']:.1f} ha in need ({card.target} above {card.threshold:g}) of {numbers['seen_ha']:.1f} ha "
        f"that are seen, in {numbers['stands_seen']} of {numbers['stands']} stands ({numbers['area_ha']:.1f} ha).",
        "",
        f"Where first ({RANKED[rank]}):",
    ]
    lines += [_line(row) for row in stands[stands["need_ha"].notna()].head(FIRST).to_dict("records")]
    lines += [_cleared(stands), *waiting.words(stands, FIRST)]
    lines += ["", f"How sure: {sure(card)}", visit_choice.words(stands, VISITED)]
    lines += [f"The model: {card.run}. {verdict(card)}", *notes]
    if numbers["outside_share"]:
        lines.append(
            f"{numbers['outside_share']:.0%} of what is seen lies far outside the pixels that the model was trained "
            "on: there its degree says nothing (band outside)."
        )
    for note in sorted(set(stands["note"]) - {""}):
        regions = stands.loc[stands["note"] == note, "region"]
        named = f"{', '.join(regions[:FIRST])}{', …' * (len(regions) > FIRST)}"
        lines.append(f"{len(regions)} stand{'s' * (len(regions) > 1)}: {note} ({named}).")
    return "\n".join([*lines, f"Scenes: {', '.join(scenes)}.", ""])


def about(card: ModelCard, scenes: Sequence[str], notes: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What must be known beside the list of stands, names and texts: the model, what it is worth, how sure it is."""
    return [
        ("model", card.run),
        ("predicts", f"{card.target}; above {card.threshold:g} it counts as need"),
        ("what it is worth", verdict(card)),
        ("how sure", sure(card)),
        *(("read this too", note) for note in notes),
        ("scenes", ", ".join(scenes)),
    ]


def needs(card: ModelCard, stands: int | None, tiles: str, out: Path) -> list[str]:
    """What a model needs of scenes, and what would be made, line by line."""
    return [
        f"model: {card.run}, {card.target}, threshold {card.threshold:g}. {verdict(card)}",
        f"channels: {', '.join(card.names)}, reflectance in [0, 1]",
        f"dates: {_dates(card)}, trained on months {', '.join(map(str, card.months))}",
        f"tiles: {tiles}",
        f"{'complete scenes' if stands is None else f'{stands} stands'} -> {out}",
    ]


def _dates(card: ModelCard) -> str:
    if card.blocks:
        return f"all together, at most {card.blocks}"
    return ", ".join(card.roles) or "single ones"


def _line(row: Mapping[Any, Any]) -> str:
    ends = f", {row['degree_low']:.2f} to {row['degree_high']:.2f}" if pd.notna(row["degree_low"]) else ""
    return (
        f"{row['rank']:3}. stand {row['region']}: {row['need_ha']:.2f} of {row['area_ha']:.2f} ha, mean degree "
        f"{row['degree_mean']:.2f}{ends}; {row['seen']:.0%} seen, last clear {row['last_clear']}"
    )


def _cleared(stands: pd.DataFrame) -> str:
    """Which stands look cleared already, or that none could be looked at."""
    known, cleared = stands["already_cleared"].notna(), stands[stands["already_cleared"].fillna(False).astype(bool)]
    if not known.any():
        return (
            "Already cleared: not known, for too few stands are clear on two dates of one season, with the bands that "
            "show it."
        )
    ids = f": {', '.join(cleared['region'][:FIRST])}{', …' * (len(cleared) > FIRST)}" if len(cleared) else ""
    return (
        f"Already cleared: {len(cleared)} of the {known.sum()} stands that are clear on two dates of one season look so"
        f"{ids}; {cleared['need_ha'].sum():.1f} of the hectares in need are theirs. They are ranked last."
    )


def sure(card: ModelCard) -> str:
    """What the intervals of the means promise."""
    if card.calibration is None:
        return "nothing is known of its errors on regions that it was not trained on, so no interval is given."
    errors, level = card.calibration["regions"], card.calibration["level"]
    half = map_calibration.half_width(errors, level)
    if half is None:
        return (
            f"it was tested on {len(errors)} region{'s' * (len(errors) > 1)}, too few for an interval of {level:.0%} "
            f"({map_calibration.least_regions(level)} are the least), so none is given."
        )
    return (
        f"the mean degree of a stand lies within {half:.2f} of the predicted one in {level:.0%} of stands, if they are "
        f"as the {len(errors)} regions that it was tested on."
    )


def verdict(card: ModelCard) -> str:
    """What the model reaches on regions that it was not trained on, or that nobody knows."""
    if card.leak:
        return f"It was tested on ground that it was trained on: what it is worth elsewhere is open. {card.verdict}."
    return f"On regions that it was not trained on: {card.verdict}." if card.verdict else "Its test is not known."
