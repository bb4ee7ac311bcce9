"""An archive on this machine: a file server with range requests, a real STAC API (rustac) behind it, and faults."""

import contextlib
import hashlib
import json
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import rasterio
from affine import Affine
from shapely.geometry import box, mapping

from tests.support.cut_answers import CutAnswers

CRS = "EPSG:32633"
EAST, NORTH, SIZE = 499980, 6400020, 5120  # upper-left corner and side of the tile, metres
COMMON = {"B02": "blue", "B03": "green", "B04": "red", "B05": "rededge1", "SCL": "scl", "TCI": "visual"}


class Archive:
    """Server of the files of a folder under /files/, and of a STAC API at its root.

    `faults(path, number)` is asked with each request (its number among those of its path, from 0) and returns None or
    what goes wrong: `500`, `429`, `403`, `410`, `reset`, `truncated`, `shifted`, `no ranges`, `slow`, `other`.
    """

    def __init__(self, folder):
        self.folder, self.requests, self.faults = Path(folder), [], lambda path, number: None
        self.token, self.api, self._process = None, None, None
        self.start()

    def start(self, port=0):
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def close(self):
        self.stop()
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def serve(self, items):
        """Start the STAC API with these items."""
        path = self.folder / "items.json"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": items}))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.api = f"127.0.0.1:{free.getsockname()[1]}"
        program = Path(sys.executable).with_name("rustac")
        options = ["serve", "--create-collections", "-a", self.url, "-b", self.api, str(path)]
        self._process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            with contextlib.suppress(OSError):
                return urllib.request.urlopen(f"http://{self.api}/", timeout=5).close()
            time.sleep(0.02)
        raise RuntimeError("rustac does not answer")

    def asked(self, text):
        """Requests whose path holds the text."""
        return [path for path, _ in self.requests if text in path]


def _handler(archive):
    class Handler(CutAnswers):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20  # head and body in one packet

        def log_message(self, *_):
            pass

        def do_POST(self):
            self.do_GET()

        def do_GET(self):
            path = urlsplit(self.path).path  # a client that takes this for its proxy sends the full URL
            number = sum(known == path for known, _ in archive.requests)
            archive.requests.append((path, self.headers.get("Range")))
            fault = archive.faults(path, number)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            if fault == "reset":
                return self.reset()
            if fault in ("500", "429", "403", "410"):
                return self.answer(int(fault), b"no", {"Retry-After": "1"} if fault == "429" else {})
            if fault == "slow":
                time.sleep(0.05)
            if path.startswith("/token/"):
                token = {"token": archive.token, "msft:expiry": "2999-01-01T00:00:00Z"}
                return self.answer(200, json.dumps(token).encode())
            if not path.startswith("/files/"):
                return self.forward(body, fault)
            if archive.token is not None and archive.token not in self.path:
                return self.answer(403, b"no")
            return self.file(archive.folder / path.removeprefix("/files/"), fault)

        def forward(self, body, fault):
            url = f"http://{archive.api}{self.path}"
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"} if body else {})
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    content, status, kind = answer.read(), answer.status, answer.headers["Content-Type"]
            except urllib.error.HTTPError as error:
                content, status, kind = error.read(), error.code, "text/plain"
            if archive.token is not None:
                content = content.replace(b"TOKEN-OF-NOW", archive.token.encode())  # links signed by the API itself
            self.answer(status, content, {"Content-Type": kind}, cut=fault == "truncated")

        def file(self, path, fault):
            if not path.exists():
                return self.answer(404, b"no")
            content, byte_range = path.read_bytes(), self.headers.get("Range")
            if byte_range is None or fault == "no ranges":
                return self.answer(200, content)
            start, stop = (int(part) for part in byte_range.removeprefix("bytes=").split("-"))
            stop = min(stop + 1, len(content))
            shift = 1000 if fault == "shifted" else 0
            label = f"bytes {start + shift}-{stop - 1 + shift}/{len(content)}"
            version = "new" if fault == "other" else str(path.stat().st_mtime_ns)
            headers = {"Content-Range": label, "ETag": f'"{version}"'}
            return self.answer(206, content[start:stop], headers, cut=fault == "truncated")

        def reset(self):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.rfile, self.wfile, self.close_connection = _Nothing(), _Nothing(), True

    return Handler


class _Nothing:
    closed = True

    def flush(self):
        pass

    def close(self):
        pass


def plane(band, day, raised):
    """Stored numbers of a band: dark forest, SCL vegetation; noise, so that files are longer than their heads."""
    draw = np.random.default_rng([day, sorted(COMMON).index(band)])
    side = SIZE // (20 if band in ("B05", "SCL") else 10)
    if band == "SCL":
        return np.full((1, side, side), 4, np.uint8)
    if band == "TCI":
        return draw.integers(1, 255, (3, side, side)).astype(np.uint8)
    return (draw.integers(200, 700, (1, side, side)) + (1000 if raised else 0)).astype(np.uint16)


TIFF = {"driver": "GTiff", "tiled": True, "blockxsize": 128, "blockysize": 128, "compress": "deflate"}
JP2 = {"driver": "JP2OpenJPEG", "reversible": "YES", "quality": 100, "blockxsize": 128, "blockysize": 128}


def write_tile(folder, day, *, raised, bands=tuple(COMMON), jp2=False):
    """The files of one date."""
    folder.mkdir(parents=True, exist_ok=True)
    for band in bands:
        array = plane(band, day, raised)
        count, side, _ = array.shape
        grid = {"crs": CRS, "transform": Affine(SIZE / side, 0, EAST, 0, -SIZE / side, NORTH), "nodata": 0}
        shape = {"width": side, "height": side, "count": count, "dtype": array.dtype}
        path, layout = (folder / f"{band}.jp2", JP2) if jp2 else (folder / f"{band}.tif", TIFF)
        with rasterio.open(path, "w", **grid, **shape, **layout) as raster:
            raster.write(array)


def item(archive, day, *, folder, bands=tuple(COMMON), names=COMMON, assets=(), **properties):
    """An item as Earth Search gives it; properties that are None are left out."""
    outline = gpd.GeoSeries([box(EAST, NORTH - SIZE, EAST + SIZE, NORTH)], crs=CRS).to_crs("EPSG:4326")[0]
    known = {
        "datetime": f"2023-07-{day:02d}T10:16:09.024000Z",
        "platform": "sentinel-2a",
        "eo:cloud_cover": 1.5,
        "proj:epsg": 32633,
        "s2:processing_baseline": "05.09",
        "s2:product_uri": f"S2A_MSIL2A_202307{day:02d}T101609_N0509_R065_T33VWE_202307{day:02d}T155151.SAFE",
        "s2:datastrip_id": f"S2A_OPER_MSI_L2A_DS_2APS_202307{day:02d}T155151_S202307{day:02d}T101604_N05.09",
        "grid:code": "MGRS-33VWE",
    }
    item_assets = {}
    for band in bands:
        side = SIZE // (20 if band in ("B05", "SCL") else 10)
        optical = band not in ("SCL", "TCI")
        declared = {"nodata": 0, "data_type": "uint16" if optical else "uint8"}
        item_assets[names[band]] = {
            "href": f"{archive.url}/files/{folder}/{band}.tif",
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "proj:shape": [side, side],
            "proj:transform": [SIZE / side, 0, EAST, 0, -SIZE / side, NORTH],
            "raster:bands": [declared | ({"scale": 0.0001, "offset": -0.1} if optical else {})],
        }
    merged = known | properties
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"S2A_33VWE_202307{day:02d}_0_L2A",
        "collection": "sentinel-2-l2a",
        "geometry": mapping(outline),
        "bbox": list(outline.bounds),
        "properties": {key: value for key, value in merged.items() if value is not None},
        "links": [],
        "assets": item_assets | dict(assets),
    }


def regions(*corners, side=200):
    """Square regions by their upper-left corner, metres from that of the tile."""
    boxes = [box(EAST + x, NORTH - y - side, EAST + x + side, NORTH - y) for x, y in corners]
    columns = {"region": [str(n) for n in range(len(boxes))], "role": "stand", "label": "need", "cleared": None}
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=CRS).to_crs("EPSG:4326")


def contents(folder):
    """A digest of every file of a folder, by name; what is unfinished too.

    Of a raster, that of its pixels, its place and its tags: GDAL may lay out the same blocks in another order.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _digest(path) for path in files}


def _digest(path):
    if path.suffix != ".tif":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with rasterio.open(path) as raster:
        header = repr((sorted(raster.profile.items()), sorted(raster.tags().items())))
        return hashlib.sha256(header.encode() + raster.read().tobytes()).hexdigest()


def move(source, destination):
    """Copy a folder with the times of its files."""
    return shutil.copytree(source, destination, copy_function=shutil.copy2)
