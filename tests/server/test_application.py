"""The server as clients meet it, good ones and others."""

import gzip
import io
import json
import re
import socket
import threading
import time

import httpx2
import numpy as np
import pytest
import rasterio
import uvicorn
from PIL import Image

from rojsat.server import application, limits, map_files, map_tiles
from rojsat.server.job_process import JobError
from tests.support import ports, served
from tests.support.served import client, outlines, polygon, post, square

SECRET = b"this must not be read"


def until_ended(started, job):
    end = time.monotonic() + 20
    while (answer := started.get(f"/jobs/{job['id']}").json())["state"] not in ("done", "failed"):
        assert time.monotonic() < end
        time.sleep(0.01)
    return answer


def test_an_area_becomes_a_job_with_files_and_a_map_with_tiles(tmp_path):
    with client(tmp_path) as started:
        accepted = post(started, outlines())
        assert accepted.status_code == 202 and accepted.headers["location"] == f"/jobs/{accepted.json()['id']}"
        job = until_ended(started, accepted.json())
        assert job["state"] == "done" and (job["cells_done"], job["cells"], job["outlines"]) == (1, 1, 1)
        assert set(job["files"]) == {"stands.csv", "degree.tif"}, "neither map.json nor cells"
        assert started.get(job["files"]["stands.csv"]).text == "rank,region\n1,1\n"
        described = started.get(job["maps"][job["id"]]).json()
        assert described["description"] == "R² 0.2" and described["threshold"] == 0.5
        west, south, east, north = described["bounds"]
        assert 14.9 < west < east < 15.1 and 57.7 < south < north < 57.8
        picture = started.get(tile_address(described))
        colours, counts = np.unique(pixels(picture).reshape(-1, 4), axis=0, return_counts=True)
        half = [int(map_tiles.colour(0.5)[place : place + 2], 16) for place in (1, 3, 5)]
        assert [255, *half] in [[colour[3], *colour[:3]] for colour in colours.tolist()]
        assert counts[colours[:, 3] == 0].sum() > 0, "transparent where nothing is predicted"
        assert {colour[3] for colour in colours.tolist()} == {0, 255}


def tile_address(described, zoom=12):
    longitude, latitude = described["center"][:2]
    x = int((longitude + 180) / 360 * 2**zoom)
    y = int((1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * 2**zoom)
    return described["tiles"][0].format(z=zoom, x=x, y=y)


def pixels(answer):
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def test_a_job_that_fails_says_why(tmp_path):
    def fails(*_):
        raise JobError("no scene covers any of 1 outlines")

    with client(tmp_path, fails) as started:
        job = until_ended(started, post(started, outlines()).json())
        assert (job["state"], job["error"], job["files"]) == ("failed", "no scene covers any of 1 outlines", {})


def test_maps_of_the_folder_are_listed_and_described(tmp_path):
    served.write_map(tmp_path / "north" / "degree.tif")
    served.write_map(tmp_path / "two" / "degree_2.tif")
    served.write_map(tmp_path / "1_2019-07-11_022.tif")
    (tmp_path / "north" / "scenes.tif").write_bytes(b"")
    with client(tmp_path) as started:
        assert set(started.get("/maps").json()["maps"]) == {"north", "two_2", "1_2019-07-11_022"}
        tile = tile_address(started.get("/tiles/north/tilejson.json").json())
        before = pixels(started.get(tile))
        served.write_map(tmp_path / "north" / "degree.tif", value=1.0)
        assert (pixels(started.get(tile)) != before).any(), "a map that is replaced is drawn again"
        for address, status in (("13/0/0", 404), ("25/0/0", 422), ("12/-1/0", 422), ("12/x/0", 422), ("0/0/0", 200)):
            assert started.get(f"/tiles/north/{address}.png").status_code == status, address
        entries = started.get("/legend").json()
        assert entries[0]["means"] == "none" and re.fullmatch("#[0-9a-f]{6}", entries[0]["colour"])
        assert started.get("/legend.svg").text.startswith("<svg")


def strange_files(folder):
    """Files in the folder of a server that lead out of it, by the names that they would have as maps."""
    outside = folder.parent / "outside"
    good = served.write_map(outside / "degree.tif")
    (outside / "map").mkdir()
    (outside / "secret.csv").write_bytes(SECRET)
    (folder / "linked").symlink_to(outside)
    (folder / "link").mkdir(parents=True)
    (folder / "link" / "degree.tif").symlink_to(good)
    (folder / "loop").symlink_to(folder / "loop")
    vrt = (
        '<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>EPSG:32633</SRS><GeoTransform>500000,10,0,6400000,0,-10'
        '</GeoTransform><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="0">{}'
        "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    places = {"vrt": str(good), "vsi": f"/vsizip/{good}", "curl": "/vsicurl/http://127.0.0.1:9/a.tif"}
    for name, source in places.items():
        (folder / name).mkdir()
        (folder / name / "degree.tif").write_text(vrt.format(source))
    served.write_map(folder / "sidecar" / "degree.tif")
    (folder / "sidecar" / "degree.tif.ovr").write_text(vrt.format(good))
    (folder / "sidecar" / "degree.tif.aux.xml").write_text(
        f'<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{good}</MDI></Metadata></PAMDataset>'
    )
    return outside


def test_no_file_leads_out_of_the_folder(tmp_path):
    folder = tmp_path / "maps"
    folder.mkdir()
    strange_files(folder)
    with client(folder) as started:
        assert set(started.get("/maps").json()["maps"]) == {"vrt", "vsi", "curl", "sidecar"}
        for name, status in {"linked": 404, "link": 404, "loop": 404, "vrt": 422, "vsi": 422, "curl": 422}.items():
            for address in (f"/tiles/{name}/tilejson.json", f"/tiles/{name}/0/0/0.png"):
                answer = started.get(address)
                assert answer.status_code == status and str(tmp_path) not in answer.text, address
        assert started.get("/tiles/sidecar/0/0/0.png").status_code == 200, "what lies beside is not read"


def test_a_raster_that_names_another_as_its_overviews_is_not_shown(tmp_path):
    path = tmp_path / "degree.tif"
    served.write_map(path)
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as raster:
        raster.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(tmp_path / "other.tif"))
    with client(tmp_path) as started:
        assert started.get("/tiles/degree/0/0/0.png").status_code == 422


PATHS = [
    "../outside/secret.csv",
    "..%2Foutside%2Fsecret.csv",
    "%2e%2e/outside/secret.csv",
    "%2e%2e%2foutside%2fsecret.csv",
    "..%252Foutside%252Fsecret.csv",
    "..%5Coutside%5Csecret.csv",
    "/etc/passwd",
    "%2Fetc%2Fpasswd",
    "stands.csv%00.png",
    "leads_out.csv",
    "map.json",
    "cells",
    ".job.json",
    "%2Fvsicurl%2Fhttp:%2F%2F127.0.0.1:9%2Fa.tif",
    "http:%2F%2F127.0.0.1:9%2Fa.tif",
    "s3:%2F%2Fbucket%2Fa.tif",
    "file:%2F%2F%2Fetc%2Fpasswd",
    "%2Fvsimem%2Fa.tif",
    "%EF%BC%8E%EF%BC%8E",
]


def test_no_address_leads_out_of_the_folder(tmp_path):
    folder = tmp_path / "maps"
    folder.mkdir()
    outside = strange_files(folder)
    with listening(folder) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}") as started:
        job = until_ended(started, post(started, outlines()).json())["id"]
        (folder / "jobs" / job / "map" / "leads_out.csv").symlink_to(outside / "secret.csv")
        for path in PATHS:
            for address in (f"/jobs/{job}/files/{path}", f"/tiles/{path}/tilejson.json", f"/tiles/{path}/0/0/0.png"):
                answer = raw(port, f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                assert re.match(rb"HTTP/1.1 4\d\d ", answer), address
                assert SECRET not in answer and b"root:" not in answer and str(tmp_path).encode() not in answer
        for job_id in ("..", "../" + job, job.upper(), "a" * 31, "a" * 32):
            assert started.get(f"/jobs/{job_id}").status_code in (404, 422)


class listening:
    """A server on a port of this machine, in a thread, to which anything can be sent."""

    def __init__(self, folder, **limited):
        built = application.build(folder, served.model(), [], limits.Limits(**limited), run=served.done_at_once)
        self.port = ports.free_port()
        self.server = uvicorn.Server(uvicorn.Config(built, port=self.port, log_level="critical", timeout_keep_alive=2))
        self.server.install_signal_handlers = lambda: None

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        return self.port

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join(10)


def raw(port, request, *, leave=False):
    """What is answered to bytes; `leave`: whose sender goes away after them."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        if leave:
            connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def announced(length, body, *more):
    lines = ["POST /predict HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", "Connection: close", *more]
    return "\r\n".join([*lines, *([f"Content-Length: {length}"] if length else []), "", ""]).encode() + body


def test_lengths_that_lie_and_bombs_are_refused_and_the_server_lives(tmp_path):
    body = json.dumps(outlines()).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (1000, b" " * 1000) for _ in range(20)) + b"0\r\n\r\n"
    with listening(tmp_path, bytes=10_000) as port:
        cases = {
            "too long, announced": (announced(10**9, body), b"413"),
            "no number": (announced("1e3", body), b"400"),
            "negative": (announced(-1, body), b"400"),
            "more digits than memory": (announced("9" * 40, body), b"4"),
            "too long, in chunks": (announced(None, chunks, "Transfer-Encoding: chunked"), b"413"),
            "compressed": (announced(None, gzip.compress(b" " * 10**6), "Content-Encoding: gzip"), b"415"),
            "shorter than announced": (announced(len(body) + 50, body), b""),
            "longer than announced": (announced(20, body), b"422"),
            "a header without end": (b"GET /health HTTP/1.1\r\nA: " + b"a" * 10**6, b"4"),
        }
        for name, (request, status) in cases.items():
            try:
                answer = raw(port, request, leave=name.startswith("shorter"))
            except ConnectionError:
                answer = b""
            assert b" 202 " not in answer and b" 500 " not in answer, name
            assert not answer or answer.split(b" ")[1].startswith(status), (name, answer[:200])
        assert not list((tmp_path / "jobs").iterdir())
        assert b" 202 " in raw(port, announced(len(body), body))


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (outlines(), "text/plain", 415, "send one of application/json"),
        (outlines(), "", 415, "content-type: none"),
        ("[" * 200_000, "application/json", 422, "Invalid JSON"),
        (polygon(square(side=1.0)), "application/json", 413, "at most 10,000 ha"),
        (b" " * 5_000_001, "application/json", 413, "at most 5,000,000 bytes"),
        ("{}", "application/json", 422, "Unable to extract tag"),
    ],
)
def test_what_is_no_area_is_refused_in_one_sentence(tmp_path, content, kind, status, words):
    with client(tmp_path) as started:
        answer = post(started, content, kind)
        assert answer.status_code == status and words in answer.json()["detail"]
        assert started.get("/health").status_code == 200


def test_too_many_jobs_are_answered_429(tmp_path):
    gate = threading.Event()
    with client(tmp_path, lambda *_: gate.wait(20), waiting=1) as started:
        answers = [post(started, outlines()) for _ in range(4)]
        gate.set()
        assert {answer.status_code for answer in answers} == {202, 429}
        assert int(answers[-1].headers["retry-after"]) > 0 and "ask again later" in answers[-1].json()["detail"]


def test_other_names_of_the_machine_are_refused(tmp_path):
    with client(tmp_path) as started:
        assert started.get("/health", headers={"Host": "rebound.example.org"}).status_code == 400
        assert started.get("/health", headers={"Host": "localhost:8000"}).status_code == 200
    assert application.is_loopback("127.0.0.1") and application.is_loopback("::1")
    assert not application.is_loopback("0.0.0.0") and not application.is_loopback("example.org")


def test_it_says_what_it_is_and_what_its_model_is_worth(tmp_path):
    with client(tmp_path) as started:
        assert started.get("/health").json()["status"] == "ok"
        assert started.get("/ready").json() == {"status": "ready", "waiting": 0, "running": 0}
        model = started.get("/model").json()
        assert "the best predictor without an image has 0.1" in model["verdict"]
        assert model["card"]["names"] == ["B04", "B08"] and model["limits"]["hectares"] == 10_000
        assert "address" not in model, "where the model lies is nobody's business"
        described = started.get("/openapi.json").json()
        operations = [each for methods in described["paths"].values() for each in methods.values()]
        assert len(operations) == 11 and all(each["summary"] and each["description"] for each in operations)
        assert {"202", "413", "415", "422", "429", "507"} <= described["paths"]["/predict"]["post"]["responses"].keys()
        assert "HTTPValidationError" not in json.dumps(described), "every refusal is one sentence"
        page = started.get("/docs")
        assert all(path in page.text for path in described["paths"]) and "<script" not in page.text
        assert not re.search(r"(src|href)=['\"]?(https?:)?//|@import|url\(", page.text), "loads nothing from elsewhere"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert started.get("/nowhere").json()["detail"].startswith("there is nothing at this address")
        assert started.get("/predict").status_code == 405


def test_names_of_maps_hold_no_paths():
    assert all(map_files.NAME.fullmatch(name) for name in ("a", "1_2019-07-11_022", "N-1"))
    assert not any(map_files.NAME.fullmatch(name) for name in ("", ".", "..", "a/b", "a\\b", "a.b", "-a", "a\n", "é"))
