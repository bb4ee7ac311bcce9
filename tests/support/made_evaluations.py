"""Evaluations over folds as `rojsat.evaluate` leaves them, made up: no network is trained."""

import numpy as np
import pandas as pd

from rojsat.evaluation import pooling, region_moments, report_files

DATES = ("2019-07-01", "2019-08-15")


def leave(root, name, skill, *, seeds=(0,), regions=12, dates=DATES, predictions=True, kept="reports", **content):
    """Leave an evaluation whose model explains the share `skill` of each pixel's degree, a fold a region.

    Args:
        root: of the repository.
        name: of the evaluation.
        skill: 0 is the mean everywhere, 1 the truth.
        seeds: of the trainings.
        regions: how many.
        dates: that are tested.
        predictions: whether the folds keep theirs.
        kept: reports or results.
        content: of `evaluation.json`, beside its numbers.
    """
    folder = root / kept / "evaluations" / name
    tables = {seed: [] for seed in seeds}
    without_image = []
    for fold in range(regions):
        rows, target, known = region(fold)
        tested = rows["date"].isin(dates).to_numpy()
        rows, target, known = rows[tested], target[tested], known[tested]
        for seed in seeds:
            degree = 0.2 + skill * (target - 0.2) + np.random.default_rng([fold, seed]).normal(0, 0.05, target.shape)
            report = folder / "folds" / f"{fold}_seed{seed}"
            models = {"test": degree, "test_constant": np.full(target.shape, 0.2)}
            for part, prediction in models.items():
                arrays = {"prediction": prediction.astype(np.float32), "target": target, "known": known, "seen": known}
                moments = region_moments.of_predictions(report_files.Predictions(rows, **arrays), 0.15)
                (tables[seed] if part == "test" else without_image if seed == seeds[0] else []).append(moments)
                if predictions:
                    report.mkdir(parents=True, exist_ok=True)
                    report_files.write_predictions(report, part, rows, arrays)
    moments = {seed: region_moments.added(parts) for seed, parts in tables.items()}
    constant = {seeds[0]: region_moments.added(without_image)}
    folder.mkdir(parents=True, exist_ok=True)
    region_moments.write(folder / "moments.csv", moments)
    region_moments.write(folder / "moments_constant.csv", constant)
    about = {"name": name, "exp": "unet_roi6", "data": "ground", "data_digest": "d1", "split_digest": "s1"}
    about |= {"folds": "leave_one_region_out", "task": "segmentation", "model": "unet", "frame": "box"}
    about |= {"seeds": list(seeds), "claims_unseen": True, "study": f"{name}-folds"}
    about |= {"fold_count": regions, "threshold": 0.15}
    numbers = pooling.content(moments, {"constant": constant}, "segmentation")
    report_files.write_json(folder / "evaluation.json", about | numbers | content)
    return folder


def region(number):
    """Two dates of a region, in the upper-left corner of padded samples: rows, targets, known pixels."""
    rng = np.random.default_rng(number)
    height, width = 10 + number % 5, 12
    rows = pd.DataFrame({"region": str(number), "date": DATES, "cloud": [0.0, 0.4], "height": height, "width": width})
    rows["chip"] = rows["region"] + "/" + rows["date"]
    target = np.clip(rng.normal(rng.normal(0.1, 0.2), 0.35, (2, 16, 14)), 0, 1).astype(np.float32)
    known = np.zeros(target.shape, bool)
    known[:, :height, :width] = True
    return rows, target, known
