"""Evaluations over folds as their folders keep them: what each says, and the sums by region that it says it by."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rojsat.evaluation import region_moments

EVALUATION, MOMENTS, MADE_BY = "evaluation.json", "moments.csv", "run.json"
"""Files of an evaluation: all that it says; the sums of every region that it says it by; what differs by run."""


def moments_of(predictor: str) -> str:
    """The file of the sums of a predictor without an image."""
    return f"moments_{predictor}.csv"


@dataclass(frozen=True)
class KeptEvaluation:
    """An evaluation over folds.

    Attributes:
        folder: where it is kept.
        content: of its `evaluation.json`.
        label: what it is called beside others; empty: its name.
    """

    folder: Path
    content: Mapping[str, Any]
    label: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.label or str(self.content["name"])

    @property
    def task(self) -> str:
        """Classification or segmentation."""
        return str(self.content["task"])

    @cached_property
    def moments(self) -> Sequence[pd.DataFrame]:
        """Sums of every region, a table a seed."""
        return list(region_moments.read(self.folder / MOMENTS).values())

    @cached_property
    def moments_without_image(self) -> Sequence[pd.DataFrame]:
        """The same of the best predictor without an image; empty where they are not kept."""
        path = self.folder / moments_of(self.content["best_without_image"])
        return list(region_moments.read(path).values()) if path.exists() else []

    @property
    def reports(self) -> list[Path]:
        """Folders of the folds that have their predictions still, all seeds."""
        return [path.parents[1] for path in sorted(self.folder.glob("folds/*/predictions/test.npz"))]


def folders(root: Path) -> dict[str, Path]:
    """Folders with an evaluation by name; what was made here stands before what the repository keeps."""
    paths = [
        path for place in ("results", "reports") for path in (root / place / "evaluations").glob(f"*/{EVALUATION}")
    ]
    return {path.parent.name: path.parent for path in paths}


def read(folder: Path) -> KeptEvaluation:
    """Read an evaluation.

    Raises:
        FileNotFoundError: if the folder holds none.
        ValueError: if its sums by region are missing.
    """
    if not (folder / MOMENTS).exists():
        raise ValueError(f"{folder} has no {MOMENTS}: evaluate {folder.name} again, or `dvc pull`")
    return KeptEvaluation(folder, json.loads((folder / EVALUATION).read_text()))


def labelled(evaluations: Sequence[KeptEvaluation]) -> list[KeptEvaluation]:
    """The evaluations, called by what tells their names apart: without the words that all of them end in."""
    parts = [str(evaluation.content["name"]).split("_") for evaluation in evaluations]
    shared = 0
    while all(len(words) > shared + 1 for words in parts) and len({words[-1 - shared] for words in parts}) == 1:
        shared += 1
    return [
        replace(evaluation, label="_".join(words[: len(words) - shared]))
        for evaluation, words in zip(evaluations, parts, strict=True)
    ]


def unlike(first: KeptEvaluation, second: KeptEvaluation) -> list[str]:
    """What two evaluations do not share of what decides which pixels they were trained and tested on."""
    subjects = {"data_digest": "data", "split_digest": "split"}
    return [subject for key, subject in subjects.items() if first.content.get(key) != second.content.get(key)]


def shared_regions(first: KeptEvaluation, second: KeptEvaluation) -> list[str]:
    """Regions that both were tested on, with the same number of known pixels or samples."""
    counts = [
        pd.Series(region_moments.counts(evaluation.moments[0]), evaluation.moments[0].index)
        for evaluation in (first, second)
    ]
    both = counts[0].index.intersection(counts[1].index)
    same = np.equal(counts[0].loc[both].to_numpy(), counts[1].loc[both].to_numpy())
    return [str(region) for region in both[same]]
