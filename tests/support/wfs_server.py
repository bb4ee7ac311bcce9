"""A WFS 2.0 on this machine, with the habits of GeoServer, of features that a test makes, and faults."""

import json
import re
import socket
import threading
import time
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from shapely.geometry import box, mapping, shape

from tests.support.cut_answers import CutAnswers

CRS = "urn:ogc:def:crs:EPSG::3067"
EAST, NORTH = 400_000, 6_900_000


def stand(number, development_class="T2", side=100, **columns):
    """A stand in the flat form of Metsäkeskus' WFS: the number-th square of a row of ten, from `EAST` and `NORTH`."""
    east, north = EAST + 200 * (number % 10), NORTH + 200 * (number // 10)
    properties = {
        **{"STANDNUMBER": number, "DEVELOPMENTCLASS": development_class, "MAINTREESPECIES": 1, "FERTILITYCLASS": 3},
        **{"SOILTYPE": 10, "AREA": 1.0, "STEMCOUNT": 3000, "MEANHEIGHT": 2.1, "VOLUME": 0},
        **{"CUTTINGTYPE": None, "CUTTINGPROPOSALYEAR": None, "SILVICULTURETYPE": None},
        **{"SILVICULTUREPROPOSALYEAR": None, "MEASUREMENTDATE": "2021-06-24Z", "TREESTANDDATE": "2026-01-01Z"},
    }
    return feature(f"stand.{1000 + number}", box(east, north, east + side, north + side), **(properties | columns))


def feature(identity, geometry, /, **properties):
    geometry = None if geometry is None else mapping(geometry)
    return {"type": "Feature", "id": identity, "geometry": geometry, "properties": properties}


class WfsServer:
    """Server of layers, by name with prefix, at `url`.

    `faults(parameters, number)` is asked with each request (its number among those of its kind, from 0) and returns
    None or what goes wrong: `500`, `404`, `429`, `slow`, `reset`, `truncated`, `exception`, `refused`, `html`,
    `no json`, `repeated` (the first page), `short` (without its last feature), `degrees`, or a number that it counts
    instead of its own.
    """

    def __init__(self, **layers):
        self.layers = {f"v1:{name}": features for name, features in layers.items()}
        self.requests, self.faults, self.texts = [], lambda parameters, number: None, dict(BODIES)
        self.most, self.announces, self.paging, self.counts = None, True, True, True
        self.wait = "0"  # seconds of Retry-After
        self.everywhere = False  # whether boxes are not looked at
        self.changed = ("", "")  # a text of the answers, and what stands there instead
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/ows"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def asked(self, kind):
        """Parameters of the requests of a kind: `capabilities`, `columns`, `hits` or `page`."""
        return [parameters for known, parameters in self.requests if known == kind]

    def starts(self, layer=""):
        """First feature of each page that was asked for, of layers whose name holds a text."""
        return [int(page["startIndex"]) for page in self.asked("page") if layer in page["typeNames"]]


def _kind(parameters):
    request = parameters["request"]
    if request == "GetFeature":
        return "hits" if parameters.get("resultType") == "hits" else "page"
    return {"GetCapabilities": "capabilities", "DescribeFeatureType": "columns"}[request]


def _chosen(server, parameters):
    """All features of a query, in its order."""
    features = server.layers[parameters["typeNames"]]
    if "resourceId" in parameters:
        features = [row for row in features if row["id"] in parameters["resourceId"].split(",")]
    if "bbox" in parameters:
        *numbers, crs = parameters["bbox"].split(",")
        assert crs == CRS == parameters["srsName"]
        ground = box(*map(float, numbers))
        features = [row for row in features if server.everywhere or _meets(row, ground)]
    if "sortBy" in parameters:
        features = sorted(features, key=lambda row: row["properties"][parameters["sortBy"]])
    if "propertyName" in parameters:
        names = parameters["propertyName"].split(",")
        kept = [{name: row["properties"][name] for name in names} for row in features]
        features = [
            row | {"geometry": None, "properties": columns} for row, columns in zip(features, kept, strict=True)
        ]
    return features


def _meets(row, ground):
    return row["geometry"] is None or shape(row["geometry"]).intersects(ground)


def _collection(server, parameters, fault):
    features = _chosen(server, parameters)
    count = min(int(parameters["count"]), server.most or 10**9)
    start = 0 if fault == "repeated" else int(parameters["startIndex"])
    some = features[start : start + count]
    some = some[:-1] if fault == "short" else some
    matched = int(fault) if re.fullmatch(r"\d+", fault or "") else len(features)
    crs = "urn:ogc:def:crs:EPSG::4326" if fault == "degrees" else CRS
    body = {"type": "FeatureCollection", "features": some, "totalFeatures": matched if server.counts else "unknown"}
    body |= {"numberMatched": body["totalFeatures"], "numberReturned": len(some)}
    return json.dumps(body | {"crs": {"type": "name", "properties": {"name": crs}}})


def _hits(server, parameters, fault):
    matched = fault if re.fullmatch(r"\d+", fault or "") else len(_chosen(server, parameters))
    matched = matched if server.counts else "unknown"
    counts = f'numberMatched="{matched}" numberReturned="0"'
    return f'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" {counts}/>'


def _capabilities(server, *_):
    layers = "".join(f"<FeatureType><Name>{name}</Name></FeatureType>" for name in server.layers)
    most = "" if server.most is None or not server.announces else f"<ows:DefaultValue>{server.most}</ows:DefaultValue>"
    paging = str(server.paging).upper()
    return f"""<wfs:WFS_Capabilities version="2.0.0" xmlns="http://www.opengis.net/wfs/2.0"
      xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1"><ows:OperationsMetadata>
      <ows:Operation name="GetFeature"><ows:Parameter name="outputFormat"><ows:AllowedValues>
      <ows:Value>application/json</ows:Value></ows:AllowedValues></ows:Parameter>
      <ows:Constraint name="CountDefault">{most}</ows:Constraint></ows:Operation>
      <ows:Constraint name="ImplementsResultPaging"><ows:DefaultValue>{paging}</ows:DefaultValue></ows:Constraint>
      </ows:OperationsMetadata><FeatureTypeList>{layers}</FeatureTypeList></wfs:WFS_Capabilities>"""


def _columns(server, parameters, _):
    names = list(server.layers[parameters["typeNames"]][0]["properties"])
    elements = "".join(f'<xsd:element name="{name}" type="xsd:string"/>' for name in names)
    return f"""<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:complexType name="standType">
      <xsd:complexContent><xsd:extension base="gml:AbstractFeatureType"><xsd:sequence>{elements}
      <xsd:element name="GEOMETRY" type="gml:GeometryPropertyType"/></xsd:sequence></xsd:extension>
      </xsd:complexContent></xsd:complexType><xsd:element name="stand" type="v1:standType"/></xsd:schema>"""


def exception(code, text):
    return (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1" version="2.0.0">'
        f'<ows:Exception exceptionCode="{code}"><ows:ExceptionText>{escape(text)}</ows:ExceptionText></ows:Exception>'
        "</ows:ExceptionReport>"
    )


BODIES = {
    "exception": exception("NoApplicableCode", "Connection to the data store is exhausted"),
    "refused": exception("InvalidParameterValue", "Illegal property name: GEOM"),
    "html": "<!DOCTYPE html><html><body>Service break</body></html>",
    "no json": '{"type": "FeatureCollection", "features": [',
}
ANSWERS = {"capabilities": _capabilities, "columns": _columns, "hits": _hits, "page": _collection}


def _handler(server):
    class Handler(CutAnswers):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20  # head and body in one packet

        def log_message(self, *_):
            pass

        def do_GET(self):
            parameters = dict(parse_qsl(urlsplit(self.path).query))
            assert (parameters["service"], parameters["version"]) == ("WFS", "2.0.0")
            kind = _kind(parameters)
            number = len(server.asked(kind))
            server.requests.append((kind, parameters))
            fault = server.faults(parameters, number)
            if fault == "reset":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if fault == "slow":
                time.sleep(0.5)
            if fault in ("500", "404", "429"):
                self.answer(int(fault), b"no", {"Retry-After": server.wait})
                return
            body = server.texts.get(fault) or ANSWERS[kind](server, parameters, fault).replace(*server.changed)
            self.answer(200, body.encode(), cut=fault == "truncated")

    return Handler
