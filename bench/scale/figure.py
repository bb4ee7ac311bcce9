"""The figure of docs/scale.md: wall time by machines, memory of the index, epochs that a database records."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from bench.scale import limits, walls, workload
from bench.scale.workload import GIB, HOUR

MACHINES = (1, 2, 5, 10, 20, 50, 100, 200)
SEEDS = 3
MEASURED = 100_000
"""Chips up to which the index was measured."""

PLAIN = FuncFormatter(lambda value, _: f"{value:g}")
COLOURS = {"cut chips": "#1b6ca8", "train": "#d1495b", "predict maps": "#3a7d44", "one process alone": "#777777"}
FILE = "scale.png"


def draw(of: Mapping[str, float], folder: Path) -> Path:
    """Write the figure; its path."""
    figure, panels = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for panel, axes in zip((_walls, _index, _database), panels, strict=True):
        panel(axes, of)
    figure.savefig(path := folder / FILE, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return path


def _walls(axes: Axes, of: Mapping[str, float]) -> None:
    countries = walls.simulations(of, MACHINES, SEEDS)
    single = [step.name for step in workload.steps(of) if step.jobs == 1]
    for name, colour in COLOURS.items():
        names = single if name == "one process alone" else [name]
        hours = [
            np.mean([sum(each.outcomes[step].wall for step in names) for each in of_count]) / HOUR
            for of_count in countries.values()
        ]
        axes.plot(MACHINES, hours, "o-", color=colour, label=name, markersize=4)
    total = [np.mean([each.wall for each in of_count]) / HOUR for of_count in countries.values()]
    axes.plot(MACHINES, total, "k-", linewidth=2, label="all steps")
    axes.plot(MACHINES, [total[0] / count for count in MACHINES], "k:", linewidth=1, label="if all were shared evenly")
    axes.set(xscale="log", yscale="log", xlabel=f"machines of {of['machine_cores']:.0f} cores", ylabel="hours")
    axes.set_xticks(MACHINES, [str(count) for count in MACHINES])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(PLAIN)
    axes.set_title("Wall time: where more machines stop helping", fontsize=10, loc="left")
    axes.legend(fontsize=8, frameon=False)
    axes.grid(alpha=0.2)


def _index(axes: Axes, of: Mapping[str, float]) -> None:
    chips, country = np.array([1e3, MEASURED, 1e9]), workload.chips(of)
    for name, side_by_side, colour in (
        ("joined by one process", 1, "#1b6ca8"),
        ("opened by two trainings", 2, "#d1495b"),
    ):
        each = of["join_chip_bytes"] if side_by_side == 1 else of["open_chip_bytes"]
        gib = chips * each * side_by_side / GIB
        axes.plot(chips[:2], gib[:2], "-", color=colour, linewidth=2, label=name)
        axes.plot(chips[1:], gib[1:], "--", color=colour, linewidth=1)
    axes.axhline(of["machine_gib"], color="black", linewidth=1)
    axes.annotate(f"a machine of {of['machine_gib']:.0f} GiB", (1.5e3, of["machine_gib"] * 1.2), fontsize=8)
    axes.axvline(country, color="#777777", linewidth=1, linestyle=":")
    axes.annotate("Sweden", (country * 0.85, 0.004), fontsize=8, ha="right", color="#555555")
    axes.set(xscale="log", yscale="log", xlabel="chips (dashed: extrapolated)", ylabel="GiB")
    axes.set_ylim(0.002, 2000)
    axes.set_title("Memory of the index of a chip store", fontsize=10, loc="left")
    axes.yaxis.set_major_formatter(PLAIN)
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, 0.72))
    axes.grid(alpha=0.2)


def _database(axes: Axes, of: Mapping[str, float]) -> None:
    rows = limits.database_rows(of)
    count, asked, recorded = (np.array(column) for column in zip(*(row.values() for row in rows), strict=True))
    axes.plot(count, asked, "k:", linewidth=1, label="if nobody waited")
    axes.plot(count, recorded, "o-", color="#d1495b", markersize=4, label="recorded")
    axes.set(xscale="log", yscale="log", xlabel=f"trainings at once, an epoch every {of['short_epoch']:g} s")
    axes.set_ylabel("epochs a second")
    axes.set_xticks(count, [f"{each:,}" for each in count])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(PLAIN)
    axes.set_title("Epochs that one database records", fontsize=10, loc="left")
    axes.legend(fontsize=8, frameon=False)
    axes.grid(alpha=0.2)
