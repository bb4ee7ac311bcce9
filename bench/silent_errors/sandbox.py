"""A folder to try a mistake in: files of a user, and a repository for rojsat's commands, which run in this process."""

import contextlib
import importlib
import io
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rojsat.chips.reader import Chips
from rojsat.config import command, compose

NAME = "mine"
"""Of every data set."""

SERVER = "MLFLOW_TRACKING_URI"
"""Variable of the environment that names the store of runs."""


class StoppedError(Exception):
    """A command ended with another status than 0.

    Attributes:
        status: its exit status; 1 where it raised.
        text: all that was printed before.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status)
        self.status, self.text = status, text


class Sandbox:
    """A user's files and data set.

    Attributes:
        archive: folder of the user's files.
        root: the repository that commands work in.
        text: all that the commands printed, but what `inspect` reports of every data set.
    """

    def __init__(self, folder: Path) -> None:
        self.archive, self.root, self.text = folder / "archive", folder / "repository", ""
        self.archive.mkdir(parents=True)
        self.root.mkdir()

    @property
    def chips(self) -> Chips:
        """The chip store."""
        return Chips(self.root / "data" / "processed" / NAME)

    def make(self, words: Sequence[str], stages: Sequence[str] = ("raw", "masks", "chips")) -> None:
        """Run stages of the data set, as `python -m rojsat.stages.NAME` does.

        Raises:
            StoppedError: if one ends with another status than 0.
        """
        for stage in stages:
            self.call(f"rojsat.stages.{stage}", words)

    def call(self, module: str, words: Sequence[str]) -> None:
        """Run one command with words on its command line; for its errors see `make`."""
        printed = io.StringIO()
        status = 0
        with _at(self.root, printed, [f"python -m {module}", *words]):
            try:
                part = importlib.import_module(module)
                command.execute(part.run, part.COMMAND)
            except SystemExit as end:
                status = int(end.code or 0)
            except Exception:
                printed.write(traceback.format_exc())
                status = 1
        self.text += printed.getvalue()
        if status:
            raise StoppedError(status, self.text)

    def mean(self, region: str, band: str = "B04") -> float:
        """Mean reflectance of the seen pixels of a region's only chip.

        Raises:
            StoppedError: without a chip, with the reason that the store names.
        """
        seen = self.pixels(region, band)
        return float(seen.mean())

    def pixels(self, region: str, band: str = "B04") -> NDArray[np.float32]:
        """Reflectance of the seen pixels of a region's first chip, (n,)."""
        chips = self.chips
        rows = chips.index[chips.index["region"] == region]
        if not len(rows):
            reasons = chips.dropped.loc[chips.dropped["region"] == region, "reason"]
            raise StoppedError(2, "\n".join([self.text, *map(str, reasons)]))
        chip = chips.read(str(rows["chip"].iloc[0]))
        pixels: NDArray[np.float32] = chip.plane(band)[chip.seen()]
        return pixels

    def known(self, region: str) -> NDArray[np.float32]:
        """What the mask of a region holds, (h, w), -1 where unknown."""
        mask = self.chips.region_mask(region)
        if mask is None:
            raise StoppedError(2, self.text)
        return mask


@contextlib.contextmanager
def _at(root: Path, printed: io.StringIO, arguments: list[str]) -> Iterator[None]:
    """A repository, a command line, and everything printed and logged kept."""
    handler, logger = logging.StreamHandler(printed), logging.getLogger()
    before, server = (compose.ROOT, sys.argv), os.environ.get(SERVER)
    compose.ROOT, sys.argv = root, arguments
    logger.addHandler(handler)
    recorder = sys.modules.get("rojsat.tracking.recorder")
    if recorder is not None:
        recorder.STORE = root / "mlruns"
    try:
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("default")
            for unseen in (DeprecationWarning, PendingDeprecationWarning):  # as Python does where nobody asks
                warnings.simplefilter("ignore", unseen)
            yield
    finally:
        compose.ROOT, sys.argv = before
        if server is None:
            os.environ.pop(SERVER, None)  # MLflow writes the store that it is set to into it
        logger.removeHandler(handler)
