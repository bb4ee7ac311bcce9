"""Signing: the Planetary Computer's tokens from a server on this machine, S3 by a known answer."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import planetary_computer.sas
import planetary_computer.settings
import pytest

from rojsat.geo.sources.stac import signing


@pytest.fixture
def tokens(monkeypatch):
    """A server of tokens; yields the paths that it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append(self.path)
            expiry = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
            body = json.dumps({"token": "sig=abc", "msft:expiry": expiry}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.setenv("PC_SDK_SAS_URL", f"http://127.0.0.1:{server.server_port}/token")
    planetary_computer.settings.Settings.get.cache_clear()
    planetary_computer.sas.TOKEN_CACHE.clear()
    yield asked
    server.shutdown()
    server.server_close()
    planetary_computer.settings.Settings.get.cache_clear()
    planetary_computer.sas.TOKEN_CACHE.clear()


def test_the_planetary_computer_signs_with_a_token_a_container(tokens):
    sign = signing.signer("planetary_computer")
    first = sign("https://sentinel2l2a01.blob.core.windows.net/sentinel2-l2/33/V/WE/a/B02.tif")
    assert first == "https://sentinel2l2a01.blob.core.windows.net/sentinel2-l2/33/V/WE/a/B02.tif?sig=abc"
    sign("https://sentinel2l2a01.blob.core.windows.net/sentinel2-l2/33/V/WE/a/B03.tif")
    assert tokens == ["/token/sentinel2l2a01/sentinel2-l2"]
    assert sign("https://example.org/B02.tif") == "https://example.org/B02.tif"


def test_presigned_urls_are_those_of_the_documentation():
    """The example of "Authenticating Requests: Using Query Parameters", Amazon S3 API Reference."""
    url = signing.presign(
        "https://examplebucket.s3.amazonaws.com/test.txt",
        key="AKIAIOSFODNN7EXAMPLE",
        secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region="us-east-1",
        now=datetime(2013, 5, 24, tzinfo=UTC),
        life=86400,
    )
    fields = parse_qs(urlsplit(url).query)
    assert fields["X-Amz-Signature"] == ["aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"]


def test_s3_reads_the_variables_that_gdal_reads(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a+b")
    monkeypatch.delenv("AWS_S3_ENDPOINT", raising=False)
    url = signing.signer("s3", "eodata.dataspace.copernicus.eu")("s3://eodata/Sentinel-2/B02 10m.jp2")
    assert url.startswith("https://eodata.dataspace.copernicus.eu/eodata/Sentinel-2/B02%2010m.jp2?X-Amz-Algorithm=")
    assert "X-Amz-Security-Token=a%2Bb" in url
    monkeypatch.setenv("AWS_S3_ENDPOINT", "127.0.0.1:9000")
    monkeypatch.setenv("AWS_HTTPS", "NO")
    sign = signing.signer("s3", "eodata.dataspace.copernicus.eu")
    assert sign("s3://eodata/x.jp2").startswith("http://127.0.0.1:9000/eodata/x.jp2?")
    assert sign("https://example.org/x.tif") == "https://example.org/x.tif"


def test_s3_without_keys_or_endpoint_is_an_error(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_S3_ENDPOINT", raising=False)
    with pytest.raises(ValueError, match="the environment lacks AWS_ACCESS_KEY_ID:"):
        signing.signer("s3", "eodata.dataspace.copernicus.eu")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    with pytest.raises(ValueError, match="the environment lacks AWS_S3_ENDPOINT"):
        signing.signer("s3")


def test_open_archives_have_web_addresses():
    with pytest.raises(ValueError, match=r"s3:// needs the option `signing: s3`"):
        signing.signer("none")("s3://bucket/B02.tif")
