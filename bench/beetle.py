"""Download the real sites of `beetle_unet` and `baseline_gbm`, and check that they are those of docs/results.md.

python -m bench.beetle FOLDER [ARCHIVE]     then: rojsat run exp=beetle_unet data.root=FOLDER

Source: GitHub, CrickCrock28/bark-bettle-damage-mapping-sentinel2, the data of a thesis on bark beetle damage in
Czechia. It states no licence, so nothing of it is in this repository; it contains modified Copernicus Sentinel data of
2019 and 2020.
ARCHIVE: a ZIP file of that repository that is there already, or another address of one.
"""

import hashlib
import re
import shutil
import sys
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio

COMMIT = "9d75d3891bf166d508142ae18255d58f64182b46"

ARCHIVE = f"https://github.com/CrickCrock28/bark-bettle-damage-mapping-sentinel2/archive/{COMMIT}.zip"

SITES = Path(__file__).with_name("beetle_sites.csv")
"""The 160 sites of docs/results.md, of 200 in the source: `site`, `sha256` of their pixels, see `digest`."""

FILES = {
    "scenes/{site}_2019-09.tif": "data/2019-09-01 - 2019-09-30/sentinel_2/geojson_{site}.tif",
    "scenes/{site}_2020-09.tif": "data/2020-09-01 - 2020-09-30/sentinel_2/geojson_{site}.tif",
    "masks/{site}.tif": "data/masks/*/mask_{site}.tif",
    "forest/{site}.tif": "data/label_forest_2022/geojson_{site}.tif",
}
"""What `experiments/data/beetle.yaml` calls a file, and its place in the archive; `*` is one folder."""


def fetch(folder: Path, archive: str = ARCHIVE, sites: Path = SITES) -> int:
    """Download the archive, if it is no file, and write the files of all sites to a folder.

    Args:
        folder: does not exist or is empty; appears when it is complete.
        archive: address or path of a ZIP file.
        sites: CSV with columns `site` and `sha256`.

    Returns:
        The number of sites.

    Raises:
        ValueError: the folder holds something, the archive lacks a file, or pixels are not those of the results.
        OSError: the archive cannot be had.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty: name another folder, or delete it")
    expected = pd.read_csv(sites, dtype=str).set_index("site")["sha256"].to_dict()
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    path = Path(archive) if Path(archive).is_file() else _download(archive, partial / "archive.zip")
    with zipfile.ZipFile(path) as content:
        _extract(content, partial, list(expected))
    (partial / "archive.zip").unlink(missing_ok=True)
    _check(partial, expected)
    if folder.exists():
        folder.rmdir()
    partial.rename(folder)
    return len(expected)


def _download(address: str, path: Path) -> Path:
    """Download a file; on a terminal say how much has come."""
    with urllib.request.urlopen(address, timeout=60) as answer, path.open("wb") as file:
        size = 0
        while block := answer.read(1 << 20):
            file.write(block)
            size += len(block)
            if sys.stderr.isatty():
                print(f"\r{size / 1e6:.0f} MB", end="", file=sys.stderr)
    return path


def _extract(archive: zipfile.ZipFile, folder: Path, sites: list[str]) -> None:
    """Write the files of the sites under the names that the data set gives them."""
    names = {name.partition("/")[2]: name for name in archive.namelist()}  # below the folder of the commit
    for target, source in FILES.items():
        pattern = re.escape(source).replace(r"\*", "[^/]+").replace(re.escape("{site}"), r"(?P<site>\d+)")
        places = {match["site"]: name for path, name in names.items() if (match := re.fullmatch(pattern, path))}
        missing = [site for site in sites if site not in places]
        if missing:
            raise ValueError(f"the archive has no {source} of {len(missing)} sites, the first of them {missing[0]}")
        for site in sites:
            path = folder / target.format(site=site)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(archive.read(places[site]))


def digest(folder: Path, site: str) -> str:
    """SHA-256 of the pixels of a site's files and of where they lie; how files are compressed does not count."""
    total = hashlib.sha256()
    for name in FILES:
        with rasterio.open(folder / name.format(site=site)) as raster:
            pixels = raster.read()
            total.update(repr((pixels.shape, tuple(raster.transform), raster.crs.to_epsg())).encode())
            total.update(np.ascontiguousarray(pixels, "<u2").tobytes())
    return total.hexdigest()


def _check(folder: Path, expected: Mapping[str, str]) -> None:
    unlike = [site for site, sha256 in expected.items() if digest(folder, site) != sha256]
    if unlike:
        raise ValueError(
            f"{len(unlike)} of {len(expected)} sites have other pixels than those of docs/results.md, the first "
            f"{unlike[0]}; the files stay in {folder}"
        )


def main() -> None:
    """Download to the folder that the command line names."""
    if len(sys.argv) not in (2, 3):
        sys.exit(f"python -m bench.beetle FOLDER [ARCHIVE]\n\n{__doc__}")
    try:
        count = fetch(Path(sys.argv[1]), *sys.argv[2:])
    except (ValueError, OSError) as error:
        print(f"bench.beetle: {error}", file=sys.stderr)
        sys.exit(2)
    print(f"{count} sites in {sys.argv[1]}; rojsat run exp=beetle_unet data.root={sys.argv[1]}")


if __name__ == "__main__":
    main()
