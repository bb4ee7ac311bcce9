"""The command that serves: what it refuses before it starts, and how a job of it predicts."""

import json
import socket
import sys

import pytest

from rojsat.server import application, job_process, limits, served_model
from rojsat.stages import _model_to_serve, _served_job, predict, serve
from tests.support import map_scenes

WORDS = ["model=unet", "data=demo", "folder=maps"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "model=, folder=, data= missing"),
        ([*WORDS, "port=80"], "port=80: it takes a number from 1024"),
        ([*WORDS, "port=8²"], "port=8²"),
        ([*WORDS, "jobs=0"], "jobs=0: a whole number from 1 to 64"),
        ([*WORDS, "bytes=1e9"], "bytes=1e9: a whole number"),
        ([*WORDS, "host=0.0.0.0"], "hosts=NAME,NAME says by which names"),
        ([*WORDS, "host=192.0.2.1"], "cannot be listened on"),
        ([*WORDS, "tiles=boxes"], "tiles"),
        (["model=unet", "data=safe", "data.root=/nowhere", "folder=maps"], "data.root=/nowhere: there is no such"),
        ([*WORDS, "exp=demo"], "model= names what is applied"),
        (["model=unet", "data=demo", f"folder={__file__}"], "is a file: name a folder"),
    ],
)
def test_words_that_cannot_be_are_refused_before_a_model_is_loaded(words, message, monkeypatch):
    monkeypatch.setattr(_model_to_serve, "in_a_process", lambda *_, **__: pytest.fail("loads the model"))
    with pytest.raises(ValueError, match=message):
        serve.run(words)


def test_what_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr(serve, "PACKAGES", ("fastapi", "no_such_package"))
    with pytest.raises(ValueError, match=r"serving needs no_such_package: pip install 'rojsat\[geo,serve,track\]'"):
        serve.run(WORDS)


def test_a_port_in_use_is_refused():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(ValueError, match="cannot be listened on"):
            serve.run([*WORDS, f"port={listener.getsockname()[1]}"])


def test_a_dry_run_says_what_would_be_served(tmp_path, monkeypatch, capsys):
    described = served_model.describe("models:/made/1", "made", map_scenes.card(), ["data=demo"], None)
    monkeypatch.setattr(_model_to_serve, "in_a_process", lambda *_, **__: described)
    serve.run(["model=made", "data=demo", f"folder={tmp_path / 'maps'}", "port=8123"], dry=True)
    printed = capsys.readouterr().out
    assert "would serve http://127.0.0.1:8123" in printed and "R² 0.2; the best predictor without" in printed
    assert not (tmp_path / "maps").exists()


def test_jobs_get_the_model_as_it_was_at_the_start_and_the_options(tmp_path, monkeypatch):
    described = served_model.describe("models:/made/7", "made", map_scenes.card(), ["data=demo"], None)
    monkeypatch.setattr(_model_to_serve, "in_a_process", lambda *_, **__: described)
    calls = []
    monkeypatch.setattr(application, "build", lambda *words, **options: calls.append((words, options)))
    monkeypatch.setattr("uvicorn.Config", lambda *_, **__: None)
    monkeypatch.setattr("uvicorn.Server", lambda _: type("Server", (), {"run": lambda _: None})())
    words = ["model=models:/made@champion", "data=demo", f"folder={tmp_path}", "rank=degree", "hectares=7"]
    serve.run([*words, "hosts=maps.example.org"])
    ((folder, model, job_words, limited), options) = calls[0]
    assert job_words == ["model=models:/made/7", "data=demo", "rank=degree"] and limited.hectares == 7
    assert options["hosts"] == ["127.0.0.1", "maps.example.org"] and folder == tmp_path and model is described


def test_a_job_goes_on_and_starts_again_where_the_code_has_changed(tmp_path, monkeypatch):
    out, kept = tmp_path / "map", tmp_path / "map" / "cells" / "0_0_0.npz"
    monkeypatch.setattr(predict, "run", lambda *_: kept.parent.mkdir(parents=True, exist_ok=True))
    words = ["model=made", f"out={out}"]
    _served_job.run(words)
    for code, stays in ((_served_job.map_making.code(), True), ("older", False)):
        kept.write_bytes(b"")
        (out / "map.json").write_text(json.dumps({"code": code}))
        _served_job.run(words)
        assert kept.exists() == stays


def test_a_job_that_cannot_be_says_why_in_its_last_line(tmp_path, monkeypatch, capsys):
    def refuses(*_):
        raise ValueError("no scene covers\nany of 1 outlines")

    monkeypatch.setattr(predict, "run", refuses)
    monkeypatch.setattr(_served_job, "_end_with_the_server", lambda: None)
    monkeypatch.setattr(sys, "argv", ["job", f"out={tmp_path / 'map'}"])
    with pytest.raises(SystemExit) as status:
        _served_job.main()
    assert status.value.code == 2
    sentence = job_process.plain(capsys.readouterr().err.splitlines()[-1])
    assert sentence == "no scene covers any of 1 outlines"


def test_every_limit_is_a_key_with_its_meaning():
    assert set(limits.meanings()) <= set(serve.COMMAND.keys) and "at most so many hectares" in serve.COMMAND.usage()
