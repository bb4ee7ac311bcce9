import json
import subprocess

from rojsat.config import provenance


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_commit_and_dirt(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-qm", "one")
    assert len(provenance.commit(tmp_path)) == 40
    assert not provenance.is_dirty(tmp_path)
    (tmp_path / "a").write_text("2")
    assert provenance.is_dirty(tmp_path)


def test_results_are_no_dirt_and_new_code_is(tmp_path):
    git(tmp_path, "init", "-q")
    for name in ("dvc.lock", "reports/a/metrics.json", "rojsat/a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    for name in ("dvc.lock", "reports/a/metrics.json", "notes"):
        (tmp_path / name).write_text("2")
    assert not provenance.is_dirty(tmp_path)
    (tmp_path / "rojsat" / "b.py").write_text("")
    assert provenance.is_dirty(tmp_path)


def test_outside_a_repository_there_is_no_commit(tmp_path):
    assert provenance.commit(tmp_path) == ""
    assert not provenance.is_dirty(tmp_path)


def test_digest_follows_contents_and_names(tmp_path):
    first_file, second_file = tmp_path / "one.py", tmp_path / "two.py"
    first_file.write_text("a")
    second_file.write_text("b")
    digest = provenance.digest([first_file, second_file])
    assert digest == provenance.digest([second_file, first_file])
    second_file.write_text("c")
    assert digest != provenance.digest([first_file, second_file])


def test_a_record_names_command_commit_and_versions(tmp_path):
    record = provenance.record(tmp_path)
    assert (record["commit"], record["dirty"]) == ("", False)
    assert record["command"].startswith("python ")
    assert {"python", "numpy", "torch", "mlflow"} <= set(record["versions"])
    json.dumps(record)


def test_the_processor_is_named_as_linux_names_it(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Fast 3000\n")
    assert provenance._processor(tmp_path / "cpuinfo") == "Fast 3000"
    assert provenance._processor(tmp_path / "none")
    assert provenance.hardware()["cores"] > 0
