"""A municipality is known by its name in Finnish or Swedish, however it is typed, or by its code."""

import pytest
from shapely.geometry import box

from rojsat.geo.finland import municipalities
from rojsat.geo.servers.retries import GaveUpError, Patience
from tests.support.wfs_server import WfsServer, feature

PATIENCE = Patience(tries=2, first_wait=0.001, timeout=1.0)
NAMES = [("179", "Jyväskylä", "Jyväskylä"), ("734", "Salo", "Salo"), ("529", "Naantali", "Nådendal")]
NAMES += [("508", "Mänttä-Vilppula", "Mänttä-Vilppula"), ("009", "Alavieska", "Alavieska"), ("005", "Koski", "Koski")]
NAMES += [("006", "Koski", "Koskis")]


def square(number):
    return box(400_000 + 1000 * number, 6_900_000, 400_900 + 1000 * number, 6_900_900)


@pytest.fixture(scope="module")
def server():
    """A WFS of seven municipalities, one of which is two features."""
    columns = [{"kunta": code, "nimi": finnish, "namn": swedish, "name": finnish} for code, finnish, swedish in NAMES]
    features = [feature(f"kunta.{number}", square(number), **row) for number, row in enumerate(columns)]
    features.append(feature("kunta.99", square(20), **columns[1]))
    served = WfsServer(kunta1000k=features)
    served.layers = {"tilastointialueet:kunta1000k": features}
    yield served
    served.close()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jyväskylä", "Jyväskylä (179)"),
        ("JYVASKYLA", "Jyväskylä (179)"),
        (" jyva\u0308skyla\u0308 ", "Jyväskylä (179)"),
        ("mantta vilppula", "Mänttä-Vilppula (508)"),
        ("nadendal", "Naantali (529)"),
        ("734", "Salo (734)"),
        ("9", "Alavieska (009)"),
        ("0009", "Alavieska (009)"),
    ],
)
def test_it_is_found_however_it_is_typed(server, text, name):
    area = municipalities.find(text, PATIENCE, url=server.url)
    assert area.name == name
    assert "Statistics Finland" in area.attribution


def test_its_outline_is_that_of_all_its_parts(server):
    area = municipalities.find("Salo", PATIENCE, url=server.url)
    assert area.outline.equals(square(1).union(square(20)))
    assert area.bounds == (401_000, 6_900_000, 420_900, 6_900_900)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Jyväskyla kaupunki", "does not exist. Did you mean Jyväskylä"),
        ("Nantali", "Did you mean Naantali"),
        ("999", "no code 999"),
        ("Koski", "several municipalities; give the code: 005, 006"),
    ],
)
def test_what_is_none_names_the_nearest(server, text, message):
    with pytest.raises(ValueError, match=message):
        municipalities.find(text, PATIENCE, url=server.url)


def test_a_server_that_is_away_leaves_the_way_of_a_box(server):
    server.faults = lambda parameters, number: "500"
    with pytest.raises(GaveUpError, match="A box .* needs no outline"):
        municipalities.find("Salo", PATIENCE, url=server.url)
    server.faults = lambda parameters, number: None


def test_names_that_do_not_all_come_are_asked_for_again(server):
    server.requests.clear()
    server.faults = lambda parameters, number: "short" if number == 0 and "propertyName" in parameters else None
    assert municipalities.find("Salo", PATIENCE, url=server.url).name == "Salo (734)"
    assert len(server.asked("page")) == 3
    server.faults = lambda parameters, number: None


def test_another_layer_is_refused(server):
    server.layers["tilastointialueet:maakunta1000k"] = [feature("maakunta.1", square(1), maakunta="01")]
    with pytest.raises(ValueError, match="it must have kunta and nimi"):
        municipalities.find("Salo", PATIENCE, url=server.url, layer="maakunta1000k")
