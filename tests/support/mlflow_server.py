"""An MLflow server of the tests' own, that can be killed and started again on the same database."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tests.support.ports import free_port

SETTINGS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}


class Server:
    """`mlflow server` on a database; its address stays the same when it is started again."""

    def __init__(self, database, artifacts):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", database, "--workers", "1"]
        self.command += ["--artifacts-destination", str(artifacts), "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = None

    def start(self, timeout=120):
        """Start the server and wait, at most `timeout` seconds, until it answers."""
        environment = os.environ | SETTINGS
        environment.pop("MLFLOW_TRACKING_URI", None)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command, env=environment, start_new_session=True, **quiet)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            assert self.process.poll() is None, "the MLflow server ended at once"
            try:
                urllib.request.urlopen(f"{self.address}/health", timeout=5).close()
                return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        self.kill()
        raise AssertionError(f"the MLflow server did not answer within {timeout} s")

    def kill(self):
        """End the server and all its workers at once, as a machine that loses power."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
