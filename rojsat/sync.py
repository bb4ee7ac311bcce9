"""Send what waits since a tracking server went away, to the server of MLFLOW_TRACKING_URI.

Exit status 1 if something still waits; `dry=true` prints what waits and sends nothing.
"""

import sys
from typing import TYPE_CHECKING

from rojsat.config import command, lazy
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.tracking import recorder
else:
    recorder = lazy.module("rojsat.tracking.recorder")

COMMAND = Command("rojsat.sync", __doc__, "\ndry=true", "[dry=true]")


def run(words: list[str], dry: bool = False) -> int:
    """Send all that is for this server, print what still waits, give the exit status."""
    if words:
        raise ConfigError(f"it takes no words but dry=true, not {' '.join(words)}")
    if not dry:
        recorder.sync()
    waiting = recorder.waiting()
    for run_id, (address, count) in waiting.items():
        is_other = address != recorder.address()
        way = "unset MLFLOW_TRACKING_URI" if address == recorder.LOCAL else f"MLFLOW_TRACKING_URI={address}"
        server = f"is another store: {way}" if is_other else "takes nothing now"
        state = "would be sent" if dry and not is_other else f"wait for {address}, which {server}"
        print(f"{COMMAND.call}: {count} records of run {run_id} {state}", file=sys.stderr)
    if not waiting:
        print("nothing waits")
    return 1 if waiting else 0


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
