"""What stands beside a metric in every table: prevalence, and the best predictor without an image."""

import math
from collections.abc import Mapping
from typing import Any

from rojsat.config import metric_names
from rojsat.page.html import Cell

COLUMNS = ("best without an image", "gain over it")

NOT_EVALUATED = "—"

NOTE = (
    "Best without an image: the predictor that sees no pixel with the highest R² (of classes: accuracy) on the same "
    "test part; the gain over it has its 95 % interval below, over regions, and none where there are fewer than five. "
    f"{NOT_EVALUATED}: not evaluated when the result was kept; its command evaluates it."
)

_VERDICTS = {True: "better", False: "worse", None: "undecided"}


def cells(summary: Mapping[str, Any]) -> list[Cell]:
    """Cells of `COLUMNS` for a run, from its `summary.json`."""
    best, gain = summary.get("best_without_image"), summary.get("gain", {})
    if best is None or "value" not in gain:
        return [Cell(NOT_EVALUATED), Cell(NOT_EVALUATED)]
    value = summary["without_image"][best].get(gain["metric"])
    label = metric_names.without_image(best, summary["task"], summary.get("frame", "box"))
    interval = f"{gain['low']:.3f} to {gain['high']:.3f}" if "low" in gain else ""
    beats = summary.get("beats")
    tone = "" if beats is None else "good" if beats else "bad"
    return [
        Cell(NOT_EVALUATED if value is None else f"{value:.3f}", label),
        Cell(f"{gain['value']:+.3f}", "\n".join(filter(None, [interval, _VERDICTS[beats]])), tone=tone),
    ]


def prevalence(metrics: Mapping[str, float]) -> float:
    """Share of need in the pixels or samples that metrics are of; NaN where it does not follow from them.

    Results of before it was a metric have it all the same. With precision P, recall R and false positive rate F, the
    share p fulfils P = R p / (R p + F (1 - p)), and so p = P F / (R (1 - P) + P F).
    """
    if "prevalence" in metrics:
        return metrics["prevalence"]
    if "support_need" in metrics:
        return metrics["support_need"] / (metrics["support_need"] + metrics["support_clear"])
    precision, recall, rate = (metrics.get(name, math.nan) for name in ("precision", "recall", "false_positive_rate"))
    divisor = recall * (1 - precision) + precision * rate
    return precision * rate / divisor if divisor else math.nan
