"""A server that is killed in the middle of a job, and started again."""

import hashlib
import json
import subprocess
import sys
import time

import httpx2
import psutil
import pytest

from rojsat.geo.scenes import catalog
from tests.support import map_scenes, ports, served, served_job


def start(folder, scenes):
    port = ports.free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.support.served_process", folder, str(port), scenes])
    client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    until(lambda: is_ready(client))
    return process, client


def is_ready(client):
    try:
        return client.get("/ready").status_code == 200
    except httpx2.HTTPError:
        return False


def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.mark.slow
def test_a_job_ends_with_the_same_bits_although_the_server_was_killed_in_its_middle(tmp_path):
    raw, folder = tmp_path / "raw", tmp_path / "served"
    catalog.write(raw, [map_scenes.write_scene(raw, "2019-07-11")], description="a forest made of numbers")
    folder.mkdir()
    everything = map_scenes.stands((2, 2, 76, 56)).to_crs("EPSG:4326")
    server, client = start(folder, raw)
    job = served.post(client, json.loads(everything.to_json())).json()["id"]
    until(lambda: (client.get(f"/jobs/{job}").json()["cells_done"] or 0) >= 2)
    (child,) = psutil.Process(server.pid).children()
    server.kill()
    server.wait()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)
    cells = {path.name: path.stat().st_mtime_ns for path in (folder / "jobs" / job / "map" / "cells").glob("[!.]*")}
    assert 2 <= len(cells) < 12 and not (folder / "jobs" / job / "map" / "degree.tif").exists()

    server, client = start(folder, raw)
    try:
        until(lambda: client.get(f"/jobs/{job}").json()["state"] in ("done", "failed"))
        answer = client.get(f"/jobs/{job}").json()
        assert (answer["state"], answer["cells_done"], answer["error"]) == ("done", 12, "")
        kept = folder / "jobs" / job / "map" / "cells"
        assert {name: (kept / name).stat().st_mtime_ns for name in cells} == cells, "what was done stays done"
        resumed = client.get(answer["files"]["degree.tif"]).content
    finally:
        server.terminate()
        server.wait()
    area = folder / "jobs" / job / "area.geojson"
    served_job.run([f"model={raw}", f"area={area}", f"out={tmp_path / 'at_once'}"], pause=0)
    at_once = (tmp_path / "at_once" / "degree.tif").read_bytes()
    assert hashlib.sha256(resumed).hexdigest() == hashlib.sha256(at_once).hexdigest()
