"""Look for odd spots near the edges of images and for their cause.

Needs the trained network of the experiment's MLflow run. Trains nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from rojsat.chips import bands, boxes, roles
from rojsat.chips.reader import Chips
from rojsat.config import command, compose, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import edge_findings, edges, report_files
from rojsat.evaluation.edge_findings import PartSpots
from rojsat.evaluation.edges import Degrees, Images, Predict
from rojsat.figures import edge_spots, mask_marks, panels, png, true_colour
from rojsat.figures.mask_marks import MaskMarks
from rojsat.learn import choices
from rojsat.learn.learners.network import NetworkLearner
from rojsat.tracking import registry

COMMAND = Command("rojsat.stages.edges", __doc__, "exp=unet_roi6")

PARTS = {"train": "images trained on", "test": "test images", roles.CONTROL: "control areas without need"}
"""The parts and what the report calls them; every pixel of a control area without need counts as having none."""


def run(experiment: Experiment) -> None:
    """Write `edges.json` and `edges.png` into the experiment's report folder `reports/<name>/edges/`.

    Raises:
        ValueError: if the experiment has no network that predicts maps, its network sees no edge of a box, or is not in
            MLflow.
    """
    if choices.window(experiment.inputs) is not None:
        raise ValueError(
            f"{experiment.exp} shows its network windows without an edge of a box (inputs.frame=window); choose an "
            "experiment with inputs.frame=box"
        )
    if experiment.task != "segmentation" or choices.learner(experiment) is not NetworkLearner:
        raise ValueError(
            f"{experiment.exp} has no network that predicts maps, so that edges do not matter; choose an experiment of "
            "segmentation by a network, such as unet_roi6"
        )
    report = compose.report_folder(experiment)
    predict, chips = _predictor(experiment, report), Chips(recipes.folder("chips", experiment))
    parts, example = {part: PartSpots() for part in PARTS if _is_predicted(report, part)}, Example()
    for part, spots in parts.items():
        for window in _windows(report, part):
            images = _read(chips, window, experiment.inputs.channels)
            predicted = edges.predict_framed(predict, images.channels, _largest(chips, window["role"].iloc[0]))
            spots.add(predicted, images.masks)
            if part != roles.CONTROL:
                example.update(chips, window, images, predicted)
    _write(report / "edges", parts, example)


def _is_predicted(report: Path, part: str) -> bool:
    """Whether the run predicted the part: a data set need not have control areas."""
    return part != roles.CONTROL or (report / "predictions" / "control.npz").exists()


def _predictor(experiment: Experiment, report: Path) -> Predict:
    """The network that MLflow has of the run.

    Raises:
        ValueError: if the run was made elsewhere, or its network is not kept.
    """
    again = f"`python -m rojsat.run exp={experiment.exp}` trains it here"
    if not (report / "run.json").exists():
        raise ValueError(
            f"{report.relative_to(compose.ROOT)} has no run.json, which names the run in MLflow that has the network: "
            f"neither is an output of DVC, so that dvc pull gives neither; {again}"
        )
    recorded = json.loads((report / "run.json").read_text())
    version = registry.of_run(recorded["model"], recorded["run"]) if "model" in recorded else None
    if version is None:
        raise ValueError(f"the network of run {recorded['run']} is not in MLflow; {again}")
    model, names = registry.load(version)

    def predict(images: Images) -> Degrees:
        batch = images if len(images) > 1 else images.repeat(2, axis=0)  # exported for batches, not for single images
        channels = {name: np.ascontiguousarray(batch[:, number]) for number, name in enumerate(names)}
        return np.clip(model(channels), 0, 1)[: len(images)]

    return predict


def _windows(report: Path, part: str) -> Iterator[pd.DataFrame]:
    """The chips of each window of a part, all of one size, which a network takes together."""
    rows = report_files.read_predictions(report, part).rows
    if part == roles.CONTROL:
        rows = rows[rows["label"] != roles.NEED]
    for _, window in rows.groupby(["region", "row", "col"], sort=True):
        yield window


def _largest(chips: Chips, role: str) -> tuple[int, int]:
    """Height and width to which the boxes of a role are padded in training."""
    height, width = chips.size(role)
    around = chips.index.loc[chips.index["role"] == role, ["box_row", "box_col"]].max()
    return height - 2 * int(around["box_row"]), width - 2 * int(around["box_col"])


@dataclass(frozen=True)
class _Images:
    """The images of one window, without padding: channels (N, C, H, W), seen and masks (N, H, W)."""

    channels: Images
    seen: np.ndarray
    masks: Degrees


def _read(chips: Chips, rows: pd.DataFrame, names: list[str]) -> _Images:
    """Read the images of a window; unseen pixels are NaN, and -1 in masks."""
    down, across = boxes.inside(chips.read(rows["chip"].iloc[0]).row)
    seen = np.stack([chips.seen(chip) for chip in rows["chip"]])[:, down, across]
    channels = np.stack([chips.channels(chip, names) for chip in rows["chip"]])[..., down, across]
    if rows["role"].iloc[0] == roles.CONTROL:
        masks = np.where(seen, np.float32(0), np.float32(-1))
    else:
        masks = np.stack([chips.mask(chip) for chip in rows["chip"]])[:, down, across]
    return _Images(np.where(seen[:, None], channels, np.float32("nan")), seen, masks)


@dataclass
class Example:
    """The image with most spots near its edge.

    Attributes:
        spots: near its edge.
        title: region and date.
        pixel: its size on the ground, metres.
        panels: true colour (H, W, 3), mask and prediction in every frame (H, W), by name.
        marks: on the mask.
    """

    spots: int = -1
    title: str = ""
    pixel: float = float(bands.GRID)
    panels: dict[str, np.ndarray] = field(default_factory=dict)
    marks: MaskMarks = field(default_factory=MaskMarks)

    def update(self, chips: Chips, rows: pd.DataFrame, images: _Images, predicted: dict[str, Degrees]) -> None:
        """Take the image of a window with most spots near its edge, if it has more than this one."""
        first = next(iter(predicted.values()))
        near = edges.near_edge(edges.spots(first, images.masks))
        number = int(near.argmax())
        if int(near[number]) <= self.spots:
            return
        row, seen = rows.iloc[number], images.seen[number]
        down, across = boxes.inside(chips.read(row["chip"]).row)
        colours = true_colour.stretched(true_colour.read(chips, row["chip"])[:, down, across], true_colour.white(chips))
        self.spots, self.title = int(near[number]), f"region {row['region']}, {row['date']}"
        self.pixel = panels.pixel(row)
        height, width = colours.shape[:2]
        self.marks = mask_marks.of_store(chips, row["region"]).window(row["row"], row["col"], height, width)
        degrees = {name: np.where(seen, degree[number], np.nan) for name, degree in predicted.items()}
        self.panels = {"image": colours, "mask": images.masks[number], **degrees}


def _write(folder: Path, parts: dict[str, PartSpots], example: Example) -> None:
    """Write the figure, the table and the text."""
    titled = {PARTS[part]: spots for part, spots in parts.items()}
    profiles = {title: spots.profiles for title, spots in titled.items()}
    folder.mkdir(exist_ok=True)
    figure = edge_spots.spots(profiles, example.panels, example.title, example.pixel, example.marks)
    (folder / "edges.png").write_bytes(png.encode(figure))
    frames = {name: label for name, (label, *_) in edge_spots.FRAMES.items()}
    text, table = edge_findings.text(titled, parts["train"]), edge_findings.table(titled, frames)
    report_files.write_json(folder / "edges.json", {"text": text, "table": table})


if __name__ == "__main__":
    command.execute(run, COMMAND)
