"""A chip store small enough to train on in a blink, in a repository folder of its own."""

import json

import numpy as np
import pandas as pd
import pytest

from rojsat.chips import bands, writer
from rojsat.chips.cut import Cut
from rojsat.chips.writer import Layout
from rojsat.config import compose, recipes

SIZE = 36


def cut(rng, region, role, label, when, degree, *, boa, tci):
    """A chip in which near infrared follows the degree."""
    arrays = {"boa": rng.integers(500, 2500, (len(boa), SIZE, SIZE)).astype(np.uint16)}
    arrays["boa"][boa.index("B08")] += (3000 * np.clip(degree, 0, 1)).astype(np.uint16)
    if tci:
        arrays |= {
            "tci": rng.integers(1, 255, (3, SIZE, SIZE), np.uint8),
            "scl": np.full((SIZE, SIZE), 4, np.uint8),
            "toa": rng.integers(500, 2500, (len(bands.TOA), SIZE, SIZE)).astype(np.uint16),
        }
    place = (10.0, 0.0, 5e5 + 1e4 * hash_of(region), 0.0, -10.0, 6.47e6)
    return Cut(region, role, label, pd.Timestamp(when, tz="UTC"), 65, "EPSG:32633", place, arrays)


def hash_of(region):
    return sum(map(ord, region))


def write(folder, experiment, roles, dates, *, boa, tci):
    """Write the chip store that the experiment would find."""
    rng = np.random.default_rng(0)
    degrees = {region: rng.random((SIZE, SIZE)).round().astype(np.float32) for _, region, _ in roles}
    made = [
        cut(rng, region, role, label, when, degrees[region], boa=boa, tci=tci)
        for role, region, label in roles
        for when in dates
    ]
    layout = Layout((SIZE, SIZE), len(made), boa, bands.TOA if tci else (), tci, tci)
    writer.write(
        folder,
        made,
        layouts={role: layout for role, _, _ in roles},
        masks={region: degrees[region] for role, region, _ in roles if role == "clearing"},
        regions={},
        recipe={},
    )
    (folder / recipes.RECIPE).write_text(json.dumps(recipes.recipe("chips", experiment)))


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """A folder with `data/processed/simulated` and `data/processed/beetle`."""
    root = tmp_path_factory.mktemp("repository")
    clearing = [("clearing", str(number), None) for number in range(1, 10)]
    stands = [("stand", f"{label}{number}", label) for label in ("need", "clear") for number in range(3)]
    controls = [("control", "p1", "need"), ("control", "p2", "housing")]
    dates = [f"2019-0{month}-11" for month in (7, 8, 9)]
    place = root / "data" / "processed"
    write(place / "simulated", compose.load("unet_roi6"), clearing + stands + controls, dates, boa=bands.BOA, tci=True)
    sites = [("clearing", str(number), None) for number in range(100, 112)]
    dates = ["2019-09-15", "2020-09-15"]
    write(place / "beetle", compose.load("beetle_unet"), sites, dates, boa=bands.BOA, tci=False)
    return root


@pytest.fixture
def at(repository, monkeypatch):
    """Commands work in the small repository."""
    recorder = pytest.importorskip("rojsat.tracking.recorder")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(compose, "ROOT", repository)
    monkeypatch.setattr(recorder, "STORE", repository / "mlruns")
    return repository
