"""Load on `rojsat serve`, over loopback: `python -m bench.serving [JSON]`.

A server of one process on a map of 4,096 x 4,096 pixels. Clients ask without a pause, each by one connection that stays
open: for tiles that nobody asked for before, for tiles that are held in memory, and to accept jobs (each is written to
the disk; none is run). So many requests and seconds a row at most.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import uvicorn
from affine import Affine
from scipy.ndimage import zoom

from bench import tables
from rojsat.geo.scenes.cog import write_cog
from rojsat.server import application
from rojsat.server.limits import Limits
from rojsat.server.served_model import ServedModel

SIDE = 4096
CLIENTS = (1, 8)
REQUESTS, SECONDS = 400, 20.0
"""Of a row at most."""

PORT = 8791
ZOOM = 14
AREA = {
    "type": "Polygon",
    "coordinates": [[[15.1, 57.6], [15.11, 57.6], [15.11, 57.61], [15.1, 57.61], [15.1, 57.6]]],
}


def write_map(folder: Path) -> None:
    """A smooth field of degrees of 41 x 41 km."""
    rough = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    degree = np.clip(zoom(rough, SIDE / 64, order=1), 0, 1)
    transform = Affine(10, 0, 500000, 0, -10, 6400000)
    write_cog(folder / "map" / "degree.tif", degree, transform=transform, crs="EPSG:32633", nodata=np.nan)


def serve(folder: Path) -> None:
    """Serve the folder; jobs run until the server ends."""
    model = ServedModel("made", "made", {"run": "made"}, "", "", [], None, [])
    limits = Limits(waiting=10_000)
    built = application.build(folder, model, [], limits, run=lambda *words: words[-1].wait())
    uvicorn.run(built, port=PORT, log_level="error", access_log=False)


def ask(method: str, addresses: list[str], body: str | None, times: list[float], end: float) -> None:
    """Send requests one after the other and note how long each takes, seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    for address in addresses:
        start = time.perf_counter()
        if start > end:
            return
        connection.request(method, address, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 202):
            raise RuntimeError(f"{address}: {answer.status}")
        times.append(time.perf_counter() - start)


def row(
    name: str, clients: int, addresses: list[str], server: psutil.Process, body: str | None = None
) -> dict[str, Any]:
    """Requests a second, their median and 99th percentile, and what the server holds."""
    times: list[list[float]] = [[] for _ in range(clients)]
    start, cpu = time.perf_counter(), sum(server.cpu_times()[:2])
    threads = [
        threading.Thread(
            target=ask,
            args=("POST" if body else "GET", addresses[number::clients], body, times[number], start + SECONDS),
        )
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, spent = time.perf_counter() - start, sum(server.cpu_times()[:2]) - cpu
    waits = np.array([each for of_client in times for each in of_client])
    return {
        "what": name,
        "clients": clients,
        "requests": len(waits),
        "a second": len(waits) / wall,
        "p50, ms": 1e3 * float(np.percentile(waits, 50)),
        "p99, ms": 1e3 * float(np.percentile(waits, 99)),
        "server CPU a request, ms": 1e3 * spent / len(waits),
        "server memory, MiB": server.memory_info().rss / 2**20,
    }


def tiles() -> list[str]:
    """Addresses of the tiles of the map at a zoom where a tile has some 2.4 x 2.4 km, in a fixed mixture."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    connection.request("GET", "/tiles/map/tilejson.json")
    west, south, east, north = json.loads(connection.getresponse().read())["bounds"]
    columns, rows = ([_column(end) for end in (west, east)], [_row(end) for end in (north, south)])
    places = [(x, y) for x in range(columns[0] + 1, columns[1]) for y in range(rows[0] + 1, rows[1])]
    mixed = np.random.default_rng(0).permutation(len(places))
    return [f"/tiles/map/{ZOOM}/{places[n][0]}/{places[n][1]}.png" for n in mixed]


def _column(longitude: float) -> int:
    return int((longitude + 180) / 360 * 2**ZOOM)


def _row(latitude: float) -> int:
    return int((1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * 2**ZOOM)


def _wait() -> None:
    """Wait until the server answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no server answers on port {PORT}")


def measure(folder: Path) -> list[dict[str, Any]]:
    """All rows."""
    write_map(folder)
    process = subprocess.Popen([sys.executable, "-m", "bench.serving", "serve", str(folder)])
    try:
        _wait()
        server, rows = psutil.Process(process.pid), []
        addresses = tiles()
        share = min(REQUESTS, len(addresses) // len(CLIENTS))
        for number, clients in enumerate(CLIENTS):
            new = addresses[number * share : (number + 1) * share]
            rows.append(row("new tiles", clients, new, server))
            rows.append(row("the same tiles again", clients, new[: rows[-1]["requests"] // 2], server))
            rows.append(row("jobs accepted", clients, ["/predict"] * REQUESTS, server, json.dumps(AREA)))
        return rows
    finally:
        process.terminate()
        process.wait()


def main(path: Path | None = None) -> None:
    """Measure, print the table, write the JSON."""
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder))
    tables.show("rojsat serve over loopback", rows)
    if path is not None:
        tables.write(path, {"rows": rows})


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
