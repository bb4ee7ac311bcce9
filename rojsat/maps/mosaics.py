"""Rasters of many regions as one: a GDAL VRT beside them, which names them by relative paths."""

import os
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import rasterio
from affine import Affine
from rasterio.coords import BoundingBox

from rojsat.evaluation.report_files import write_text

_TYPES = {"float32": "Float32", "uint8": "Byte"}
"""Data types of bands, as GDAL names them."""


def bounds(rasters: Sequence[Path]) -> BoundingBox:
    """Left, bottom, right and top of rasters of one coordinate system together."""
    each = []
    for path in rasters:
        with rasterio.open(path) as raster:
            each.append(raster.bounds)
    return BoundingBox(
        min(box.left for box in each),
        min(box.bottom for box in each),
        max(box.right for box in each),
        max(box.top for box in each),
    )


def write(path: Path, rasters: Sequence[Path]) -> Path:
    """Put rasters together without copying a pixel; where they overlap, the last one counts that holds something.

    Args:
        path: of the VRT, in the folder of the rasters or above it.
        rasters: at least one; of one coordinate system, north up, with the same bands, nodata and pixel size.

    Raises:
        ValueError: they are not.
    """
    box = bounds(rasters)
    with rasterio.open(rasters[0]) as first:
        profile, names, size, crs = first.profile, first.descriptions, first.res, first.crs
    width, height = (
        round(span / step) for span, step in zip((box.right - box.left, box.top - box.bottom), size, strict=True)
    )
    root = Element("VRTDataset", rasterXSize=str(width), rasterYSize=str(height))
    SubElement(root, "SRS").text = crs.to_wkt()
    transform = Affine(size[0], 0, box.left, 0, -size[1], box.top)
    SubElement(root, "GeoTransform").text = ", ".join(f"{value:.17g}" for value in transform.to_gdal())
    nodata = f"{profile['nodata']:g}"
    bands = []
    for number, name in enumerate(names, start=1):
        band = SubElement(root, "VRTRasterBand", dataType=_TYPES[profile["dtype"]], band=str(number))
        SubElement(band, "Description").text = name
        SubElement(band, "NoDataValue").text = nodata
        bands.append(band)
    for raster_path in rasters:
        with rasterio.open(raster_path) as raster:
            if (raster.crs, raster.res, raster.descriptions) != (crs, size, names):
                raise ValueError(f"{raster_path.name} is unlike {rasters[0].name}: another grid, or other bands")
            col, row = ~transform @ (raster.bounds.left, raster.bounds.top)
            part = {"xSize": str(raster.width), "ySize": str(raster.height)}
        for number, band in enumerate(bands, start=1):
            source = SubElement(band, "ComplexSource")
            name = Path(os.path.relpath(raster_path, path.parent)).as_posix()
            SubElement(source, "SourceFilename", relativeToVRT="1").text = name
            SubElement(source, "SourceBand").text = str(number)
            SubElement(source, "SrcRect", {"xOff": "0", "yOff": "0"} | part)
            SubElement(source, "DstRect", {"xOff": f"{col:.10g}", "yOff": f"{row:.10g}"} | part)
            SubElement(source, "NODATA").text = nodata
    indent(root, " ")
    write_text(path, tostring(root, encoding="unicode") + "\n")
    return path
