"""A large file comes in pieces if it must, each byte once, and never of two versions."""

import pytest

from rojsat.geo.servers import file_download
from rojsat.geo.servers.retries import GaveUpError, Patience
from tests.support.file_server import FileServer

PATIENCE = Patience(tries=3, first_wait=0.001, timeout=2.0)
CONTENT = bytes(range(256)) * 40


@pytest.fixture
def server():
    """A server of one file."""
    served = FileServer(large=CONTENT)
    yield served
    served.close()


@pytest.fixture
def fetch(server, tmp_path, monkeypatch):
    """Fetches the file, written in pieces of a hundred bytes, and returns its bytes."""
    monkeypatch.setattr(file_download, "_PIECE", 100)

    def call():
        file_download.fetch(f"{server.url}large", tmp_path / "large", PATIENCE)
        assert [path.name for path in tmp_path.iterdir()] == ["large"]
        return (tmp_path / "large").read_bytes()

    return call


def test_its_size_is_known_before(server):
    assert file_download.size(f"{server.url}large", PATIENCE) == len(CONTENT)
    assert [span for _, span in server.requests] == [None]


def test_each_byte_comes_once_however_often_it_breaks_off(server, fetch):
    server.faults = lambda path, number: "cut 1000" if number < 9 else None
    assert fetch() == CONTENT
    assert [span for _, span in server.requests] == [None, *(f"bytes={1000 * number}-" for number in range(1, 10))]


@pytest.mark.parametrize("fault", ["500", "429", "other"])
def test_what_may_pass_is_asked_again(server, fetch, fault):
    server.faults = lambda path, number: {0: "cut 5000", 1: fault}.get(number)
    assert fetch() == CONTENT


def test_a_server_without_ranges_sends_it_again(server, fetch):
    server.faults = lambda path, number: {0: "cut 5000"}.get(number, "no ranges")
    assert fetch() == CONTENT


def test_a_server_without_versions_sends_it_again_and_is_given_up_in_the_end(server, fetch):
    server.versions = False
    server.faults = lambda path, number: "cut 5000" if number < 2 else None
    assert fetch() == CONTENT
    assert {span for _, span in server.requests} == {None}


def test_a_server_that_never_brings_more_is_given_up(server, fetch):
    server.versions, server.faults = False, lambda path, number: "cut 5000"
    with pytest.raises(GaveUpError, match="same command goes on"):
        fetch()


def test_a_later_call_goes_on_but_not_with_another_version(server, fetch):
    server.faults = lambda path, number: "cut 5000" if number == 0 else "500"
    with pytest.raises(GaveUpError, match="status 500"):
        fetch()
    server.files["large"] = other = CONTENT[::-1]
    server.faults = lambda path, number: None
    assert fetch() == other


def test_killed_before_it_was_renamed_nothing_is_sent_again(server, fetch, tmp_path):
    server.faults = lambda path, number: "cut 5000" if number == 0 else "500"
    with pytest.raises(GaveUpError):
        fetch()
    (tmp_path / ".large.partial").write_bytes(CONTENT)
    server.faults = lambda path, number: None
    assert fetch() == CONTENT
    assert server.requests[-1] == ("large", f"bytes={len(CONTENT)}-")


def test_a_file_that_is_not_there_is_an_error_at_once(server, tmp_path):
    with pytest.raises(ValueError, match="status 404; check the address"):
        file_download.fetch(f"{server.url}none", tmp_path / "none", PATIENCE)
    assert len(server.requests) == 1
