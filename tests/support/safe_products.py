"""Make small but genuine ESA products: ESA's names, folders and XML elements, lossless JPEG 2000 images."""

import zipfile

import numpy as np
import pandas as pd
import rasterio
from affine import Affine

from rojsat.chips.bands import BOA, RESOLUTION, TOA

EAST, NORTH = 600000, 6500040
"""Upper-left corner of the tiles, metres."""

CRS = "EPSG:32633"

BANDS = {"L1C": TOA, "L2A": BOA}

RELEASE = "20230801T120000"
"""Product discriminator and generation time, by default."""

TILES = {10: 1024, 20: 640, 60: 192}
"""Rows and columns of the tiles inside ESA's own images, by metres of their pixels."""


def ground(size=60):
    """Reflectance by band of a square of `size` 10 m pixels, native resolution: no two pixels of a band are alike."""
    by_band = {}
    for number, band in enumerate(TOA):
        count = size * 10 // RESOLUTION[band]
        rows, cols = np.mgrid[:count, :count]
        by_band[band] = 0.02 + 0.01 * number + 1e-4 * (rows * count + cols)
    return by_band


def classes(size=60):
    """Scene classes (SCL) of that square, 20 m: vegetation, a cloud in the upper left."""
    scl = np.full((size // 2, size // 2), 4, np.uint8)
    scl[:3, :3] = 9
    return scl


def write_product(
    folder,
    *,
    level="L2A",
    baseline="05.00",
    tile="33VXG",
    sensing="20190723T101031",
    orbit=22,
    ground=None,
    scl=None,
    mission="S2A",
    strip="20190723T101347",
    generated=RELEASE,
    crs=CRS,
    corner=(EAST, NORTH),
    quantification=10000,
    zipped=False,
    extras=True,
    footprint=None,
    tiled=False,
):
    """Write one product as ESA names them since December 2016.

    Args:
        ground: reflectance by band as `ground` gives it; NaN has no data. One band after the other is asked for.
        scl: scene classes as `classes` gives them.
        strip: sensing time of the datastrip.
        footprint: west, south, east and north of its ground with data, degrees; None: its XML does not tell.
        zipped: write `X.SAFE.zip` with stored and deflated members rather than the folder.
        tiled: images in tiles and resolutions as ESA's own, which only large ones need.
        extras: with true colour image, and cloud probability (L2A).

    Returns:
        The `.SAFE` folder or the zip file.
    """
    ground = globals()["ground"]() if ground is None else ground
    name = f"{mission}_MSI{level}_{sensing}_N{baseline.replace('.', '')}_R{orbit:03d}_T{tile}_{generated}.SAFE"
    inner = f"GRANULE/{level}_T{tile}_A021323_{strip}"
    root = folder / name
    written_as, files, shape = {"crs": crs, "corner": corner, "tiled": tiled}, [], None
    for key, metres, array in planes(level, ground, scl, quantification, offset(baseline), extras):
        stem = f"T{tile}_{sensing}_{key}"
        path = f"{inner}/IMG_DATA/{stem}" if level == "L1C" else f"{inner}/IMG_DATA/R{metres}m/{stem}_{metres}m"
        files.append(path)
        write_jp2(root / f"{path}.jp2", array, metres, **written_as)
        if key == "B02":
            shape = array.shape
        if key == "B02" and level == "L2A" and extras:
            coarse = array.reshape(-1, 2, array.shape[1] // 2, 2).mean((1, 3)).astype(np.uint16)
            write_jp2(root / f"{inner}/IMG_DATA/R20m/T{tile}_{sensing}_B02_20m.jp2", coarse, 20, **written_as)
    if level == "L2A" and extras:
        cloud = np.full((shape[0] // 2, shape[1] // 2), 7, np.uint8)
        write_jp2(root / f"{inner}/QI_DATA/MSK_CLDPRB_20m.jp2", cloud, 20, **written_as)
    write_jp2(root / f"{inner}/QI_DATA/MSK_DETFOO_B02.jp2", np.ones(shape, np.uint8), 10, **written_as)
    facts = {"level": level, "baseline": baseline, "sensing": sensing, "orbit": orbit, "mission": mission}
    main = product_xml(**facts, generated=generated, quantification=quantification, images=files, name=name)
    (root / f"MTD_MSI{level}.xml").write_text(main.replace("</n1:General_Info>", outline_xml(footprint), 1))
    (root / inner / "MTD_TL.xml").write_text(tile_xml(level, baseline, tile, strip, crs, corner, shape[0]))
    return zip_product(root) if zipped else root


def write_long_product(folder, *, tiles, sensing="20160905T101022", orbit=22, ground=None):
    """Write one L1C product as ESA named them before December 2016: long names, several tiles, no true colour image.

    Args:
        tiles: upper-left corner by tile.

    Returns:
        The `.SAFE` folder.
    """
    ground = globals()["ground"]() if ground is None else ground
    name = f"S2A_OPER_PRD_MSIL1C_PDMC_20160905T164813_R{orbit:03d}_V{sensing}_{sensing}"
    root, images = folder / f"{name}.SAFE", []
    for tile, corner in tiles.items():
        inner = f"GRANULE/S2A_OPER_MSI_L1C_TL_SGS__20160905T153438_A006291_T{tile}_N02.04"
        for key, metres, array in planes("L1C", ground, None, 10000, 0, extras=False):
            images.append(f"S2A_OPER_MSI_L1C_TL_SGS__20160905T153438_A006291_T{tile}_{key}")
            write_jp2(root / inner / "IMG_DATA" / f"{images[-1]}.jp2", array, metres, crs=CRS, corner=corner)
        xml = tile_xml("L1C", "02.04", tile, sensing, CRS, corner, len(ground["B02"]))
        (root / inner / f"S2A_OPER_MTD_L1C_TL_SGS__20160905T153438_A006291_T{tile}.xml").write_text(xml)
    facts = {"level": "L1C", "baseline": "02.04", "sensing": sensing, "orbit": orbit, "mission": "S2A"}
    xml = product_xml(
        **facts, generated="20160905T164813", quantification=10000, images=images, name="791_2016-09-05T10_37"
    )
    main = root / f"{name.replace('PRD_MSIL1C', 'MTD_SAFL1C')}.xml"
    main.write_text(
        xml.replace("IMAGE_FILE>", "IMAGE_ID>").replace("<Granule ", "<Granules ").replace("</Granule>", "</Granules>")
    )
    return root


def offset(baseline):
    """Offset of the stored numbers of all bands."""
    return -1000 if baseline >= "04.00" else 0


def planes(level, ground, scl, quantification, offset, extras):
    """Key, resolution and stored numbers of one image after the other."""
    shape = None
    for band in BANDS[level]:
        array = ground[band]
        shape = array.shape if band == "B02" else shape
        stored = np.nan_to_num(np.round(array * quantification - offset))
        yield band, RESOLUTION[band], stored.astype(np.uint16)
    if level == "L2A":
        yield "SCL", 20, classes(shape[0]) if scl is None else scl
    if extras:
        colours = (np.clip(ground[band] * 710, 1, 255).astype(np.uint8) for band in ("B04", "B03", "B02"))
        yield "TCI", 10, np.stack([*colours])


def write_jp2(path, array, metres, *, crs, corner, tiled=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    bands = array if array.ndim == 3 else array[None]
    profile = {"driver": "JP2OpenJPEG", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2]}
    transform = Affine(metres, 0, corner[0], 0, -metres, corner[1])
    lossless = {"QUALITY": "100", "REVERSIBLE": "YES", "RESOLUTIONS": "1"}
    if tiled:
        side = str(TILES[metres])
        lossless |= {"RESOLUTIONS": "5", "BLOCKXSIZE": side, "BLOCKYSIZE": side}
    with rasterio.open(path, "w", dtype=bands.dtype, crs=crs, transform=transform, **profile, **lossless) as raster:
        raster.write(bands)


def zip_product(root):
    """Put a `.SAFE` folder into a zip file beside it, and remove it."""
    archive_path = root.with_name(f"{root.name}.zip")
    with zipfile.ZipFile(archive_path, "w") as archive:
        for path in sorted(root.rglob("*"), reverse=True):
            if path.is_file():
                kind = zipfile.ZIP_DEFLATED if "B0" in path.name else zipfile.ZIP_STORED
                archive.write(path, path.relative_to(root.parent), kind)
                path.unlink()
            else:
                path.rmdir()
    root.rmdir()
    return archive_path


def iso(text):
    return f"{pd.to_datetime(text):%Y-%m-%dT%H:%M:%S}.026Z"


def product_xml(*, level, baseline, sensing, orbit, mission, generated, quantification, images, name):
    """`MTD_MSIL1C.xml` or `MTD_MSIL2A.xml`, with the elements that matter and some of those that do not."""
    number = level.removeprefix("L")
    listed = "\n".join(f"            <IMAGE_FILE>{image}</IMAGE_FILE>" for image in images)
    value = f'<QUANTIFICATION_VALUE unit="none">{quantification}</QUANTIFICATION_VALUE>'
    wrapper, item = "Radiometric_Offset_List", "RADIO_ADD_OFFSET"
    if level == "L2A":
        wrapper, item = "BOA_ADD_OFFSET_VALUES_LIST", "BOA_ADD_OFFSET"
        value = f"""<QUANTIFICATION_VALUES_LIST>
        <BOA_QUANTIFICATION_VALUE unit="none">{quantification}</BOA_QUANTIFICATION_VALUE>
        <AOT_QUANTIFICATION_VALUE unit="none">1000.0</AOT_QUANTIFICATION_VALUE>
        <WVP_QUANTIFICATION_VALUE unit="cm">1000.0</WVP_QUANTIFICATION_VALUE>
      </QUANTIFICATION_VALUES_LIST>"""
    rows = "\n".join(f'        <{item} band_id="{n}">{offset(baseline)}</{item}>' for n in range(13))
    shifts = f"<{wrapper}>\n{rows}\n      </{wrapper}>" if offset(baseline) else ""
    xsd = f"https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-{number}.xsd"
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{number}_User_Product xmlns:n1="{xsd}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <n1:General_Info>
    <Product_Info>
      <PRODUCT_START_TIME>{iso(sensing)}</PRODUCT_START_TIME>
      <PRODUCT_STOP_TIME>{iso(sensing)}</PRODUCT_STOP_TIME>
      <PRODUCT_URI>{name}</PRODUCT_URI>
      <PROCESSING_LEVEL>Level-{number}</PROCESSING_LEVEL>
      <PRODUCT_TYPE>S2MSI{number}</PRODUCT_TYPE>
      <PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>
      <GENERATION_TIME>{iso(generated)}</GENERATION_TIME>
      <Datatake datatakeIdentifier="G{mission}_{sensing}_021323_N{baseline}">
        <SPACECRAFT_NAME>Sentinel-{mission[1:]}</SPACECRAFT_NAME>
        <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>
        <DATATAKE_SENSING_START>{iso(sensing)}</DATATAKE_SENSING_START>
        <SENSING_ORBIT_NUMBER>{orbit}</SENSING_ORBIT_NUMBER>
        <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>
      </Datatake>
      <Product_Organisation>
        <Granule_List>
          <Granule imageFormat="JPEG2000">
{listed}
          </Granule>
        </Granule_List>
      </Product_Organisation>
    </Product_Info>
    <Product_Image_Characteristics>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>
      </Special_Values>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>
      </Special_Values>
      {value}
      {shifts}
      <Reflectance_Conversion>
        <U>0.97</U>
      </Reflectance_Conversion>
    </Product_Image_Characteristics>
  </n1:General_Info>
</n1:Level-{number}_User_Product>
"""


def outline_xml(footprint):
    """What follows the general information, with the footprint, latitude before longitude."""
    if footprint is None:
        return "</n1:General_Info>"
    west, south, east, north = footprint
    corners = f"{north} {west} {north} {east} {south} {east} {south} {west} {north} {west}"
    return f"""</n1:General_Info>
  <n1:Geometric_Info><Product_Footprint><Product_Footprint><Global_Footprint>
    <EXT_POS_LIST>{corners} </EXT_POS_LIST>
  </Global_Footprint></Product_Footprint></Product_Footprint></n1:Geometric_Info>"""


def tile_xml(level, baseline, tile, strip, crs, corner, size):
    """`MTD_TL.xml`."""
    number = level.removeprefix("L")
    sizes = "\n".join(
        f'      <Size resolution="{m}">\n        <NROWS>{size * 10 // m}</NROWS>\n'
        f"        <NCOLS>{size * 10 // m}</NCOLS>\n      </Size>"
        for m in (10, 20, 60)
    )
    places = "\n".join(
        f'      <Geoposition resolution="{m}">\n        <ULX>{corner[0]}</ULX>\n        <ULY>{corner[1]}</ULY>\n'
        f"        <XDIM>{m}</XDIM>\n        <YDIM>-{m}</YDIM>\n      </Geoposition>"
        for m in (10, 20, 60)
    )
    xsd = f"https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-{number}_Tile_Metadata.xsd"
    maker = f"S2A_OPER_MSI_{level}_{{}}_SGS__20190723T171842"
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{number}_Tile_ID xmlns:n1="{xsd}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <n1:General_Info>
    <TILE_ID metadataLevel="Brief">{maker.format("TL")}_A021323_T{tile}_N{baseline}</TILE_ID>
    <DATASTRIP_ID metadataLevel="Standard">{maker.format("DS")}_S{strip}_N{baseline}</DATASTRIP_ID>
    <SENSING_TIME metadataLevel="Standard">{iso(strip)}</SENSING_TIME>
  </n1:General_Info>
  <n1:Geometric_Info>
    <Tile_Geocoding metadataLevel="Brief">
      <HORIZONTAL_CS_NAME>WGS84 / UTM zone {crs[-2:]}N</HORIZONTAL_CS_NAME>
      <HORIZONTAL_CS_CODE>{crs}</HORIZONTAL_CS_CODE>
{sizes}
{places}
    </Tile_Geocoding>
  </n1:Geometric_Info>
</n1:Level-{number}_Tile_ID>
"""
