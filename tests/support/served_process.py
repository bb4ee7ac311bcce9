"""`python -m tests.support.served_process FOLDER PORT SCENES`: a server whose jobs are those of `served_job`."""

import functools
import sys
from pathlib import Path

import uvicorn

from rojsat.server import application, job_process
from rojsat.server.limits import Limits
from tests.support import served

if __name__ == "__main__":
    root, port, scenes = sys.argv[1:]
    job = functools.partial(job_process.run, command=[sys.executable, "-m", "tests.support.served_job"])
    built = application.build(Path(root), served.model(), [f"model={scenes}"], Limits(), run=job)
    uvicorn.run(built, port=int(port), log_level="warning")
