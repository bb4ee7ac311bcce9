"""Reading by ranges: exactly the bytes asked for, or an error."""

import numpy as np
import pytest
import rasterio
import requests
from affine import Affine

from rojsat.geo.servers.retries import GaveUpError, PassingFault, Patience
from rojsat.geo.sources.stac.ranges import HEAD, PAGE, RangeFile
from rojsat.geo.sources.stac.remote_raster import opened
from rojsat.geo.sources.stac.unusable_items import UnusableItemError
from tests.support import archive as archives

CONTENT = np.random.default_rng(1).integers(0, 256, 10 * PAGE + 5, dtype=np.uint8).tobytes()


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "file.bin").write_bytes(CONTENT)
    archive = archives.Archive(tmp_path)
    yield archive
    archive.close()


@pytest.fixture
def file(archive):
    return ranged(archive, "file.bin")


def ranged(archive, name, sign=lambda href: href, **options):
    options |= {"session": requests.Session(), "patience": Patience(tries=3, first_wait=0.001, timeout=20.0)}
    return RangeFile(f"{archive.url}/files/{name}", sign=sign, **options)


def test_every_part_is_read_as_it_is(file, archive):
    assert file.size == len(CONTENT)
    for start, count in ((0, 4), (5 * PAGE - 1, 2), (HEAD - 1, 3 * PAGE), (len(CONTENT) - 3, 100), (len(CONTENT), 1)):
        assert file.read(start, count) == CONTENT[start : start + count]
    requests_before = len(archive.requests)
    assert file.read(2 * PAGE, 3 * PAGE) == CONTENT[2 * PAGE : 5 * PAGE]
    assert len(archive.requests) == requests_before  # known by now


def test_a_small_file_is_read_at_once(archive, tmp_path):
    (tmp_path / "small").write_bytes(b"abc")
    assert ranged(archive, "small").read(1, 10) == b"bc"


@pytest.mark.parametrize("fault", ["500", "reset", "truncated", "shifted"])
def test_passing_faults_are_tried_again_and_lasting_ones_given_up(file, archive, fault):
    archive.faults = lambda path, number: fault if number < 2 else None
    assert file.read(0, 10) == CONTENT[:10]
    archive.faults = lambda path, number: fault
    with pytest.raises(GaveUpError, match=r"file\.bin \(bytes 65536 to 81920\).*tries: 3"):
        file.read(HEAD, 10)


def test_what_will_not_pass_is_an_error_at_once(archive):
    with pytest.raises(ValueError, match="status 404"):
        ranged(archive, "nothing").read(0, 1)
    archive.token = "secret"
    with pytest.raises(ValueError, match=r"access was refused \(status 403\); check the credentials"):
        ranged(archive, "file.bin").read(0, 1)
    assert len(archive.requests) == 2


def test_every_request_is_signed_again(archive):
    archive.token, number = "secret", iter(range(100))
    file = ranged(archive, "file.bin", sign=lambda href: f"{href}?secret={next(number)}")
    assert file.read(HEAD, 5) == CONTENT[HEAD : HEAD + 5]
    assert next(number) == 2


def test_a_signature_that_expires_in_the_middle_is_renewed(archive):
    archive.token, tokens = "first", ["first"]

    def renew(href):
        tokens.append(archive.token)
        return href

    file = ranged(archive, "file.bin", sign=lambda href: f"{href}?{tokens[-1]}", renew=renew)
    assert file.read(0, 5) == CONTENT[:5]
    archive.token = "second"
    assert file.read(HEAD, 5) == CONTENT[HEAD : HEAD + 5]
    assert tokens == ["first", "second"]
    tokens[-1] = "expired"  # before anything of a file is read, too
    other = ranged(archive, "file.bin", sign=lambda href: f"{href}?{tokens[-1]}", renew=renew)
    assert other.read(0, 5) == CONTENT[:5]


def test_a_signature_that_is_never_accepted_is_renewed_once(archive):
    archive.token, renewed = "secret", []
    file = ranged(archive, "file.bin", renew=lambda href: renewed.append(href) or href)
    with pytest.raises(UnusableItemError, match="check the credentials"):
        file.read(0, 5)
    assert len(renewed) == 1


def write_raster(path, driver, **options):
    array = np.random.default_rng(2).integers(1, 1000, (1, 512, 512), dtype=np.uint16)
    grid = {"crs": "EPSG:32633", "transform": Affine(10, 0, 5e5, 0, -10, 6e6)}
    shape = {"width": 512, "height": 512, "count": 1, "dtype": "uint16"}
    with rasterio.open(path, "w", driver=driver, **shape, **grid, **options) as raster:
        raster.write(array)
    return array


RASTERS = {
    "a.tif": {"driver": "GTiff", "tiled": True, "blockxsize": 128, "blockysize": 128},
    "a.jp2": {"driver": "JP2OpenJPEG", "reversible": "YES", "quality": 100, "blockxsize": 256, "blockysize": 256},
}


@pytest.mark.parametrize("name", RASTERS)
def test_gdal_reads_it(archive, tmp_path, name):
    array = write_raster(tmp_path / name, **RASTERS[name])
    with opened(ranged(archive, name)) as raster:
        assert raster.crs.to_string() == "EPSG:32633"
        np.testing.assert_array_equal(raster.read(), array)


@pytest.mark.parametrize("name", RASTERS)
@pytest.mark.parametrize("fault", ["truncated", "shifted", "reset", "500"])
def test_whatever_gdal_makes_of_a_fault_it_comes_out(archive, tmp_path, name, fault):
    write_raster(tmp_path / name, **RASTERS[name])
    for healthy in range(4):
        archive.requests = []
        archive.faults = lambda path, number, healthy=healthy: fault if number >= healthy else None
        with pytest.raises(GaveUpError), opened(ranged(archive, name)) as raster:
            raster.read()


@pytest.mark.parametrize("name", RASTERS)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.7, 0.99])
def test_an_incomplete_file_on_the_server_is_an_error(archive, tmp_path, name, share):
    write_raster(tmp_path / name, **RASTERS[name])
    content = (tmp_path / name).read_bytes()
    (tmp_path / f"cut-{name}").write_bytes(content[: int(share * len(content))])
    with pytest.raises((PassingFault, ValueError)), opened(ranged(archive, f"cut-{name}")) as raster:
        raster.read()
