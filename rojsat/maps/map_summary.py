"""What a map says, in words: where first, how many hectares, how sure."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.maps import map_texts, training_ground, verdict_parts, visit_choice, waiting
from rojsat.maps.model_card import ModelCard

FIRST, VISITED = 5, 20
"""Stands that are named; of those to be visited."""


def facts(stands: pd.DataFrame, card: ModelCard) -> dict[str, Any]:
    """The numbers of a stand table, JSON-ready.

    Returns:
        Among others `one_way_ha` and `independent_ha`: ends of the interval of `need_ha` if the errors of all stands go
        one way, and if they are independent; None without intervals of stands.
    """
    seen = stands[stands["need_ha"].notna()]
    area = float((seen["area_ha"] * seen["seen"]).sum())
    outside = float((seen["area_ha"] * seen["seen"] * seen["outside"]).sum())
    return {
        "stands": len(stands),
        "stands_seen": len(seen),
        "area_ha": round(float(stands["area_ha"].sum()), 3),
        "seen_ha": round(area, 3),
        "need_ha": round(float(seen["need_ha"].sum()), 3),
        **_ranges(stands),
        "outside_share": round(outside / area, 4) if area else None,
        **_trained_on(stands, card),
        "threshold": card.threshold,
        "model": card.run,
        "verdict": card.verdict,
        "leak": card.leak,
    }


def _trained_on(stands: pd.DataFrame, card: ModelCard) -> dict[str, Any]:
    """How many stands, with how many hectares in need, lie on ground of training; None: that ground is not known."""
    if card.ground is None:
        return {"trained_on_stands": None, "trained_on_need_ha": None}
    trained_on = stands[training_ground.are_trained_on(stands)]
    return {"trained_on_stands": len(trained_on), "trained_on_need_ha": round(float(trained_on["need_ha"].sum()), 3)}


def _ranges(stands: pd.DataFrame) -> dict[str, list[float] | None]:
    if not visit_choice.has_intervals(stands):
        return {"one_way_ha": None, "independent_ha": None}
    ends = {"one_way_ha": visit_choice.total_of_one_error(stands), "independent_ha": visit_choice.total(stands)}
    return {name: [round(end, 3) for end in total] for name, total in ends.items()}


def words(
    stands: pd.DataFrame,
    card: ModelCard,
    rank: str,
    scenes: Sequence[str],
    notes: Sequence[str] = (),
    language: str = "en",
) -> str:
    """The text of `summary.txt`.

    Args:
        stands: the stand table.
        card: of the model.
        rank: what it is ranked by.
        scenes: ids of the scenes.
        notes: sentences that must be read too.
        language: one of `map_texts.LANGUAGES`.
    """
    say, numbers = partial(map_texts.say, language), facts(stands, card)
    lines = [
        say(
            "summary.total",
            **hectares(numbers, card, language),
            stands_seen=numbers["stands_seen"],
            stands=numbers["stands"],
        ),
        "",
        say("summary.first", ranked=say(f"summary.ranked.{rank}")),
    ]
    lines += [_line(row, language) for row in stands[stands["need_ha"].notna()].head(FIRST).to_dict("records")]
    lines += [_cleared(stands, card, language), *waiting.words(stands, FIRST, language)]
    lines += ["", say("summary.sure", sure=sure(card, language))]
    lines += [visit_choice.words(stands, VISITED, card.target, language)]
    lines += of_model(card, notes, numbers["outside_share"], language)
    lines.append(_repeated(numbers, language))
    for note in sorted(set(stands["note"]) - {""}):
        regions = stands.loc[stands["note"] == note, "region"]
        key = "summary.note.one" if len(regions) == 1 else "summary.note.many"
        ids = map_texts.named(regions, FIRST)
        lines.append(say(key, count=len(regions), note=map_texts.note(language, note), ids=ids))
    return "\n".join([*lines, say("summary.scenes", scenes=", ".join(scenes)), ""])


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


def hectares(numbers: Mapping[str, Any], card: ModelCard, language: str) -> dict[str, Any]:
    """The values of the first sentence of a summary: hectares, and what they are."""
    return {
        **{name: numbers[f"{name}_ha"] for name in ("need", "seen", "area")},
        "kind": map_texts.say(language, f"kind.{map_texts.kind(card.target)}"),
        "target": map_texts.say_or(language, f"target.{card.target}", card.target),
        "threshold": card.threshold,
    }


def of_model(card: ModelCard, notes: Sequence[str], outside_share: float | None, language: str) -> list[str]:
    """The sentences of a summary on the model: what it is worth, what must be read too, where it says nothing."""
    say = partial(map_texts.say, language)
    return [
        say("summary.model", run=card.run, verdict=verdict(card, language)),
        *(say("summary.read", note=note) for note in notes),
        *([say("summary.outside", share=outside_share)] if outside_share else []),
    ]


def _line(row: Mapping[Any, Any], language: str) -> str:
    say, has_ends = partial(map_texts.say, language), pd.notna(row["degree_low"])
    return say(
        "summary.stand",
        **{name: row[name] for name in ("rank", "region", "seen", "last_clear")},
        need=row["need_ha"],
        area=row["area_ha"],
        degree=row["degree_mean"],
        ends=say("summary.ends", low=row["degree_low"], high=row["degree_high"]) if has_ends else "",
    )


def _cleared(stands: pd.DataFrame, card: ModelCard, language: str) -> str:
    """Which stands look cleared already, or that none could be looked at."""
    known, cleared = stands["already_cleared"].notna(), stands[stands["already_cleared"].fillna(False).astype(bool)]
    if not known.any():
        return map_texts.say(language, "summary.cleared.unknown")
    return map_texts.say(
        language,
        "summary.cleared",
        count=len(cleared),
        known=int(known.sum()),
        ids=f": {map_texts.named(cleared['region'], FIRST)}" if len(cleared) else "",
        need=float(cleared["need_ha"].sum()),
        kind=map_texts.say(language, f"kind.{map_texts.kind(card.target)}"),
    )


def _repeated(numbers: Mapping[str, Any], language: str) -> str:
    """How much of a list repeats what its model was trained on."""
    count = numbers["trained_on_stands"]
    key = "unknown" if count is None else "some" if count else "none"
    need = map_texts.as_written(language, f"{numbers['trained_on_need_ha'] or 0:.1f}")
    return map_texts.say(language, f"trained_on.{key}", count=count, stands=numbers["stands"], need=need)


def sure(card: ModelCard, language: str = "en") -> str:
    """What the intervals of the means promise."""
    say, facts = partial(map_texts.say, language), verdict_parts.interval(card)
    count = facts["regions"]
    values = {**facts, "regions": say("regions.one" if count == 1 else "regions.many", count=count)}
    if facts["key"] == "sizes":
        (least, most), (widest, narrowest) = facts["hectares"], facts["halves"]
        values |= {"least_ha": least, "most_ha": most, "widest": widest, "narrowest": narrowest}
    return say(f"summary.sure.{facts['key']}", **values)


def verdict(card: ModelCard, language: str = "en") -> str:
    """What the model reaches on regions that it was not trained on, or that nobody knows."""
    say, parts = partial(map_texts.say, language), verdict_parts.verdict(card)
    texts = {"text": card.verdict, "numbers": f"{card.verdict}."}
    if "metric" in parts:
        texts["numbers"] = _numbers(parts, language)
    if card.leak:
        return say("summary.verdict.leak", **texts)
    if parts["key"] in ("unknown", "text"):
        return say(f"summary.verdict.{parts['key']}", **texts)
    return say("summary.verdict", **texts, finding=say(f"verdict.{parts['key']}"))


def _numbers(parts: Mapping[str, Any], language: str) -> str:
    """Both numbers of a verdict and the interval of the gain, as the page has them."""
    say = partial(map_texts.say, language)
    written = {name: map_texts.as_written(language, str(value)) for name, value in parts.items()}
    written["predictor"] = map_texts.say_or(language, f"predictor.{parts['predictor']}", parts["predictor"])
    count = int(parts["regions"])
    written["regions"] = say("regions.one" if count == 1 else "regions.many", count=count)
    text = say("verdict.numbers", **written) + say("verdict.interval" if "low" in parts else "verdict.few", **written)
    return f"{text} {say('verdict.r2')}" if parts["metric"] == "R²" else text
