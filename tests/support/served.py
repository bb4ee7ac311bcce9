"""A server in this process whose jobs are done by a function, and what is sent to it."""

import json
from contextlib import contextmanager

import numpy as np
from affine import Affine
from starlette.testclient import TestClient

from rojsat.geo.scenes.cog import write_cog
from rojsat.server import application, limits, served_model
from tests.support import map_scenes

EAST, NORTH = 15.0, 57.7399
"""Near the upper-left corner of the scenes of `map_scenes`, degrees."""


def model(extent=((14.9, 57.6, 15.2, 57.8),)):
    card = map_scenes.card()
    described = served_model.describe("models:/made/1", "made", card, ["data=demo"], None)
    return served_model.ServedModel(**{**vars(described), "extent": extent})


def square(west=EAST, south=NORTH - 0.001, side=0.001):
    return [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings or [square()])}


def outlines(*geometries, **more):
    features = [{"type": "Feature", "id": n, "geometry": each} for n, each in enumerate(geometries or [polygon()], 1)]
    return {"type": "FeatureCollection", "features": features, **more}


def done_at_once(folder, words, limited, stop):
    """A job that leaves a map and a list."""
    out = folder / "map"
    (out / "cells").mkdir(parents=True)
    (out / "map.json").write_text(json.dumps({"cells": 1}))
    (out / "cells" / "0_0_0.npz").write_bytes(b"")
    (out / "stands.csv").write_text("rank,region\n1,1\n")
    write_map(out / "degree.tif")


def write_map(path, value=0.5):
    degree = np.full((64, 64), value, np.float32)
    degree[:, 32:] = np.nan
    grid = {"transform": Affine(10, 0, map_scenes.EAST, 0, -10, map_scenes.NORTH), "crs": map_scenes.CRS}
    return write_cog(path, degree, nodata=np.nan, tags={"run": "made", "verdict": "R² 0.2", "threshold": "0.5"}, **grid)


@contextmanager
def client(folder, run=done_at_once, **limited):
    """A client of a server on the folder, which runs in this process until the end of the block."""
    built = application.build(folder, model(), ["model=models:/made/1", "data=demo"], limits.Limits(**limited), run=run)
    with TestClient(built, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as started:
        yield started


def post(started, content, kind="application/geo+json"):
    body = content if isinstance(content, (bytes, str)) else json.dumps(content)
    return started.post("/predict", content=body, headers={"Content-Type": kind})
