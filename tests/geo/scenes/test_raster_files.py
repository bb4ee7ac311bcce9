"""Rasters lead nowhere: not by their address, not by their content, not by what lies beside them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import example, given
from hypothesis import strategies as st
from rasterio.errors import RasterioError

from rojsat.geo.scenes import raster_files

SECRET = 777
GRID = {"crs": "EPSG:32633", "transform": Affine(10, 0, 5e5, 0, -10, 6e6), "count": 1, "dtype": "uint16"}
VRT = (
    '<VRTDataset rasterXSize="256" rasterYSize="256"><SRS>EPSG:32633</SRS>'
    "<GeoTransform>500000,10,0,6000000,0,-10</GeoTransform>"
    '<VRTRasterBand dataType="UInt16" band="1" {attributes}>{more}<SimpleSource>'
    '<SourceFilename relativeToVRT="{relative}">{source}</SourceFilename><SourceBand>1</SourceBand>'
    '<SrcRect xOff="0" yOff="0" xSize="256" ySize="256"/><DstRect xOff="0" yOff="0" xSize="256" ySize="256"/>'
    "</SimpleSource></VRTRasterBand></VRTDataset>"
)


def vrt(source, relative=0, attributes="", more=""):
    return VRT.format(source=source, relative=relative, attributes=attributes, more=more)


@pytest.fixture
def folder(tmp_path):
    """A raster of ones, larger than its overviews, and one of another number that it must not lead to."""
    for name, side, number in (("a.tif", 512, 1), ("secret.tif", 256, SECRET)):
        with rasterio.open(tmp_path / name, "w", driver="GTiff", width=side, height=side, **GRID) as raster:
            raster.write(np.full((1, side, side), number, np.uint16))
    return tmp_path


def half(path, **options):
    """The raster at half its size, as figures read it."""
    with raster_files.open_raster(path, **options) as raster:
        return raster.read(1, out_shape=(256, 256)).max()


def test_what_lies_beside_a_raster_leads_nowhere(folder):
    notes = f'<MDI key="OVERVIEW_FILE">{folder}/secret.tif</MDI>'
    for name, content in (
        ("a.tif.aux.xml", f'<PAMDataset><Metadata domain="OVERVIEWS">{notes}</Metadata></PAMDataset>'),
        ("a.tif.ovr", vrt(folder / "secret.tif")),
    ):
        (folder / name).write_text(content)
        with rasterio.open(folder / "a.tif") as raster:
            assert raster.read(1, out_shape=(256, 256)).max() == SECRET  # what GDAL does by itself
        assert half(folder / "a.tif") == 1
        with pytest.raises(ValueError, match=f"{name}.*delete that file"):
            half(folder / "a.tif", beside=True)
        (folder / name).unlink()
    assert half(folder / "a.tif", beside=True) == 1


def test_a_world_file_beside_a_raster_is_read_if_asked_for(folder):
    with rasterio.open(folder / "b.tif", "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8") as raster:
        raster.write(np.ones((1, 8, 8), np.uint8))
    (folder / "b.tfw").write_text("10\n0\n0\n-10\n500005\n5999995\n")
    with raster_files.open_raster(folder / "b.tif", beside=True) as raster:
        assert raster.transform == GRID["transform"]


def test_an_envi_file_is_read_with_its_header_whatever_is_set(tmp_path):
    with rasterio.open(tmp_path / "a.dat", "w", driver="ENVI", width=256, height=256, **GRID) as raster:
        raster.write(np.full((1, 256, 256), 5, np.uint16))
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        assert half(tmp_path / "a.dat") == 5


def test_a_vrt_that_calls_itself_a_geotiff_is_no_raster(folder):
    (folder / "v.tif").write_text(vrt(folder / "secret.tif"))
    with pytest.raises(RasterioError, match="not recognized"):
        raster_files.open_raster(folder / "v.tif")


def test_a_vrt_of_rasters_of_this_machine_is_read(folder):
    (folder / "v.vrt").write_text(vrt("secret.tif", relative=1))
    (folder / "w.vrt").write_text(vrt(folder / "v.vrt"))
    assert half(folder / "v.vrt") == half(folder / "w.vrt") == SECRET


VRTS = {
    "a server": (vrt("/vsicurl/http://127.0.0.1:1/a.tif"), "no path of a raster"),
    "a URL": (vrt("http://127.0.0.1:1/a.tif"), "no path of a raster"),
    "another driver": (vrt("NETCDF:/etc/passwd"), "no path of a raster"),
    "text in place of a file": (vrt("&lt;VRTDataset/&gt;"), None),
    "code": (vrt("secret.tif", 1, more="<PixelFunctionCode>import os</PixelFunctionCode>"), "holds code"),
    "bytes of a file": (vrt("/etc/passwd", attributes='subClass="VRTRawRasterBand"'), "takes bytes"),
    "itself": (vrt("v.vrt", 1), "VRTs name each other"),
    "no XML": ("GDAL", "is no VRT file"),
    "entities": (
        '<!DOCTYPE a [<!ENTITY b "cc">'
        + "".join(f'<!ENTITY b{n} "{f"&b{n - 1 or str()};" * 20}">' for n in range(1, 12))
        + "]><VRTDataset>&b11;</VRTDataset>",
        "is no VRT file",
    ),
}


@pytest.mark.parametrize(("content", "message"), VRTS.values(), ids=VRTS)
def test_a_vrt_that_leads_elsewhere_is_refused(folder, content, message):
    (folder / "v.vrt").write_text(content)
    with pytest.raises((ValueError, RasterioError), match=message):
        raster_files.open_raster(folder / "v.vrt").read()


@given(
    st.sampled_from(["/vsicurl/", "/vsizip//vsicurl/", "http://", "GTIFF_DIR:1:", "vrt://", "s3://", "zip+file://"]),
    st.text(max_size=20),
)
@example("/vsizip/", "{/vsicurl/http://a.org/x.zip}/a.tif")
@example("/vsizip/", "/vsizip/x.zip/y.zip")
def test_addresses_that_lead_elsewhere_are_refused(start, rest):
    with pytest.raises(ValueError, match="no path of a raster"):
        raster_files.address(start + rest)


@pytest.mark.parametrize(
    "path",
    [
        "/data/a b/björk.tif",
        "a.tif",
        "C:\\data\\a.tif",
        "/vsizip//data/x.zip/a.SAFE/b.jp2",
        "/data/vsi/a.tif",
        "/data/2020-01-01T10:00/a.tif",
    ],
)
def test_paths_are_no_other_addresses(path):
    raster_files.address(path)


def announcing(path, side, block):
    """A small file that announces many pixels."""
    shape = {"width": side, "height": side, "blockxsize": block, "blockysize": block, "tiled": True}
    with rasterio.open(path, "w", driver="GTiff", sparse_ok=True, bigtiff="YES", compress="deflate", **shape, **GRID):
        pass
    assert path.stat().st_size < 1 << 20


LIMITED = """
import resource, sys
from rojsat.geo.labels import rasters
from rojsat.geo.scenes import raster_files
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
for path in sys.argv[1:]:
    for call in (lambda: raster_files.open_raster(path, complete=True), lambda: raster_files.open_raster(path)):
        try:
            call()
        except ValueError as error:
            print(error)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))  # of this program alone
"""


@pytest.mark.slow
def test_a_raster_that_announces_too_much_is_refused_in_little_memory(tmp_path):
    announcing(tmp_path / "wide.tif", 10**6, 1 << 14)
    announcing(tmp_path / "block.tif", 65536, 1 << 15)
    program = [sys.executable, "-c", LIMITED, str(tmp_path / "wide.tif"), str(tmp_path / "block.tif")]
    lines = subprocess.run(program, capture_output=True, text=True, check=True, cwd=Path.cwd()).stdout.splitlines()
    assert [line.partition(" announces ")[2][:24] for line in lines[:2]] == ["1000000 x 1000000 pixels"] * 2
    assert "announces 65536 x 65536 pixels" in lines[2]
    assert "has blocks of 32768 x 32768 pixels" in lines[3]
    assert int(lines[4]) < 1 << 20  # KiB: a GiB, most of it libraries
