"""Make the pipeline side by side, compare its metrics with those in git, or train at size full.

python -m rojsat.repro [STAGE ...]                      stages of dvc.yaml and what they need, then the comparison
python -m rojsat.repro compare [COMMIT]                 the metrics of reports/quick beside those of a commit (HEAD)
python -m rojsat.repro full [RUN ...] [key=value ...]   what experiments/pipeline.yaml lists at size full; hours
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from rojsat.config import command, compose
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError
from rojsat.jobs import cores
from rojsat.repro import differences, full, quick
from rojsat.repro.stage_lines import duration

COMMAND = Command(
    "rojsat.repro",
    __doc__,
    "edges@unet_roi6 jobs=2",
    "[STAGE ... | compare [COMMIT] | full [RUN ...] [key=value ...]] [jobs=N] [dry=true]",
    {"jobs": "commands side by side; default: one a core"},
)

LOG = Path("reports", "repro.log")
"""What DVC and the stages print."""

PAGE = Path("reports", "study.html")


def main(words: Sequence[str], dry: bool) -> None:
    """Do what the words of the command line ask for; `dry=true` prints the stages or runs that would be made.

    Raises:
        ConfigError: for a number of jobs that is none.
    """
    root, log = compose.ROOT, compose.ROOT / LOG
    workers = _workers([word.removeprefix("jobs=") for word in words if word.startswith("jobs=")])
    plain = [word for word in words if "=" not in word]
    overrides = [word for word in words if "=" in word and not word.startswith("jobs=")]
    os.chdir(root)  # commands of dvc.yaml and of the list run there
    if plain[:1] == ["full"]:
        full.run(plain[1:], overrides, workers, log, dry=dry)
        return
    command.split(overrides, COMMAND)  # there are none
    if plain[:1] == ["compare"]:
        print(differences.table(root, *plain[1:2]))
    else:
        start = time.monotonic()
        has_page = quick.run(root, plain, workers, log, dry=dry)
        print("" if dry else _closing(root, has_page, time.monotonic() - start))


def _closing(root: Path, has_page: bool, seconds: float) -> str:
    """What the last lines say: whether the metrics are those in git, and where to look next."""
    page = (root / PAGE).as_uri() if has_page else "not among these goals; `make repro` without GOALS writes it"
    return (
        f"\n{differences.summary(root)}; `make compare` prints all\n\n"
        f"page:       {page}\nall runs:   make ui\ntotal time: {duration(seconds)}"
    )


def _workers(values: Sequence[str]) -> int:
    """The number of jobs that is asked for, or of the cores."""
    number = values[-1] if values else str(cores.available())
    if not number.isdecimal() or int(number) < 1:
        raise ConfigError(f"jobs={number}: a number from 1 on")
    return int(number)


if __name__ == "__main__":
    command.start(main, COMMAND)
