"""A small repository of rojsat's shape: what DVC pushes, a fresh clone pulls, and nothing is trained again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support import dvc_commands
from tests.support.ports import free_port

pytestmark = pytest.mark.slow

pytest.importorskip("dvc")

PIPELINE = {
    "vars": [{"experiments": ["first", "second"]}],
    "stages": {
        "chips": {"cmd": "python chips.py", "deps": ["chips.py"], "outs": ["data/processed/toy"]},
        "train": {
            "matrix": {"exp": "${experiments}"},
            "cmd": "python train.py ${item.exp}",
            "deps": ["train.py", "data/processed/toy"],
            "outs": ["reports/quick/${item.exp}/predictions"],
            "metrics": [{"reports/quick/${item.exp}/metrics.json": {"cache": False, "persist": True}}],
            "plots": [{"reports/quick/${item.exp}/history.csv": {"cache": False, "persist": True, "x": "epoch"}}],
        },
    },
}

CHIPS = """
from pathlib import Path
place = Path("data/processed/toy")
place.mkdir(parents=True)
(place / "index.csv").write_text("chip,region\\n1,5\\n")
(place / "c0").write_bytes(bytes(range(256)))
"""

TRAIN = """
import json, sys, time, uuid
from pathlib import Path
name, start = sys.argv[1], time.time()
report = Path("reports/quick") / name
(report / "predictions").mkdir(parents=True, exist_ok=True)
data = sum(Path("data/processed/toy/c0").read_bytes())
Path(f"started_{name}").touch()
deadline = time.monotonic() + 60
while len(list(Path().glob("started_*"))) < 2 and time.monotonic() < deadline:
    time.sleep(0.05)  # until the other one trains too
(report / "predictions" / "test.npz").write_bytes(name.encode())
(report / "metrics.json").write_text(json.dumps({"test": {"r2": data / 1e5}}))
(report / "history.csv").write_text("epoch,val/loss\\n1,0.5\\n2,0.25\\n")
(report / "run.json").write_text(json.dumps({"run": uuid.uuid4().hex}))
with open("trained.txt", "a") as file:
    print(name, start, time.time(), file=file)
"""

SIDE_BY_SIDE = """
from pathlib import Path
from rojsat.repro import quick
quick.run(Path.cwd(), ["train@first", "train@second"], 2, Path("log.txt"))
"""

ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": str(Path(__file__).parents[1]),
    "DVC_NO_ANALYTICS": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
}


def call(folder, program, *words):
    if program == "dvc":
        return dvc_commands.call(folder, *words, environment=ENVIRONMENT)
    done = subprocess.run([program, *words], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A repository whose pipeline has run and is committed, the two experiments trained side by side."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in {"chips.py": CHIPS, "train.py": TRAIN, "dvc.yaml": yaml.safe_dump(PIPELINE)}.items():
        (folder / name).write_text(text)
    (folder / ".gitignore").write_text(
        "/data\n/trained.txt\n/started_*\n/log.txt\n/reports/quick/*/predictions\n/reports/quick/*/run.json\n"
    )
    call(folder, "git", "init", "-q")
    call(folder, "dvc", "init", "-q")
    call(folder, sys.executable, "-c", SIDE_BY_SIDE)
    call(folder, "git", "add", ".")
    call(folder, "git", "commit", "-qm", "Results")
    return folder


def trained(folder):
    path = folder / "trained.txt"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def pulled(project, tmp_path):
    """A fresh clone that pulls everything."""
    clone = tmp_path / "clone"
    call(tmp_path, "git", "clone", "-q", str(project), str(clone))
    (clone / ".dvc" / "config.local").write_bytes((project / ".dvc" / "config.local").read_bytes())
    assert not (clone / "data").exists()
    call(clone, "dvc", "pull")
    return clone


def check(project, clone):
    """Everything is there and up to date; nothing was trained."""
    assert json.loads(call(clone, "dvc", "status", "--json")) == {}
    assert "up to date" in call(clone, "dvc", "repro")
    assert trained(clone) == []
    for name in ("first", "second"):
        files = [root / "reports/quick" / name / "predictions/test.npz" for root in (project, clone)]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert (clone / "data/processed/toy/c0").read_bytes() == (project / "data/processed/toy/c0").read_bytes()


def test_stages_trained_side_by_side_are_all_in_the_lock(project):
    (_, start, end), (_, begin, stop) = trained(project)
    assert float(begin) < float(end)
    assert float(start) < float(stop)
    assert json.loads(call(project, "dvc", "status", "--json")) == {}
    locked = yaml.safe_load((project / "dvc.lock").read_text())["stages"]
    assert {"chips", "train@first", "train@second"} == set(locked)


def test_a_clone_pulls_data_and_results_from_a_folder_and_trains_nothing(project, tmp_path):
    call(project, "dvc", "remote", "add", "--local", "-f", "-d", "store", str(tmp_path / "store"))
    call(project, "dvc", "push")
    check(project, pulled(project, tmp_path))


def test_a_clone_pulls_data_and_results_from_s3_and_trains_nothing(project, tmp_path, monkeypatch):
    server_module, boto3 = pytest.importorskip("moto.server"), pytest.importorskip("boto3")
    pytest.importorskip("dvc_s3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
        monkeypatch.setitem(ENVIRONMENT, name, "test")
    port = free_port()
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        url = f"http://127.0.0.1:{port}"
        boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket="rojsat")
        call(project, "dvc", "remote", "add", "--local", "-f", "-d", "store", "s3://rojsat/cache")
        call(project, "dvc", "remote", "modify", "--local", "store", "endpointurl", url)
        call(project, "dvc", "push")
        check(project, pulled(project, tmp_path))
    finally:
        server.stop()
