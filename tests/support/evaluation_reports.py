"""Evaluations over folds as `rojsat.evaluate` leaves them, made up."""

from rojsat.evaluation import report_files


def content(
    name, listed, r2, *, frame="window", position=-0.01, width=0.05, regions=27, beats=None, task="segmentation"
):
    """What `evaluation.json` holds; `beats` follows from the interval of the gain where it is None."""
    if task == "classification":
        return classified(name, listed, r2, regions)
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
        "reads": reads("r2", r2, constant=r2 if frame == "box" else 0.0),
    }


def classified(name, listed, accuracy, regions=120):
    """What `evaluation.json` of classifiers holds; split by dates, the size of the box tells the stand."""
    unseen = "folds=dates" not in listed.words
    best, blind = ("constant", 0.6) if unseen else ("box_size", 1.0)
    gain = {"metric": "accuracy", "against": best, "value": accuracy - blind, "regions": regions}
    gain |= {"low": accuracy - blind - 0.05, "high": accuracy - blind + 0.05}
    return {
        "name": name,
        "exp": listed.experiment,
        "data": listed.data,
        "task": "classification",
        "seeds": [0, 1, 2],
        "regions": regions,
        "claims_unseen": unseen,
        "prevalence": 0.6,
        "metrics": {"accuracy": estimate(accuracy), "f1_macro": estimate(accuracy)},
        "without_image": {"constant": {"accuracy": estimate(0.6)}, "box_size": {"accuracy": estimate(blind)}},
        "best_without_image": best,
        "gain": gain,
        "beats": None if gain["low"] <= 0 <= gain["high"] else gain["low"] > 0,
    }


def reads(metric, value, constant=0.0):
    """What `reads` holds of a network that keeps `constant` of a metric where all channels are constant."""
    perturbed = {key: {metric: value / 2} for key in ("shuffled", "moved")} | {"constant": {metric: constant}}
    return {"intact": {metric: value}, **perturbed, "permuted": {"tci": {metric: -0.1}, "s2": {metric: 0.01}}}


def estimate(value):
    """A metric with an interval and a spread."""
    return {"value": value, "low": value - 0.04, "high": value + 0.04, "seed_spread": 0.01}


def leave(folder, **values):
    """Write `evaluation.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    report_files.write_json(folder / "evaluation.json", values)
