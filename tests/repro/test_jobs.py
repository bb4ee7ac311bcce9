"""Commands side by side: order, one line each, failures."""

import sys

import pytest

from rojsat.repro import jobs
from rojsat.repro.jobs import FailedJobError, Job


def python(name, code, *after):
    return Job(name, (sys.executable, "-c", code), frozenset(after))


def test_a_job_starts_after_those_that_it_waits_for_and_tells_its_output_to_the_log(tmp_path, capsys):
    file = tmp_path / "order"
    write = f"open({str(file)!r}, 'a').write"
    listed = [python("last", f"{write}('c')", "first", "second"), python("second", f"{write}('b')", "first")]
    listed.append(python("first", f"{write}('a'); print('hello')"))
    finished = []
    jobs.run(listed, 2, tmp_path / "log.txt", finished=lambda outcome: finished.append(outcome.job.name))
    assert file.read_text() == "abc"
    assert finished == ["first", "second", "last"]
    assert [line.split(" …")[0] for line in capsys.readouterr().out.splitlines()] == [
        "1/3 first",
        "2/3 second",
        "3/3 last",
    ]
    assert "first | hello\n" in (tmp_path / "log.txt").read_text()


STAMPED = """
import time
from pathlib import Path
start = time.time()
time.sleep(1)
Path({path!r}).write_text(f"{{start}} {{time.time()}}")
"""


def test_jobs_run_side_by_side_and_an_earlier_one_starts_first(tmp_path):
    names = ("a", "b", "c")
    jobs.run([python(name, STAMPED.format(path=str(tmp_path / name))) for name in names], 2, tmp_path / "log.txt")
    (_, end_a), (start_b, end_b), (start_c, _) = (map(float, (tmp_path / name).read_text().split()) for name in names)
    assert start_b < end_a
    assert start_c > min(end_a, end_b)


def test_a_failure_shows_the_output_and_nothing_that_waits_for_it_starts(tmp_path, capsys):
    listed = [python("bad", "print('no such band'); raise SystemExit(3)"), python("next", "open('never', 'w')", "bad")]
    with pytest.raises(FailedJobError, match=r"(?s)bad failed with status 3.*  no such band\n.*log\.txt\nread of bad"):
        jobs.run(listed, 1, tmp_path / "log.txt", advice=lambda name: f"read of {name}")
    output = capsys.readouterr().out
    assert "1/2 bad … FAILED with status 3" in output
    assert "next" not in output


def test_what_runs_beside_a_failure_comes_to_its_end(tmp_path, capsys):
    listed = [python("bad", "raise SystemExit(1)"), python("beside", "import time; time.sleep(1)"), python("later", "")]
    ended = []
    with pytest.raises(FailedJobError, match="bad"):
        jobs.run(listed, 2, tmp_path / "log.txt", finished=lambda outcome: ended.append(outcome.job.name))
    assert ended == ["beside"]
    assert "2/3 beside … " in capsys.readouterr().out


def test_jobs_outside_the_list_count_as_done(tmp_path):
    jobs.run([python("alone", "", "made yesterday")], 1, tmp_path / "log.txt")
