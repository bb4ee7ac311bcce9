"""An S3 server on this machine that can break connections."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import boto3
import pytest
import requests
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from rojsat.config import s3_client

BUCKET = "rojsat"


class Breaking:
    """The S3 server, of whose answers the next `breaks` to GETs of a key with `part` in it end in the middle.

    Attributes:
        breaks: how many.
        part: of the key.
    """

    def __init__(self) -> None:
        self.breaks, self.part = 0, ""
        self._app = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ, start_response):
        body = b"".join(self._app(environ, start_response))
        if environ["REQUEST_METHOD"] == "GET" and self.part in environ["PATH_INFO"] and self.breaks:
            self.breaks -= 1
            return self._half(body)
        return [body]

    def _half(self, body):
        yield body[: len(body) // 2]
        raise ConnectionAbortedError("in the middle")


@contextmanager
def served() -> Iterator[Breaking]:
    """The server of the environment, with an empty bucket `BUCKET`."""
    app = Breaking()
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            patch.setenv(name, "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", url := f"http://127.0.0.1:{server.server_port}")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        s3_client.forget()
        requests.post(f"{url}/moto-api/reset", timeout=10)  # all servers of a process have the same buckets
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield app
    s3_client.forget()
    server.shutdown()
