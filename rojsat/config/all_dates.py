"""The word of `inputs.dates` for all dates of a region."""

from collections.abc import Sequence

ALL = "all"


def is_asked(dates: Sequence[str] | None) -> bool:
    """Whether `inputs.dates` is [all]."""
    return dates is not None and list(dates) == [ALL]
