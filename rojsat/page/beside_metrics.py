"""What stands beside a metric in every table: prevalence, and the best predictor without an image."""

import math
from collections.abc import Mapping
from typing import Any

from rojsat.config import metric_names
from rojsat.page.html import Cell

COLUMNS = ("best without an image", "gain over it")

NOT_EVALUATED = "not kept"

NOTE = (
    "Best without an image: the predictor that sees no pixel with the highest R² (of classes: accuracy) on the same "
    "test part; the gain over it has its 95 % interval below, over regions, and none where there are fewer than five. "
    f"{NOT_EVALUATED.capitalize()}: this result was kept before such predictors were evaluated, without the masks that "
    "they are fitted to; its command trains it again and evaluates them. Beside it stand two that need no fit: R² 0 of "
    "the mean of the tested pixels, and the prevalence, the IoU of need everywhere."
)

_VERDICTS = {True: "better", False: "worse", None: "undecided"}


def cells(summary: Mapping[str, Any]) -> list[Cell]:
    """Cells of `COLUMNS` for a run, from its `summary.json`."""
    best, gain = summary.get("best_without_image"), summary.get("gain", {})
    if best is None or "value" not in gain:
        return [Cell(NOT_EVALUATED), Cell(NOT_EVALUATED)]
    value = summary["without_image"][best].get(gain["metric"])
    label = metric_names.without_image(best, summary["task"], summary.get("frame", "box"))
    interval = f"{_two_digits(gain['low'])} to {_two_digits(gain['high'])}" if "low" in gain else ""
    beats = summary.get("beats")
    tone = "" if beats is None else "good" if beats else "bad"
    return [
        Cell(NOT_EVALUATED if value is None else _two_digits(value), label),
        Cell(f"{round(gain['value'], 2) + 0.0:+.2f}", "\n".join(filter(None, [interval, _VERDICTS[beats]])), tone=tone),
    ]


def _two_digits(value: float) -> str:
    """No minus before 0.00."""
    return f"{round(value, 2) + 0.0:.2f}"


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
