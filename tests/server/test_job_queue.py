import json
import sys
import threading
import time

import pytest

from rojsat.server import job_process
from rojsat.server.job_process import JobError, ServerEndsError
from rojsat.server.job_queue import JobQueue
from rojsat.server.job_store import DONE, FAILED, RUNNING, WAITING, JobStore
from rojsat.server.limits import Limits, RefusedError
from rojsat.server.requested_areas import CheckedArea

AREA = CheckedArea(outlines=1, hectares=2.5, geojson="{}")


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_an_accepted_job_is_there_after_a_restart_and_runs_first(tmp_path):
    store = JobStore(tmp_path)
    ids = [store.accept(AREA, ["model=a"]).id for _ in range(3)]
    store.update(ids[1], state=RUNNING)  # as a server leaves it that is killed
    (store.root / ".accepted.unfinished").mkdir()
    (store.root / "stray").mkdir()
    ran = []
    queue = JobQueue(JobStore(tmp_path), Limits(), lambda folder, *_: ran.append(folder.name))
    queue.start()
    until(lambda: len(queue.store.of_state(DONE)) == 3)
    queue.stop()
    assert ran == ids
    assert {job.state for job in JobStore(tmp_path).of_state(DONE, WAITING, RUNNING)} == {DONE}
    assert not (store.root / ".accepted.unfinished").exists()


def test_so_many_wait_and_so_many_are_kept(tmp_path):
    gate = threading.Event()
    queue = JobQueue(JobStore(tmp_path), Limits(waiting=2, kept=1), lambda *_: gate.wait(20))
    queue.start()
    first = queue.accept(AREA, [])
    until(lambda: queue.store.get(first.id).state == RUNNING)
    last = [queue.accept(AREA, []) for _ in range(2)][-1]
    assert queue.position(last) == 2
    with pytest.raises(RefusedError) as refusal:
        queue.accept(AREA, [])
    assert refusal.value.status == 429 and int(refusal.value.headers["Retry-After"]) > 0
    gate.set()
    until(lambda: not queue.store.of_state(WAITING, RUNNING))
    queue.stop()
    assert [job.id for job in JobStore(tmp_path).of_state(DONE)] == [last.id]
    assert [path.name for path in queue.store.root.iterdir()] == [last.id]


def test_a_job_that_fails_ends_no_other(tmp_path):
    def run(folder, words, *_):
        if words[0] == "fault":
            raise RuntimeError("of the server")
        if words[0] == "fails":
            raise JobError("no scene is of that day")

    queue = JobQueue(JobStore(tmp_path), Limits(), run)
    queue.start()
    jobs = [queue.accept(AREA, [word]) for word in ("fault", "fails", "works")]
    until(lambda: queue.store.get(jobs[-1].id).state == DONE)
    assert queue.is_alive()
    queue.stop()
    assert [queue.store.get(job.id).error for job in jobs] == [
        "a fault of the server: its log says more",
        "no scene is of that day",
        "",
    ]
    assert [queue.store.get(job.id).state for job in jobs] == [FAILED, FAILED, DONE] and not queue.is_alive()


def process(folder, code, stop=None, **limited):
    folder.mkdir(exist_ok=True)
    job_process.run(folder, ["model=m"], Limits(**limited), stop or threading.Event(), [sys.executable, "-c", code])


def test_a_process_gets_its_words_and_says_why_it_refuses(tmp_path):
    process(tmp_path / "a", "import sys; print(sys.argv[1:])")
    words = ["model=m", f"area={tmp_path}/a/area.geojson", f"out={tmp_path}/a/map"]
    assert (tmp_path / "a" / "log.txt").read_text() == f"{words}\n"
    sentence = f"python -m {job_process.MODULE}: /srv/x/area.geojson: no scene; see https://b.c/d"
    with pytest.raises(JobError, match=r"^area\.geojson: no scene; see https://b\.c/d$"):
        process(tmp_path / "a", f"print({sentence!r}); raise SystemExit(2)")
    with pytest.raises(JobError, match="status 1: a fault of rojsat's"):
        process(tmp_path / "a", "raise SystemExit(1)")


@pytest.mark.parametrize(
    ("code", "limited", "words"),
    [
        ("import time; time.sleep(60)", {"seconds": 1}, "longer than 1 s"),
        ("import time; kept = bytearray(b'1') * 2**26; time.sleep(60)", {"memory": 1}, "more than 1 GiB"),
    ],
)
def test_a_job_that_takes_too_much_is_killed(tmp_path, monkeypatch, code, limited, words):
    monkeypatch.setattr(job_process, "GIB", 2**26)
    start = time.monotonic()
    with pytest.raises(JobError, match=words):
        process(tmp_path / "a", code, **limited)
    assert time.monotonic() - start < 30


def test_a_server_that_ends_stops_its_job(tmp_path):
    stop = threading.Event()
    stop.set()
    with pytest.raises(ServerEndsError):
        process(tmp_path / "a", "import time; time.sleep(60)", stop)


def test_the_record_of_a_job_is_replaced_not_written_over(tmp_path):
    store = JobStore(tmp_path)
    job = store.accept(AREA, ["model=a", "data=b"])
    path = store.folder(job.id) / "job.json"
    before = path.stat().st_ino
    store.update(job.id, state=RUNNING)
    assert path.stat().st_ino != before and json.loads(path.read_text())["state"] == RUNNING
    assert JobStore(tmp_path).get(job.id).words == ("model=a", "data=b")
