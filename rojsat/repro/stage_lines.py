"""Lines on commands that run side by side: one for each that is done; on a terminal also what runs and the time left.

Knows neither the commands nor what they are for.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self, TextIO

CLEAR = "\r\x1b[K"
"""What takes the last line of a terminal away."""

SLOWEST, FASTEST = 5.0, 0.2
"""How far the times of this machine may lie from the expected ones, as a factor: one odd command decides nothing."""


def duration(seconds: float) -> str:
    """A time in words: `33 s`, `4 min`, `1 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Progress:
    """Prints what has been done, and estimates how long the rest takes."""

    def __init__(
        self,
        after: Mapping[str, Sequence[str] | frozenset[str]],
        workers: int,
        *,
        expected: Mapping[str, float] | None = None,
        describe: Callable[[str], str] | None = None,
        is_listed: bool = True,
        stream: TextIO | None = None,
    ) -> None:
        """Nothing has started.

        Args:
            after: the names of all commands, and for each of those that must be done before it.
            workers: commands side by side.
            expected: seconds by name; without them no time left is named.
            describe: what came of a command that succeeded, in few words.
            is_listed: whether a command that is done has a line of its own.
            stream: where to print; None: standard output.
        """
        self._after, self._workers = after, workers
        self._expected, self._describe = expected or {}, describe or (lambda name: "")  # noqa: ARG005
        self._is_listed, self._stream = is_listed, stream or sys.stdout
        self._undone = dict.fromkeys(after)
        self._started: dict[str, float] = {}
        self._done, self._done_expected, self._ended = 0.0, 0.0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        if self.is_terminal:
            self._stream.write(CLEAR)  # the line on what runs
            self._stream.flush()

    @property
    def is_terminal(self) -> bool:
        """Whether a line can be taken away again."""
        return self._stream.isatty() and os.environ.get("TERM") != "dumb"

    def start(self, name: str) -> None:
        """A command has started."""
        self._started[name] = time.monotonic()

    def end(self, name: str, seconds: float, status: int = 0, *, is_cached: bool = False) -> None:
        """Print the line of a command that has come to its end.

        Args:
            name: of the command.
            seconds: that it took.
            status: its exit status.
            is_cached: whether it took its results from a cache, which tells nothing about the times of the others.
        """
        del self._started[name], self._undone[name]
        self._ended += 1
        if not is_cached:
            self._done += seconds
            self._done_expected += self._expected.get(name, 0.0)
        if not self._is_listed and not status:
            return
        outcome = f"FAILED with status {status}" if status else self._describe(name)
        words = ", ".join(filter(None, [outcome, "from DVC's cache" if is_cached else "", duration(seconds)]))
        left = "" if status or not self._undone else self._left_words()
        number = f"{self._ended}/{len(self._after)} " if self._is_listed else ""
        self._print(f"{number}{spoken(name)} … {words}{f'; {left}' if left else ''}")

    def show(self) -> None:
        """Write over the last line of a terminal what runs now; elsewhere nothing."""
        if not self.is_terminal:
            return
        now = time.monotonic()
        running = [f"{spoken(name)} {duration(now - start)}" for name, start in self._started.items()]
        text = "; ".join(filter(None, [f"running: {', '.join(running)}", self._left_words()])) if running else ""
        width = shutil.get_terminal_size().columns
        self._stream.write(f"{CLEAR}{text if len(text) < width else f'{text[: width - 2]}…'}")
        self._stream.flush()

    def left(self) -> float | None:
        """Seconds until all are done, None if unknown.

        The work shared by all workers, or the longest row of commands of which each waits for the one before. Expected
        times are multiplied by `_pace`.
        """
        if any(name not in self._expected for name in self._undone):
            return None
        now, pace = time.monotonic(), self._pace()
        seconds = {name: self._expected[name] * pace for name in self._undone}
        seconds |= {name: max(seconds[name] - (now - start), 0.0) for name, start in self._started.items()}
        rows: dict[str, float] = {}
        for name in sorted(seconds, key=lambda name: len(self._needed(name))):  # transitive: needed ones come first
            rows[name] = seconds[name] + max((rows[needed] for needed in self._needed(name)), default=0.0)
        return max([sum(seconds.values()) / self._workers, *rows.values()])

    def _pace(self) -> float:
        """How much slower than expected this machine is: by the commands that are done, and those that are late."""
        now = time.monotonic()
        late = [name for name, start in self._started.items() if now - start > self._expected[name]]
        seconds = self._done + sum(now - self._started[name] for name in late)
        expected = self._done_expected + sum(self._expected[name] for name in late)
        return min(max(seconds / expected, FASTEST), SLOWEST) if expected else 1.0

    def _needed(self, name: str) -> list[str]:
        """Those that must still be done before a command."""
        return [needed for needed in self._after[name] if needed in self._undone]

    def _left_words(self) -> str:
        left = self.left()
        return "" if left is None else f"about {duration(left)} left" if left >= 1 else "a moment left"

    def _print(self, text: str) -> None:
        self._stream.write(f"{CLEAR if self.is_terminal else ''}{text}\n")
        self._stream.flush()


def spoken(name: str) -> str:
    """The name of a stage of `dvc.yaml` as a line has it: `train@unet_roi6` is train unet_roi6."""
    return name.replace("@", " ")
