"""Serve the MLflow UI of the runs on this machine, print the links to their tables, and wait for Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from rojsat.config import command, lazy
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.tracking import links, recorder, tables
else:
    links, recorder = lazy.module("rojsat.tracking.links"), lazy.module("rojsat.tracking.recorder")
    tables = lazy.module("rojsat.tracking.tables")

COMMAND = Command(
    "rojsat.stages.ui",
    __doc__,
    "port=5001\ndry=true",
    "[port=5000] [dry=true]",
    {"port": "of this machine, 1024 to 65535; 5000"},
)

PORTS = range(1024, 65536)
"""Those that need no right of their own."""

PATIENCE = 120.0
"""How long the server may take to answer, seconds."""

_QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
"""Without the first, a server has some twenty processes beside it."""


def run(words: list[str], dry: bool = False) -> None:
    """Serve until Ctrl-C.

    Raises:
        ConfigError: words that mean nothing here, a port that is none or in use, or nothing to serve.
    """
    port = _port(words)
    _check(port)
    if dry:
        print("\n".join([f"would serve {links.address(port)}", *_lines()[:-1]]))
        return
    address = links.serve(recorder.STORE, port)
    print(f"MLflow starts at {address} (some 10 s)", flush=True)
    with (recorder.STORE / "ui.log").open("w") as journal:
        server = subprocess.Popen(
            _command(port), env=os.environ | _QUIET, start_new_session=True, stdout=journal, stderr=journal
        )
    try:
        lines = _lines()
        _wait(server, f"{address}/health")
        print("\n".join(lines), flush=True)
        server.wait()
    except KeyboardInterrupt:
        print("the UI has ended")
    finally:
        _end(server)


def _port(words: list[str]) -> int:
    """The port that the command line names."""
    plain, own = command.split(words, COMMAND)
    text = own.get("port", str(links.PORT))
    if plain or not text.isdecimal() or int(text) not in PORTS:
        raise ConfigError(f"{' '.join(words)}: it takes port=NUMBER, {PORTS.start} to {PORTS.stop - 1}, and dry=true")
    return int(text)


def _check(port: int) -> None:
    """Refuse what cannot be served."""
    if not links.is_local(recorder.STORE):
        raise ConfigError(
            f"{links.URI} names another store, {recorder.address()}: unset it to see the runs of this one"
        )
    if not (recorder.STORE / "mlflow.db").exists():
        raise ConfigError("there is no run yet: `rojsat run exp=unet_roi6` makes one")
    if _is_used(port):
        free = next((number for number in range(port + 1, PORTS.stop) if not _is_used(number)), port)
        raise ConfigError(
            f"port {port} is in use, perhaps by an earlier `make ui`: port={free} (make ui PORT={free}) is free"
        )


def _is_used(port: int) -> bool:
    """Whether something listens at a port of this machine."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed may be used again
        try:
            listener.bind((links.HOST, port))
        except OSError:
            return True
    return False


def _command(port: int) -> list[str]:
    """What serves the local store, with the files of experiments that are made in the UI beside all others."""
    words = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", links.HOST, "--port", str(port)]
    words += ["--backend-store-uri", links.uri(recorder.STORE)]
    return [*words, "--artifacts-destination", str(recorder.STORE / "artifacts")]


def _wait(server: subprocess.Popen[bytes], health: str) -> None:
    """Wait until the server answers.

    Raises:
        ValueError: if it ends, or does not answer within `PATIENCE`.
    """
    end, journal = time.monotonic() + PATIENCE, recorder.STORE / "ui.log"
    while time.monotonic() < end:
        if server.poll() is not None:
            raise ValueError(f"the MLflow server ended at once: {_last_line(journal)} (all of it: {journal})")
        try:
            urllib.request.urlopen(health, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ValueError(f"the MLflow server does not answer after {PATIENCE:.0f} s, see {journal}")


def _last_line(journal: Path) -> str:
    return (journal.read_text().strip().splitlines() or ["an empty log"])[-1]


def _lines() -> list[str]:
    """What a person may open."""
    shown = tables.of_experiments(recorder.STORE) | {"models": links.models()}
    widest = max(map(len, shown))
    return ["Open:", *(f"  {name.ljust(widest)}  {link}" for name, link in shown.items()), "Ctrl-C ends it."]


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server with all its processes."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def main() -> None:
    """Run the command."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
