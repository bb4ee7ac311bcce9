"""Evaluations over folds as `rojsat.evaluate` leaves them, made up."""

from rojsat.evaluation import report_files


def content(
    name, listed, r2, *, frame="window", position=-0.01, width=0.05, regions=27, beats=None, task="segmentation"
):
    """What `evaluation.json` holds; `beats` follows from the interval of the gain where it is None."""
    best, blind = max(("constant", -0.002), ("position", position), key=lambda pair: pair[1])
    gain = {"metric": "r2", "against": best, "value": r2 - blind, "regions": regions}
    if regions >= 5:
        gain |= {"low": r2 - blind - width, "high": r2 - blind + width}
        held = gain["low"] <= 0 <= gain["high"]
        beats = beats if held or beats is not None else gain["low"] > 0
    return {
        "name": name,
        "exp": listed.experiment,
        "data": listed.data,
        "frame": frame,
        "task": task,
        "folds": "leave_one_region_out",
        "seeds": [0, 1, 2],
        "regions": regions,
        "claims_unseen": True,
        "prevalence": 0.55,
        "metrics": {"r2": estimate(r2), "iou": estimate(0.6 + r2 / 4)},
        "without_image": {
            "constant": {"r2": estimate(-0.002), "iou": estimate(0.55)},
            "all_need": {"r2": estimate(-8.2), "iou": estimate(0.55)},
            "position": {"r2": estimate(position), "iou": estimate(0.57)},
        },
        "best_without_image": best,
        "gain": gain,
        "beats": beats,
    }


def estimate(value):
    """A metric with an interval and a spread."""
    return {"value": value, "low": value - 0.04, "high": value + 0.04, "seed_spread": 0.01}


def leave(folder, **values):
    """Write `evaluation.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    report_files.write_json(folder / "evaluation.json", values)
