"""Stands in the two Finnish formats, written by the tests."""

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

NAMESPACE = "http://standardit.tapio.fi/schemas/forestData"
SQUARE = "500000,6900000 500100,6900000 500100,6900100 500000,6900100 500000,6900000"
HOLE = "500040,6900040 500060,6900040 500060,6900060 500040,6900060 500040,6900040"


def outline(ring=SQUARE, crs="EPSG:3067"):
    rings = f"<gml:exterior><gml:LinearRing><gml:coordinates>{ring}</gml:coordinates></gml:LinearRing></gml:exterior>"
    if ring == SQUARE:
        rings += (
            f"<gml:interior><gml:LinearRing><gml:coordinates>{HOLE}</gml:coordinates></gml:LinearRing></gml:interior>"
        )
    return (
        f'<gdt:PolygonGeometry><gml:polygonProperty><gml:Polygon srsName="{crs}">{rings}</gml:Polygon>'
        "</gml:polygonProperty></gdt:PolygonGeometry>"
    )


def stand(number="1", development_class="T1", geometry=None, operations="", species="2"):
    return f"""<st:Stand id="{number}"><st:StandBasicData>
      <st:FertilityClass>3</st:FertilityClass><st:SoilType>10</st:SoilType>
      <st:DevelopmentClass>{development_class}</st:DevelopmentClass>
      <st:MainTreeSpecies>{species}</st:MainTreeSpecies>{outline() if geometry is None else geometry}
    </st:StandBasicData><ts:TreeStandData>
      <ts:TreeStandDataDate type="1" date="2020-06-13"><tst:TreeStrata><tst:TreeStratum/><tst:TreeStratum/>
      </tst:TreeStrata></ts:TreeStandDataDate>
      <ts:TreeStandDataDate type="2" date="2025-01-01"><tss:DevelopmentClass>04</tss:DevelopmentClass>
      </ts:TreeStandDataDate>
    </ts:TreeStandData><op:Operations>{operations}</op:Operations></st:Stand>"""


def document(*stands, version='schemaPackageVersion="V20"', before=""):
    parts = {"st": "Stand", "op": "operation"} | {"ts": "treeStand", "tst": "treeStratum", "tss": "treeStandSummary"}
    prefixes = " ".join(f'xmlns:{prefix}="{NAMESPACE}/{part}"' for prefix, part in parts.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<ForestPropertyData xmlns="{NAMESPACE}" {prefixes} xmlns:gml="http://www.opengis.net/gml"
  xmlns:gdt="{NAMESPACE}/common/geometricDataTypes" {version}><st:Stands>{"".join(stands)}</st:Stands>
</ForestPropertyData>"""


@pytest.fixture
def xml(tmp_path):
    """Writes XML of the forest data standard."""

    def write(text):
        path = tmp_path / "stands.xml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def geopackage(tmp_path):
    """Writes a GeoPackage with the layers of Metsäkeskus, without those that are None."""

    def write(geometries, crs="EPSG:3067", **layers):
        path = tmp_path / "MV_test.gpkg"
        stands = {
            "standid": [*range(1, len(geometries) + 1)],
            "developmentclass": "T2",
            "maintreespecies": 1,
            "fertilityclass": 4,
            "soiltype": 61,
        }
        gpd.GeoDataFrame(stands, geometry=geometries, crs=crs).to_file(path, layer="stand")
        trees = {"treestandid": [11, 12], "standid": 1, "type": [1, 3], "date": ["2021-07-08", "2033-01-01"]}
        strata = {"treestandid": [12, 11, 11]}
        for layer, columns in ({"treestand": trees, "treestratum": strata} | layers).items():
            if columns is not None:
                pyogrio.write_dataframe(pd.DataFrame(columns), path, layer=layer, append=True)
        return path

    return write
