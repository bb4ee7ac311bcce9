"""Several downloads at once: the first failure, or Ctrl-C, ends them all; complete files stay."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from tqdm import tqdm

from rojsat.geo.servers.retries import Patience

J = TypeVar("J")
R = TypeVar("R")


def run(work: Callable[[J], R], jobs: Sequence[J], *, connections: int, patience: Patience, what: str) -> list[R]:
    """Work on all jobs; results in the order of the jobs, whatever finished first.

    Args:
        work: called in threads, with one job.
        jobs: what is to be done.
        connections: how many at once.
        patience: its event `stopped` is set when one fails, so that the others end soon.
        what: for the progress bar, which is shown only in a terminal.

    Raises:
        Exception: the first error of a job, or what interrupted the waiting.
    """
    with ThreadPoolExecutor(connections) as pool, tqdm(total=len(jobs), desc=what, unit="file", disable=None) as bar:
        futures = [pool.submit(work, job) for job in jobs]
        try:
            for future in as_completed(futures):
                future.result()
                bar.update()
        except BaseException:
            patience.stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in futures]
