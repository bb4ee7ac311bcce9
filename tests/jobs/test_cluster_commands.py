"""One command on every worker of a cluster of processes, and which clusters are refused."""

import os
import signal
import threading
import time
from dataclasses import replace

import dask
import psutil
import pytest
from distributed import LocalCluster

from rojsat.jobs import cluster, cluster_commands, dask_work

pytestmark = pytest.mark.slow

SHARES = """
import os, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
print("threads", os.environ["OMP_NUM_THREADS"], os.getcwd(), flush=True)
def claim():
    for number in range(6):
        try:
            (folder / f"slot{number}").open("x").write(str(os.getpid()))
            return number
        except FileExistsError:
            pass
while (number := claim()) is not None:
    time.sleep(0.3)
    (folder / f"done{number}").touch()
while len(list(folder.glob("done*"))) < 6:
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def workers():
    """A cluster of two processes of two threads each."""
    patience = {"distributed.deploy.lost-worker-timeout": "5 minutes"}  # 15 s are too few for a restart under load
    with (
        dask.config.set(patience),
        LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as local,
    ):
        yield local


def run(workers, folder, program, *words):
    progress = []
    logs = folder / "logs"
    failed = cluster_commands.run(
        ["-c", program, *map(str, words)], workers.scheduler_address, folder, logs, lambda: progress.append(1)
    )
    assert progress
    return failed, [path.read_text() for path in sorted(logs.iterdir())]


def test_every_worker_runs_one_process_on_its_threads_in_the_shared_folder(workers, tmp_path):
    failed, logs = run(workers, tmp_path, SHARES, tmp_path)
    assert failed == []
    assert logs == [f"threads 2 {tmp_path}\n"] * 2
    assert len({path.read_text() for path in tmp_path.glob("slot*")}) == 2
    assert not list(tmp_path.glob("**/.*"))


def test_logs_of_processes_that_fail_are_named(workers, tmp_path):
    failed, logs = run(workers, tmp_path, "import sys; sys.exit('fold 2 of 3: no such thing')")
    assert [path.name for path in failed] == ["worker1.txt", "worker2.txt"]
    assert set(logs) == {"fold 2 of 3: no such thing\n"}


def test_processes_of_a_client_that_goes_away_are_ended(workers, tmp_path):
    program = "import os, sys, time; open(sys.argv[1] + f'/pid{os.getpid()}', 'x'); time.sleep(60)"

    def interrupt():
        if len(list(tmp_path.glob("pid*"))) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cluster_commands.run(
            ["-c", program, str(tmp_path)], workers.scheduler_address, tmp_path, tmp_path / "logs", interrupt
        )
    pids, end = [int(path.name[3:]) for path in tmp_path.glob("pid*")], time.monotonic() + 20
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(psutil.pid_exists, pids))


def test_a_worker_that_is_killed_is_replaced_and_its_process_ends(workers, tmp_path):
    program = (
        "import os, sys, time; from pathlib import Path; folder = Path(sys.argv[1])\n"
        "(folder / f'pid{os.getpid()}').write_text(str(os.getppid()))\n"
        "while len(list(folder.glob('pid*'))) < 3: time.sleep(0.05)\n"
    )

    def kill():
        while not list(tmp_path.glob("pid*")):
            time.sleep(0.05)
        first = next(tmp_path.glob("pid*"))
        while not first.read_text():
            time.sleep(0.01)
        os.kill(psutil.Process(int(first.read_text())).ppid(), signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    failed, logs = run(workers, tmp_path, program, tmp_path)
    killer.join()
    assert failed == []
    assert len(logs) == 3


def double(number):
    return 2 * number


def test_a_worker_that_cannot_do_the_work_is_refused_before_anything_starts(workers, tmp_path, monkeypatch):
    def refused(message, **more):
        with pytest.raises(ValueError, match=message):
            cluster_commands.run(
                ["-c", "pass"], workers.scheduler_address, tmp_path, tmp_path / "logs", lambda: None, **more
            )
        assert list((tmp_path / "logs").iterdir()) == []

    with monkeypatch.context() as patch:
        patch.setattr(cluster, "_code", lambda: "another")
        refused(r"worker tcp://\S+ on \S+ has rojsat's code \w+, here another: install the same there")
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "version", lambda package: "0.0.1")
        refused(r"has lightning-fabric [\d.]+, here 0.0.1|has albumentations [\d.]+, here 0.0.1")
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "_token", _elsewhere(cluster._token))
        refused(f"does not see {tmp_path} as this machine does: all machines must share the folder")
    with monkeypatch.context() as patch:
        patch.setattr(cluster.socket, "gethostname", lambda: "login1")
        refused("is not on this machine, login1: tune.storage is a file", only_here="tune.storage is a file")
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "_code", lambda: "another")
        with pytest.raises(ValueError, match="has rojsat's code"):
            dask_work.each(double, [1, 2], scheduler=workers.scheduler_address, workers=None, folders=[tmp_path])
    assert dask_work.each(double, [1, 2], scheduler=workers.scheduler_address, workers=None, folders=[tmp_path]) == [
        2,
        4,
    ]


def _elsewhere(token):
    """What a folder that another machine has under the same name looks like."""

    def other(folder):
        manager = token(folder)

        class Other:
            def __enter__(self):
                path, content = manager.__enter__()
                return path, f"not {content}"

            def __exit__(self, *error):
                return manager.__exit__(*error)

        return Other()

    return other


def test_a_worker_that_joins_later_is_looked_at_before_its_first_job(tmp_path):
    with cluster.expecting([tmp_path], ["numpy"]) as expected:
        cluster.confirm(expected)
        with pytest.raises(ValueError, match=r"a worker on \S+ has numpy [\d.]+, here 0.1"):
            cluster.confirm(replace(expected, versions=expected.versions | {"numpy": "0.1"}))
    with pytest.raises(ValueError, match="does not see"):
        cluster.confirm(expected)


def test_a_cluster_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", "1s")
    with pytest.raises(ValueError, match="no cluster answers at tcp://127.0.0.1:1 .*`dask scheduler` starts one"):
        cluster_commands.run(["-c", "pass"], "tcp://127.0.0.1:1", tmp_path, tmp_path / "logs", lambda: None)
