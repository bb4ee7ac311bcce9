"""Serve maps and predictions over HTTP: tiles of maps in a folder, and jobs that predict the outlines sent to it.

The model is chosen at the start, the scenes are those of a data set. Each accepted job is on the disk and is done
whatever happens to the server: started again, it goes on. It listens on this machine alone unless `host=` names another
address, and has no authentication: for others put a reverse proxy with TLS and passwords before it.
"""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from rojsat.config import checks, command, compose, lazy, progress
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError
from rojsat.server import limits
from rojsat.stages import predict

if TYPE_CHECKING:
    import uvicorn

    from rojsat.server import application
    from rojsat.server.served_model import ServedModel
    from rojsat.stages import _model_to_serve
else:
    application = lazy.module("rojsat.server.application")
    _model_to_serve = lazy.module("rojsat.stages._model_to_serve")

OPTIONS = ("dates", "tiles", "rank", "language", "trust", "allow_unlike")
"""Keys of `rojsat predict` that hold for all jobs."""

COMMAND = Command(
    "rojsat.stages.serve",
    __doc__,
    "model=unet data=safe data.root=/archive/sentinel2 folder=maps\n"
    "model=models:/need-segmentation@champion data=safe folder=maps port=8080 hectares=2000 jobs=2",
    "model=MODEL data=NAME folder=DIR [host=127.0.0.1 port=8000] [key=value ...] [dry=true]",
    {
        "model": predict.COMMAND.keys["model"],
        "folder": "of maps, as `rojsat predict` leaves them, and of jobs; nothing outside is served",
        "host": "address to listen on; 127.0.0.1, this machine alone",
        "port": "1024 to 65535; 8000",
        "hosts": "names that requests call the server by, NAME,NAME, beside host and loopback; others are refused",
        **{key: predict.COMMAND.keys[key] for key in OPTIONS},
        **limits.meanings(),
    },
)

NEEDED = ("model", "folder")
PACKAGES = ("fastapi", "uvicorn", "rio_tiler", "psutil")
PORTS = range(1024, 65536)
EVERYWHERE = ("0.0.0.0", "::")
CONNECTIONS = 100
"""That are answered at the same time; others get 503."""


def run(words: list[str], dry: bool = False) -> None:
    """Serve until Ctrl-C; `dry=true` loads the model, looks at the scenes, and says what would be served."""
    own = dict(word.split("=", 1) for word in words if "=" in word and word.partition("=")[0] in COMMAND.keys)
    rest = [word for word in words if word.partition("=")[0] not in COMMAND.keys]
    folder, host, port = _check(own, rest)
    limited = limits.read({key: own[key] for key in own if key in limits.meanings()})
    checks.check_files(compose.parse(rest))
    options = [f"{key}={own[key]}" for key in OPTIONS if key in own]
    progress.doing("loads the model and looks at the scenes")
    model = _model_to_serve.in_a_process(own["model"], rest, trust=own.get("trust") == "true")
    lines = [f"model: {model.card['run']}. {model.verdict}", f"scenes: {' '.join(rest)}", f"folder: {folder}"]
    if dry:
        print("\n".join([f"would serve {address(host, port)}", *lines]))
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".server.lock", timeout=0):
            print(
                "\n".join([*lines, *_warning(host), f"{address(host, port)}/docs says how; Ctrl-C ends it"]), flush=True
            )
            hosts = [name for name in own.get("hosts", "").split(",") if name]
            served_words = [f"model={model.address}", *rest, *options]
            _serve(folder, model, served_words, limited, host, port, hosts)
    except Timeout as error:
        raise ConfigError(f"folder={folder} is served by another process: one server a folder") from error


def _serve(
    folder: Path, model: ServedModel, words: list[str], limited: limits.Limits, host: str, port: int, hosts: list[str]
) -> None:
    import uvicorn  # an extra: the sentence on what is missing comes first

    own = [] if host in EVERYWHERE else [host]
    settings: uvicorn.Config = uvicorn.Config(
        application.build(folder, model, words, limited, hosts=[*own, *hosts]),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=1 << 14,
    )
    uvicorn.Server(settings).run()


def address(host: str, port: int) -> str:
    """Where a server is reached from this machine."""
    name = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def _warning(host: str) -> list[str]:
    if application.is_loopback(host):
        return []
    return [f"host={host}: whoever reaches this machine reaches the server. It has no authentication and no TLS"]


def _check(own: Mapping[str, str], rest: list[str]) -> tuple[Path, str, int]:
    """Folder, host and port, if the words can be obeyed; nothing heavy is imported.

    Raises:
        ConfigError: if they cannot.
    """
    missing = [f"{key}=" for key in NEEDED if not own.get(key)]
    missing += [] if any(word.startswith("data=") for word in rest) else ["data="]
    if missing:
        raise ConfigError(f"{', '.join(missing)} missing: {COMMAND.form}")
    absent = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        raise ConfigError(f"serving needs {', '.join(absent)}: pip install 'rojsat[geo,serve,track]'")
    predict.check_choices(own)
    if any(word.startswith("exp=") for word in rest):
        raise ConfigError("exp= is of a training: model= names what is applied")
    folder, host, text = (
        Path(own["folder"]).expanduser().resolve(),
        own.get("host", "127.0.0.1"),
        own.get("port", "8000"),
    )
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"folder={own['folder']} is a file: name a folder")
    if not text.isdecimal() or len(text) > 5 or int(text) not in PORTS:
        raise ConfigError(f"port={text}: it takes a number from {PORTS.start} to {PORTS.stop - 1}")
    if host in EVERYWHERE and not own.get("hosts"):
        raise ConfigError(f"host={host} listens everywhere: hosts=NAME,NAME says by which names the server is reached")
    _check_free(host, int(text))
    return folder, host, int(text)


def _check_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ConfigError(f"host={host} port={port} cannot be listened on ({error}): choose another") from error


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
