"""The tables of docs/scale.md: made from the quantities, put between marks in the page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bench.scale import limits, money, quantities, walls, workload
from bench.scale.quantities import Quantity
from bench.scale.walls import Country
from bench.scale.workload import HOUR

MARK = re.compile(r"(<!-- (\w[\w ]*): python -m bench.scale -->\n)(.*?)(<!-- end -->)", re.DOTALL)
"""Where a table stands in the page, and its name."""


def number(value: float) -> str:
    """Three digits, with commas between thousands."""
    rounded = float(f"{value:.3g}")
    if rounded and abs(rounded) < 1e-3:
        return f"{rounded:.3g}"
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows with the same keys as a table."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    for row in rows:
        cells = [number(value) if isinstance(value, float | int) else str(value) for value in row.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def anchor(heading: str) -> str:
    """The address of a heading in a page of Markdown."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def answers(of: Mapping[str, float], countries: Mapping[int, Sequence[Country]]) -> list[dict[str, Any]]:
    """What a reader wants to know first."""
    cores, gpu, rest, *others = money.rows(of)
    kept = money.total(of) - cores["EUR"]
    training = next(step for step in workload.steps(of) if step.name == "train").core_seconds / HOUR
    hours = {row["machines"]: row for row in walls.machine_rows(of, countries)}
    read = workload.products(of) * of["product_gb"] / 1000
    hectares = of["stands"] * of["stand_hectares"] / 1e6
    texts = {
        "ground": f"{number(of['stands'])} stands, {number(hectares)} million hectares, on {number(of['tiles'])} tiles",
        "images read": f"{number(workload.products(of))} products, {number(read)} TB",
        "chips kept": f"{number(workload.chips(of) / 1e6)} million, {number(workload.store_gb(of) / 1000)} TB",
        "computing on cores": f"{number(cores['amount'])} core hours, {number(cores['EUR'])} EUR",
        "or, networks on GPUs": f"{number(gpu['amount'])} GPU hours and {number(rest['amount'])} core hours, "
        f"{number(gpu['EUR'] + rest['EUR'])} EUR",
        "one training of them": f"{number(training)} core hours; on a GPU {number(training / of['gpu_cores'])} hours",
        "keeping chips, sending maps": f"{number(kept)} EUR",
        "images, if they leave another cloud": f"{number(others[-1]['EUR'])} EUR",
    }
    texts |= {
        f"wall time on {count} machine{'s' * (count > 1)} of {number(of['machine_cores'])} cores": (
            f"{number(row['hours'])} hours [{number(row['low'])}, {number(row['high'])}]"
        )
        for count, row in hours.items()
    }
    first, second, third = limits.limits(of)[:3]
    texts["what ends first"] = f"{first.what}, then {second.what}, then {third.what}"
    return [{"question": question, "answer": answer} for question, answer in texts.items()]


def steps(of: Mapping[str, float], countries: Mapping[int, Sequence[Country]]) -> list[dict[str, Any]]:
    """A row a step."""
    return walls.step_rows(of, countries)


def machines(of: Mapping[str, float], countries: Mapping[int, Sequence[Country]]) -> list[dict[str, Any]]:
    """A row a number of machines, with their interval."""
    rows = walls.machine_rows(of, countries)
    return [
        {
            "machines": row["machines"],
            "hours": f"{number(row['hours'])} [{number(row['low'])}, {number(row['high'])}]",
            "of their cores used": f"{100 * row['efficiency']:.0f} %",
            "computed twice": f"{100 * row['twice']:.2g} %",
            "machines that failed": row["failures"],
            "EUR, kept to the end": row["EUR"],
        }
        for row in rows
    ]


def unit_costs(kinds: Mapping[str, Quantity], of: Mapping[str, float]) -> list[dict[str, Any]]:
    """A row a unit cost, linked to where it was measured."""
    return [
        {
            "key": f"`{name}`",
            "value": of[name],
            "unit": cost.unit,
            "from": cost.source,
            "measured in": f"[{cost.benchmark}](benchmarks.md#{anchor(cost.benchmark or '')})",
        }
        for name, cost in kinds.items()
    ]


def assumptions(kinds: Mapping[str, Quantity], of: Mapping[str, float]) -> list[dict[str, Any]]:
    """A row an assumption, with its source."""
    return [
        {"key": f"`{name}`", "value": of[name], "unit": row.unit, "where from": row.source}
        for name, row in kinds.items()
    ]


def tables(of: Mapping[str, float], countries: Mapping[int, Sequence[Country]]) -> dict[str, list[dict[str, Any]]]:
    """All tables by name."""
    return {
        "answers": answers(of, countries),
        "limits": limits.rows(of),
        "databases": limits.database_rows(of),
        "machines": machines(of, countries),
        "steps": steps(of, countries),
        "variants": walls.variant_rows(of, countries),
        "money": money.rows(of),
        "unit costs": unit_costs(quantities.load("unit_costs"), of),
        "assumptions": assumptions(quantities.load("assumptions"), of),
    }


def fill(text: str, by_name: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A page with its tables replaced.

    Raises:
        ValueError: if the page lacks a table, or has one that there is not.
    """
    marked = [match.group(2) for match in MARK.finditer(text)]
    if sorted(marked) != sorted(by_name):
        raise ValueError(f"the page has tables {sorted(marked)}; there are {sorted(by_name)}")
    return MARK.sub(lambda match: f"{match.group(1)}\n{markdown(by_name[match.group(2)])}\n{match.group(4)}", text)
