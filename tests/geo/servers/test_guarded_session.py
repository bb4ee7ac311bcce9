"""No answer of a server leads from the Internet to this machine or its network, and none is read without end."""

import socket

import pytest
import requests
from requests.adapters import HTTPAdapter

from rojsat.geo.servers import guarded_session
from rojsat.geo.servers.guarded_session import EndlessAnswerError, Reach, RefusedAddressError, reach
from rojsat.geo.servers.retries import GaveUpError, Patience
from rojsat.geo.sources.stac import query
from rojsat.geo.sources.stac.api_requests import PatientIO
from rojsat.geo.sources.stac.ranges import RangeFile
from rojsat.geo.sources.stac.unusable_items import UnusableItemError
from tests.support import archive as archives

NAMES = {
    "api.example": "93.184.216.34",
    "mirror.example": "93.184.216.35",
    "inside.example": "10.0.0.7",
    "trick.example": "127.0.0.1",
    "intranet": "192.168.1.5",
    "intranet-mirror": "10.1.2.3",
}
PATIENCE = Patience(tries=2, first_wait=0.001, timeout=5.0)


@pytest.fixture
def servers(monkeypatch):
    """Servers without a network: where each URL redirects to; yields the URLs that were asked for."""
    asked, redirects = [], {}

    def look_up(host, *_, **__):
        address = NAMES.get(host, host)
        if not address[0].isdigit() and ":" not in address:
            raise OSError(f"{host} is unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    def send(self, request, **_):
        asked.append(request.url)
        answer = requests.Response()
        answer.request, answer.url, answer.raw = request, request.url, None
        answer._content, answer._content_consumed, answer.status_code = b"", True, 404
        if request.url in redirects:
            answer.status_code, answer.headers["Location"] = 302, redirects[request.url]
        return answer

    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(HTTPAdapter, "send", send)
    return asked, redirects


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", Reach.INTERNET),
        ("2606:2800:220:1::1", Reach.INTERNET),
        ("10.0.0.7", Reach.NETWORK),
        ("fd00::1", Reach.NETWORK),
        ("100.64.0.1", Reach.NETWORK),
        ("127.0.0.1", Reach.MACHINE),
        ("::1", Reach.MACHINE),
        ("::ffff:127.0.0.1", Reach.MACHINE),
        ("169.254.169.254", Reach.MACHINE),
        ("fe80::1%eth0", Reach.MACHINE),
        ("0.0.0.0", Reach.MACHINE),
    ],
)
def test_reach_of_addresses(address, expected):
    assert reach(address) == expected


REFUSED = [
    ("https://api.example/a", "http://127.0.0.1:8080/x"),
    ("https://api.example/a", "http://169.254.169.254/latest/meta-data"),
    ("https://api.example/a", "http://[::1]/x"),
    ("https://api.example/a", "http://inside.example/x"),
    ("https://api.example/a", "https://trick.example/x"),
    ("https://api.example/a", "http://127.1/x"),
    ("http://intranet/a", "http://127.0.0.1/x"),
    ("https://api.example/a", "file:///etc/passwd"),
    ("https://api.example/a", "ftp://mirror.example/x"),
]
ADMITTED = [
    ("https://api.example/a", "https://mirror.example/x"),
    ("http://intranet/a", "http://intranet-mirror/x"),
    ("http://intranet/a", "https://mirror.example/x"),
    ("http://127.0.0.1:8000/a", "http://127.0.0.1:9000/x"),
]


@pytest.mark.parametrize(("start", "target"), REFUSED)
def test_a_step_down_is_refused(servers, start, target):
    asked, redirects = servers
    NAMES["127.1"] = "127.0.0.1"  # as the system's resolver reads it
    redirects[start] = target
    session = guarded_session.session(start)
    file = RangeFile(start, sign=lambda href: href, session=session, patience=PATIENCE)
    with pytest.raises(UnusableItemError, match="of farther reach|No connection adapters"):
        file.read(0, 10)
    assert asked == [start]
    if target.startswith("http"):
        with pytest.raises(RefusedAddressError):  # an item that names it is the same
            session.get(target)


@pytest.mark.parametrize(("start", "target"), ADMITTED)
def test_other_steps_are_admitted(servers, start, target):
    asked, redirects = servers
    redirects[start] = target
    assert guarded_session.session(start).get(start).status_code == 404
    assert asked == [start, target]


def test_behind_a_proxy_names_are_left_to_it(servers, monkeypatch):
    asked, _ = servers
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:3128")
    session = guarded_session.session("https://unknown.example/")
    session.get("https://trick.example/x")
    with pytest.raises(RefusedAddressError):
        session.get("https://127.0.0.1/x")
    assert asked == ["https://trick.example/x"]


@pytest.mark.parametrize("target", ["http://169.254.169.254/search", "file:///etc/passwd"])
def test_an_api_that_leads_elsewhere_is_refused(servers, target):
    _, redirects = servers
    redirects["https://api.example/"] = target
    search = query.Search("https://api.example/", "a", ((15, 57, 15.1, 57.1),), "2023-07-01", "2023-07-31")
    with pytest.raises(ValueError, match="leads where it must not"):
        query.find(search, PATIENCE)


@pytest.mark.parametrize("href", ["/etc/passwd", "file:///etc/passwd", "../items.json"])
def test_no_file_of_this_machine_is_taken_for_a_page(href):
    with pytest.raises(ValueError, match="no address of a web server"):
        PatientIO("https://api.example/", PATIENCE).read_text(href)


def test_an_answer_without_end_is_left(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_bytes(b"[" + b"1," * 50_000)
    (tmp_path / "a.bin").write_bytes(bytes(1 << 20))
    archive = archives.Archive(tmp_path)
    try:
        monkeypatch.setattr(guarded_session, "MOST_BYTES", 1000)
        monkeypatch.setattr(guarded_session.body, "__defaults__", (1000,))
        with pytest.raises(EndlessAnswerError, match="more than 1000 bytes"):
            guarded_session.session(archive.url, complete=True).get(f"{archive.url}/files/a.json")
        session = guarded_session.session(archive.url)
        file = RangeFile(f"{archive.url}/files/a.bin", sign=lambda href: href, session=session, patience=PATIENCE)
        monkeypatch.setattr(requests.Response, "iter_content", lambda self, size: iter([bytes(size)] * 1000))
        with pytest.raises(GaveUpError, match="has more than 65536 bytes"):
            file.read(0, 10)
    finally:
        archive.close()
