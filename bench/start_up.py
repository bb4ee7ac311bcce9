"""How long a command takes before it does anything: `python -m bench.start_up [JSON]`.

What a person waits for first: `--help`, and the error of a mistyped name; and what training and cutting import. Each is
a process of its own.
"""

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench import tables

COMMANDS = {
    "run --help": ("rojsat.run", "--help"),
    "run, mistyped experiment": ("rojsat.run", "exp=unet_roi66"),
    "tune --help": ("rojsat.tune", "--help"),
    "promote --help": ("rojsat.promote", "--help"),
}
IMPORTED = ("rojsat.stages.train", "rojsat.stages.chips")
TURNS = 7


def seconds(words: tuple[str, ...]) -> float:
    """Wall time of one process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", *words], capture_output=True, check=False)
    return time.perf_counter() - start


def cpu_seconds(module: str) -> float:
    """CPU time of a process that imports a module and ends."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(path: Path) -> None:
    """Measure every command in turn, after one call that warms the file cache."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for turn in range(TURNS + 1):
        for name, words in COMMANDS.items():
            duration = seconds(words)
            times[name] += [duration] if turn else []
    rows = [
        {"command": name, "median, s": statistics.median(values), "slowest, s": max(values)}
        for name, values in times.items()
    ]
    imports = [{"module": name, "least CPU, s": min(cpu_seconds(name) for _ in range(3))} for name in IMPORTED]
    tables.show(f"Start-up, {TURNS} turns", rows)
    tables.show("Imports", imports)
    tables.write(path, {"rows": rows, "imports": imports})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/start_up.json"))
