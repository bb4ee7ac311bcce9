"""A chip store small enough to train on in a blink, in a repository folder of its own."""

import pytest

from rojsat.config import compose
from tests.support import stores


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """A folder with a chip store of every data set that experiments name."""
    root = tmp_path_factory.mktemp("repository")
    clearing = [("clearing", str(number), None) for number in range(1, 10)]
    stands = [("stand", f"{label}{number}", label) for label in ("need", "clear") for number in range(3)]
    controls = [("control", "p1", "need"), ("control", "p2", "housing")]
    dates = [f"2019-0{month}-11" for month in (7, 8, 9)]
    processed = root / "data" / "processed"
    regions = clearing + stands + controls
    stores.write(processed / "simulated", regions, dates, experiment=compose.load("unet_roi6"))
    for name in ("unet", "demo"):
        own = compose.load(name)
        folder, margin = processed / own.data.name, own.inputs.window
        stores.write(folder, clearing + controls, dates, experiment=own, margin=margin)
    counts = compose.load("unet_roi6", ["data=objects_27_unscaled"])
    heat = {region: 60 for _, region, _ in clearing}
    stores.write(processed / counts.data.name, clearing + controls, dates, experiment=counts, heat=heat)
    sites = [("clearing", str(number), None) for number in range(100, 112)]
    dates = ["2019-09-15", "2020-09-15"]
    for name in ("beetle_unet", "beetle_unet_crops", "beetle_boosting_context"):
        own = compose.load(name)
        folder, margin = processed / own.data.name, int(own.data.chips.margin // 10)
        stores.write(folder, sites, dates, experiment=own, extras=(), margin=margin)
    return root


@pytest.fixture
def at(repository, monkeypatch):
    """Commands work in the small repository."""
    recorder = pytest.importorskip("rojsat.tracking.recorder")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(compose, "ROOT", repository)
    monkeypatch.setattr(recorder, "STORE", repository / "mlruns")
    return repository
