"""Finnish stands in the two formats of files, with the same content in both."""

from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
import pyogrio

CRS = "EPSG:3067"
NAMESPACE = "http://standardit.tapio.fi/schemas/forestData"


class MadeStand(NamedTuple):
    """A stand to write.

    Attributes:
        number: its id.
        outline: polygon in `CRS`, without holes.
        development_class: its code.
        operations: code, year of the proposal or None, day of the completion or None, of each.
        observed: day of the observation; None: there is none.
    """

    number: str
    outline: Any
    development_class: str = "T2"
    operations: tuple[tuple[str, int | None, str | None], ...] = ()
    observed: str | None = None


def write_xml(path, stands):
    """XML of the forest data standard, schema V20."""
    parts = {"st": "Stand", "op": "operation"} | {"ts": "treeStand", "tst": "treeStratum"}
    prefixes = " ".join(f'xmlns:{prefix}="{NAMESPACE}/{part}"' for prefix, part in parts.items())
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<ForestPropertyData xmlns="{NAMESPACE}" {prefixes} xmlns:gml="http://www.opengis.net/gml"
  xmlns:gdt="{NAMESPACE}/common/geometricDataTypes" schemaPackageVersion="V20"><st:Stands>
{"".join(map(_stand, stands))}</st:Stands></ForestPropertyData>""",
        encoding="utf-8",
    )
    return path


def _stand(stand):
    ring = " ".join(f"{x},{y}" for x, y in stand.outline.exterior.coords)
    observed = (
        f'<ts:TreeStandDataDate type="1" date="{stand.observed}"><tst:TreeStrata><tst:TreeStratum/></tst:TreeStrata>'
        "</ts:TreeStandDataDate>"
        if stand.observed
        else ""
    )
    return f"""<st:Stand id="{stand.number}"><st:StandBasicData><st:FertilityClass>3</st:FertilityClass>
<st:SoilType>10</st:SoilType><st:DevelopmentClass>{stand.development_class}</st:DevelopmentClass>
<st:MainTreeSpecies>2</st:MainTreeSpecies><gdt:PolygonGeometry><gml:polygonProperty><gml:Polygon srsName="{CRS}">
<gml:exterior><gml:LinearRing><gml:coordinates>{ring}</gml:coordinates></gml:LinearRing></gml:exterior></gml:Polygon>
</gml:polygonProperty></gdt:PolygonGeometry></st:StandBasicData><ts:TreeStandData>{observed}</ts:TreeStandData>
<op:Operations>{"".join(operation(*facts) for facts in stand.operations)}</op:Operations></st:Stand>"""


def operation(code="740", proposed=None, completed=None):
    parts = f"<op:OperationType>{code}</op:OperationType>"
    if proposed:
        parts += f"<op:ProposalData><op:ProposalYear>{proposed}</op:ProposalYear></op:ProposalData>"
    if completed:
        parts += f"<op:CompletionData><op:CompletionDate>{completed}</op:CompletionDate></op:CompletionData>"
    return f"<op:Operation>{parts}</op:Operation>"


def layers(stands):
    """The layers of a GeoPackage of Metsäkeskus, by name: the first with geometry, the others without."""
    numbers = [stand.number for stand in stands]
    rows = {"standid": numbers, "developmentclass": [stand.development_class for stand in stands]}
    rows |= {"maintreespecies": 2, "fertilityclass": 3, "soiltype": 10}
    outlines = gpd.GeoDataFrame(rows, geometry=[stand.outline for stand in stands], crs=CRS)
    observed = [(number, stand) for number, stand in enumerate(stands) if stand.observed]
    trees = {
        "treestandid": [number for number, _ in observed],
        "standid": [stand.number for _, stand in observed],
        "type": 1,
        "date": [stand.observed for _, stand in observed],
    }
    operations = [(stand.number, *operation) for stand in stands for operation in stand.operations]
    columns = ["standid", "operationtype", "proposalyear", "completiondate"]
    return {
        "stand": outlines,
        "treestand": pd.DataFrame(trees),
        "treestratum": pd.DataFrame({"treestandid": trees["treestandid"]}),
        "operation": pd.DataFrame(operations, columns=columns),
    }


def write_geopackage(path, stands):
    """A GeoPackage as Metsäkeskus has one of each municipality, with the layer of operations."""
    for name, table in layers(stands).items():
        if name == "stand":
            table.to_file(path, layer=name)
        else:
            pyogrio.write_dataframe(table, path, layer=name, append=True)
    return path
