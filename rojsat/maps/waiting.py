"""How long the best time for clearing a stand lasts, and what waiting costs; the parameters are in `waiting.yaml`."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from rojsat.maps import map_texts

PARAMETERS: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
"""Value, unit and source of each parameter, by its name."""

HEIGHT, AGE = "height_m", "age_years"
"""Columns of the outlines' file that say how high, else how old a stand is."""

UNITS_UNKNOWN = {
    "height": HEIGHT,
    **dict.fromkeys(
        [f"height_{unit}" for unit in ("mm", "cm", "dm", "ft", "feet", "meter", "metres", "meters")], HEIGHT
    ),
    "age": AGE,
    **dict.fromkeys([f"age_{unit}" for unit in ("days", "months", "year", "y", "yr")], AGE),
}
"""Columns that are refused, for they do not say their unit or have another, and what they must be."""


def parameter(name: str) -> float:
    """The value of a parameter."""
    return float(PARAMETERS[name]["value"])


def heights(columns: pd.DataFrame, path: Path) -> pd.Series | None:
    """Heights of stands from the columns of their file, metres.

    Where there is an age but no height: 1 m at `age_at_1_m` years, and `height_growth` a year from there.

    Args:
        columns: of the file, with the ids of the stands as index.
        path: the file, for messages.

    Returns:
        By id, NaN where neither is known; None if the file has neither column.

    Raises:
        ValueError: in one sentence, if a column has another unit, or a value cannot be a height or an age in it.
    """
    for name, right in UNITS_UNKNOWN.items():
        found = [column for column in columns if str(column).lower() == name]
        if found:
            raise ValueError(
                f"{path}: column {found[0]!r} is not in {'metres' if right == HEIGHT else 'years'}, or does not say "
                f"so: convert it and call it {right}, or delete it"
            )
    if HEIGHT not in columns and AGE not in columns:
        return None
    height = _numbers(columns, HEIGHT, "highest", "decimetres or centimetres?", path)
    age = _numbers(columns, AGE, "oldest", "the year of planting?", path)
    grown = (1 + parameter("height_growth") * (age - parameter("age_at_1_m"))).clip(lower=0)
    return height.fillna(grown)


def _numbers(columns: pd.DataFrame, name: str, limit: str, guess: str, path: Path) -> pd.Series:
    if name not in columns:
        return pd.Series(float("nan"), index=columns.index)
    values = pd.to_numeric(columns[name], errors="coerce").astype(float)
    given, most = columns[name].notna() & (columns[name].astype(str).str.strip() != ""), parameter(limit)
    wrong = given & ~values.between(0, most)
    if wrong.any():
        number = int(wrong.to_numpy().argmax())
        stand, value = str(columns.index[number]), columns[name].to_list()[number]
        raise ValueError(
            f"{path}: {name} of stand {stand!r} is {value!r}, which is not from 0 to {most:g} "
            f"{PARAMETERS[limit]['unit']} ({guess}): correct it, or leave it empty if it is no young stand"
        )
    return values


def costs(stands: pd.DataFrame, height: pd.Series) -> pd.DataFrame:
    """What waiting means for stands.

    Args:
        stands: with `need_ha`, hectares in need.
        height: metres, of the same index.

    Returns:
        `years_left` until a stand is `best_to` high, negative when it has been so for years; `waiting_cost_eur`, what
        clearing its hectares in need costs more for each year of waiting from then on.
    """
    left = (parameter("best_to") - height) / parameter("height_growth")
    cost = (stands["need_ha"] * parameter("extra_cost")).where(left.notna())
    return pd.DataFrame({"years_left": left, "waiting_cost_eur": cost})


def words(stands: pd.DataFrame, named: int, language: str = "en") -> list[str]:
    """Sentences of the summary.

    Args:
        stands: the stand table, with the columns of `costs`, or without: then there is nothing to say.
        named: stands that are named at most.
        language: one of `map_texts.LANGUAGES`.
    """
    if "years_left" not in stands:
        return []
    known = stands[stands["years_left"].notna() & (stands["need_ha"] > 0)]
    if known.empty:
        return [map_texts.say(language, "summary.waiting.unknown")]
    late, soon = known[known["years_left"] <= 0], known[known["years_left"].between(0, 1, inclusive="right")]
    early = known["years_left"] > (parameter("best_to") - parameter("best_from")) / parameter("height_growth")
    clearing = {name: str(PARAMETERS["clearing_cost"][name]) for name in ("value", "unit")}
    return [
        map_texts.say(
            language,
            "summary.waiting",
            **{"late": len(late), "known": len(known), "soon": len(soon), "early": int(early.sum())},
            to=parameter("best_to"),
            best_from=parameter("best_from"),
            ids=f" ({map_texts.named(late['region'], named)})" if len(late) else "",
            dearer=float(late["waiting_cost_eur"].sum()),
            cost=parameter("extra_cost"),
            clearing=map_texts.say_or(language, f"summary.clearing.{clearing['value']}", clearing["value"]),
            unit=map_texts.say_or(language, f"summary.clearing.{clearing['unit']}", clearing["unit"]),
        )
    ]
