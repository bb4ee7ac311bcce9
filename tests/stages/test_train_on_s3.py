"""Training on a store on S3, against a server on this machine."""

import json

import pytest

from rojsat.config import compose
from rojsat.config.s3_folder import S3Folder
from rojsat.stages import _run_scenes, train

pytestmark = pytest.mark.slow

SETTINGS = ["exp=unet_roi6", "train.epochs=2", "train.threads=1", "model.options.depth=3"]
SETTINGS += ["model.options.decoder=[32,16,8]", "tracking.images=false", "tracking.keep_models=none"]


@pytest.mark.parametrize("gib", ["4", "0.001"], ids=["in memory", "streamed"])
def test_a_store_on_s3_trains_to_the_numbers_of_the_disk(at, gib):
    s3_server = pytest.importorskip("tests.support.s3_server")
    disk, store = at / "data" / "processed" / "simulated", S3Folder("s3://rojsat/stores/simulated")
    results = []
    with s3_server.served():
        for file in filter(lambda path: path.is_file(), disk.rglob("*")):
            (store / str(file.relative_to(disk))).write_bytes(file.read_bytes())
        for words in ([], ["data.store=s3://rojsat/stores"]):
            experiment = compose.parse([*SETTINGS, f"train.in_memory_gib={gib}", *words])
            train.run(experiment)
            folder = compose.report_folder(experiment)
            results.append([(folder / name).read_text() for name in ("summary.json", "metrics.json", "history.csv")])
        assert results[0] == results[1]
        assert json.loads((folder / "run.json").read_text())["store"] == store.url
        assert _run_scenes.chips(folder).path == store
