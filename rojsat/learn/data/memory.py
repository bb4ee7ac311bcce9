"""Whether samples are kept in memory or streamed from the store: by their size, reported in one line."""

from dataclasses import dataclass

from rojsat.learn.data.stored_samples import StoredSamples

BUFFER = 1 / 8
"""Share of the samples that may be in memory that a block of an epoch is: two are there at once, and readings."""


@dataclass(frozen=True)
class Reading:
    """How samples are read.

    Attributes:
        is_streamed: from the store, ahead of need; else all at once.
        buffer: bytes of a block of an epoch that is streamed.
        words: what is chosen and why.
    """

    is_streamed: bool
    buffer: float
    words: str


def choose(stored: StoredSamples, gib: float, *, can_stream: bool) -> Reading:
    """Choose by size alone, so that the same experiment has the same order of samples on every machine.

    Args:
        stored: the samples.
        gib: most that they may take in memory, GiB.
        can_stream: whether what learns from them takes a stream.
    """
    size, buffer = len(stored) * stored.sample_bytes, BUFFER * gib * 2**30
    words = f"samples: {size / 2**30:.2g} GiB"
    if size <= gib * 2**30:
        return Reading(False, buffer, f"{words}, in memory")
    words += f", more than train.in_memory_gib={gib:g}"
    if not can_stream:
        return Reading(
            False, buffer, f"{words}, in memory all the same: networks alone, without inputs.negatives, take a stream"
        )
    count = int(buffer / stored.sample_bytes)
    return Reading(
        True,
        buffer,
        f"{words}: streamed from the store, {count:,} of {len(stored):,} mixed at a time; copies of pixels are looked "
        "for, and training is evaluated, on so many",
    )
