"""Items that no later request makes usable: a few of many are left out with a warning, more are an error."""

import logging
import threading
from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

SHARE = 0.2
"""Share of the items that may be unusable: with more of them something else is wrong than single items."""

_NAMED = 5
"""Items that a message names; of more it says how many."""


class UnusableItemError(ValueError):
    """An item, or what it links to, is not what it must be, and will not be however often it is asked for."""


class UnusableItems:
    """The unusable ones of some items, and why; threads may add to it at once."""

    def __init__(self, total: int, share: float) -> None:
        """Start with none.

        Args:
            total: number of all items.
            share: of them that may be unusable; above 0 one always may.
        """
        self._total = total
        self._most = max(1, int(total * share)) if share > 0 else 0
        self._reasons: dict[str, dict[int, str]] = {}
        self._lock = threading.Lock()

    def add(self, item: str, reason: str, place: int = 0) -> None:
        """Note that an item is unusable.

        Args:
            item: its id.
            reason: why.
            place: of the asset among those of the item: the reason of the first one is kept.

        Raises:
            ValueError: if too many are.
        """
        with self._lock:
            self._reasons.setdefault(item, {})[place] = reason
            reasons = self.reasons()
        if len(reasons) > self._most or len(reasons) == self._total:
            raise ValueError(
                f"{len(reasons)} of {self._total} items cannot be used, more than the option `unusable_share` admits: "
                f"{listed(reasons)}. With so many the archive, its collection, the credentials or the option "
                "`signing` is more likely to be wrong than single items. Items that are left out by "
                "`skip: [ID, …]` do not count"
            )

    def reasons(self) -> dict[str, str]:
        """Why each is unusable, by id, sorted."""
        return {item: places[min(places)] for item, places in sorted(self._reasons.items())}


def listed(reasons: Mapping[str, str]) -> str:
    """Some items with their reasons, in words."""
    texts = [f"{item} ({reason})" for item, reason in reasons.items()]
    return "; ".join(texts[:_NAMED]) + (f"; and {len(texts) - _NAMED} more" if len(texts) > _NAMED else "")


def warn(reasons: Mapping[str, str], used: Sequence[object]) -> None:
    """Warn of the items that are left out, if there are any."""
    if reasons:
        every = "; ".join(f"{item}: {reason}" for item, reason in reasons.items())
        log.warning(
            "%d items of the archive are left out because they cannot be used, %d are taken. %s. To leave one out "
            "without asking for it: data.options.skip: [ID]",
            *(len(reasons), len(used), every),
        )
