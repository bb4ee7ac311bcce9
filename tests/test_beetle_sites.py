"""The download of the real sites: from a server on this machine, under the names of the data set, pixels checked."""

import threading
import zipfile
from http.server import HTTPServer, SimpleHTTPRequestHandler

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

from bench import beetle
from rojsat.config import compose

SITES = ("205232", "205275")


def raster(path, count, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "dtype": "uint16", "width": 4, "height": 3, "count": count, "crs": "EPSG:3857"}
    with rasterio.open(path, "w", transform=from_origin(1e6, 6e6, 10, 10), **profile) as file:
        file.write(np.full((count, 3, 4), value, "uint16"))


@pytest.fixture
def archive(tmp_path):
    """An archive as GitHub makes them, with one more site than is listed."""
    root = tmp_path / "source" / "repository-9d75d38"
    for number, site in enumerate((*SITES, "999999")):
        for value, source in enumerate(beetle.FILES.values()):
            folder = ("train", "test")[number % 2]
            raster(
                root / source.replace("*", folder).format(site=site), 12 if "sentinel" in source else 1, value + number
            )
    (root / "README.md").write_text("not data")
    path = tmp_path / "served" / "archive.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as file:
        for each in sorted(root.rglob("*.*")):
            file.write(each, each.relative_to(root.parent))
    return path


@pytest.fixture
def listed(tmp_path, archive):
    """The list of sites with the digests of the archive's own pixels."""
    with zipfile.ZipFile(archive) as content:
        (tmp_path / "plain").mkdir()
        beetle._extract(content, tmp_path / "plain", list(SITES))
    table = pd.DataFrame({"site": SITES, "sha256": [beetle.digest(tmp_path / "plain", site) for site in SITES]})
    table.to_csv(tmp_path / "sites.csv", index=False)
    return tmp_path / "sites.csv"


@pytest.fixture
def address(archive):
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *words: None})
    server = HTTPServer(("127.0.0.1", 0), lambda *words: handler(*words, directory=str(archive.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/archive.zip"
    server.shutdown()
    server.server_close()


def test_listed_sites_are_downloaded_under_the_names_of_the_data_set(tmp_path, address, listed):
    assert beetle.fetch(tmp_path / "beetle", address, listed) == 2
    files = {str(path.relative_to(tmp_path / "beetle")) for path in (tmp_path / "beetle").rglob("*.tif")}
    assert files == {name.format(site=site) for name in beetle.FILES for site in SITES}
    with pytest.raises(ValueError, match="not empty"):
        beetle.fetch(tmp_path / "beetle", address, listed)


def test_other_pixels_and_missing_files_are_refused(tmp_path, archive, listed):
    raster(tmp_path / "other.tif", 1, 7)
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(tmp_path / "other.zip", "w") as new:
        for name in old.namelist():
            mask = name.endswith(f"mask_{SITES[1]}.tif")
            new.writestr(name, (tmp_path / "other.tif").read_bytes() if mask else old.read(name))
    with pytest.raises(ValueError, match=f"1 of 2 sites have other pixels .* {SITES[1]}"):
        beetle.fetch(tmp_path / "a", str(tmp_path / "other.zip"), listed)
    assert not (tmp_path / "a").exists()
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as empty:
        empty.writestr("repository/README.md", "")
    with pytest.raises(ValueError, match="no data/2019-09"):
        beetle.fetch(tmp_path / "b", str(tmp_path / "empty.zip"), listed)
    with pytest.raises(OSError, match="refused|HTTP"):
        beetle.fetch(tmp_path / "c", "http://127.0.0.1:9/archive.zip", listed)


def test_the_list_is_that_of_the_sites_of_the_results(real, tmp_path):
    table = pd.read_csv(beetle.SITES, dtype=str)
    assert sorted(table["site"]) == sorted(path.stem for path in (real / "beetle" / "masks").iterdir())
    for row in table.sample(3, random_state=0).to_dict("records"):
        assert beetle.digest(real / "beetle", row["site"]) == row["sha256"]


def test_every_file_that_the_data_set_reads_is_downloaded():
    experiment = compose.load("beetle_unet", [f"data.root={compose.ROOT}"])
    patterns = [file["pattern"] for file in experiment.data.options["files"]]
    patterns += [experiment.data.options["label_rasters"], experiment.data.options["valid_rasters"]]
    names = {
        name.replace("2019", "{year}").replace("2020", "{year}").replace("-09", "-{month}") for name in beetle.FILES
    }
    assert names == set(patterns)
