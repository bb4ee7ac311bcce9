"""Stores that cannot be opened: MLflow's own words, and what to do."""

import getpass
import http.server
import json
import os
import pwd
import shutil
import sqlite3
import threading
from contextlib import closing

import mlflow
import pytest

from rojsat.tracking import recorder
from rojsat.tracking.store_errors import StoreError


@pytest.fixture
def store(tmp_path, tmp_path_factory, monkeypatch):
    """A store of its own, a copy of one that is made once: creating the database takes seconds."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    original, folder = tmp_path_factory.getbasetemp() / "openable", tmp_path / "mlruns"
    if not original.exists():
        monkeypatch.setattr(recorder, "STORE", original)
        recorder.connect("segmentation")
        mlflow.set_tracking_uri(None)  # MLflow sets the variable of the environment too
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(original, folder)
    monkeypatch.setattr(recorder, "STORE", folder)
    yield folder
    mlflow.set_tracking_uri(None)


def start():
    return recorder.start("segmentation", "unet", {}, {})


def test_a_deleted_experiment_is_named_with_the_command_that_restores_it(store):
    run = start()
    mlflow.MlflowClient().delete_experiment(run.experiment_id)
    with pytest.raises(StoreError) as raised:
        start()
    restore = f"MLFLOW_TRACKING_URI=sqlite:///{store}/mlflow.db mlflow experiments restore --experiment-id"
    assert f"`{restore} {run.experiment_id}`" in str(raised.value)
    mlflow.MlflowClient().restore_experiment(run.experiment_id)
    assert start().experiment_id == run.experiment_id


@pytest.mark.parametrize("address", ["file:{}", "file://{}", "{}", "mlruns"])
def test_a_store_of_files_is_refused_and_nothing_is_written_into_it(store, monkeypatch, address):
    folder = store / "files"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address.format(folder))
    with pytest.raises(StoreError, match=r"is a folder of files, .*sqlite:///FILE.*mlflow migrate-filestore"):
        start()
    assert not folder.exists()


def test_a_database_of_another_version_gives_the_words_of_mlflow_and_the_command(store, tmp_path, monkeypatch):
    other = tmp_path / "other" / "mlruns"  # MLflow keeps a database that it has opened
    shutil.copytree(store, other)
    with closing(sqlite3.connect(other / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000deadbeef'")
    monkeypatch.setattr(recorder, "STORE", other)
    with pytest.raises(StoreError) as raised:
        start()
    assert "Detected out-of-date database schema (found version 0000deadbeef" in str(raised.value)
    assert f"`mlflow db upgrade sqlite:///{other}/mlflow.db`" in str(raised.value)
    assert "does not answer" not in str(raised.value)


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers everything with `status`."""

    status = 200

    def do_GET(self):
        content = json.dumps({"error_code": "INTERNAL_ERROR", "message": "no"}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *words):
        """Say nothing."""


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, r"answers, but fails \(status 500\): its own log says why"),
        (503, r"is starting or overloaded \(status 503\); try again"),
        (401, r"refuses: INTERNAL_ERROR: no"),
        (None, "does not answer; start it, or unset MLFLOW_TRACKING_URI"),
    ],
)
def test_a_server_that_fails_is_distinguished_from_one_that_is_away(store, server, monkeypatch, status, words):
    monkeypatch.setattr(Answer, "status", status)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server if status else "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(StoreError, match=words):
        start()
    with pytest.raises(StoreError, match=words):
        recorder.find("0" * 32)


def test_a_user_without_a_name_is_a_number(store, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(number):
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises((KeyError, OSError)):
        getpass.getuser()
    assert mlflow.get_run(start().id).data.tags["mlflow.user"] == str(os.getuid())
