"""Runs an experiment as a command of the shell: its `--help`, its `dry=true`, its errors and exit status."""

import logging
import signal
import sys
from collections.abc import Callable

from rojsat.config import compose
from rojsat.config.keys import ConfigError
from rojsat.config.schema import Experiment


def usage(command: str) -> str:
    """What `--help` prints: the command's form, every experiment and every variant with its header."""
    lines = [f"python -m {command} exp=NAME [key=value ...] [dry=true]", ""]
    lines += ["dry=true prints the composed experiment and what would run, and runs nothing."]
    for group, title in (
        ("", "Experiments:"),
        ("variant", "Variants, variant=NAME or variant=NAME,NAME, composed over an experiment:"),
    ):
        lines += ["", title]
        for name in compose.names(group):
            lines += [f"  {name}", *(f"      {line}" for line in compose.header(f"{group}/{name}").splitlines())]
    lines.append("")
    for group in ("data", "size", "task"):
        lines.append(f"{group}=NAME, one of: {', '.join(compose.names(group))}")
    return "\n".join([*lines, "Keys, each with its unit and reason: experiments/default.yaml"])


def plan(experiment: Experiment) -> list[str]:
    """What `dry=true` says after the experiment, where a command has no more to say."""
    return [f"name: {compose.run_name(experiment)}", f"results: {compose.report_folder(experiment)}"]


def _terminated(number: int, frame: object) -> None:  # noqa: ARG001
    """What a job scheduler's SIGTERM does: the same as Ctrl-C."""
    raise KeyboardInterrupt(number)


def execute(
    action: Callable[[Experiment], None],
    name: str,
    *,
    needs_experiment: bool = True,
    plan: Callable[[Experiment], list[str]] = plan,
) -> None:
    """Run `action` on the experiment of this process's command line.

    With `dry=true`, print the composed experiment and the `plan` instead. Exit status: 0 done; 2 an error that the user
    can cause or mend (`ValueError`, `OSError`), with its message; 130 Ctrl-C; 143 SIGTERM; 1 a fault of rojsat's, with
    its traceback.
    """
    arguments = [word for word in sys.argv[1:] if word not in ("dry=true", "dry=false")]
    if "--help" in arguments or "-h" in arguments:
        print(usage(name))
        return
    logging.basicConfig(format="%(message)s")
    logging.getLogger("rojsat").setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        if needs_experiment and not any(word.startswith("exp=") for word in arguments):
            raise ConfigError(f"which experiment? exp=NAME, one of: {', '.join(compose.names())}")
        experiment = compose.parse(arguments)
        if "dry=true" in sys.argv[1:]:
            print("\n".join([compose.written(experiment), *plan(experiment)]))
            return
        action(experiment)
    except (ValueError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as error:
        print(f"{name}: interrupted; the same command goes on or starts again, no file is incomplete", file=sys.stderr)
        sys.exit(143 if error.args else 130)
