"""Look for odd spots near the edges of images and for their cause: `python -m rojsat.stages.edges exp=NAME`.

Needs the trained network of the experiment's MLflow run. Trains nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rojsat.chips import bands
from rojsat.chips.reader import Chips
from rojsat.config import command, compose, recipes
from rojsat.config.schema import Experiment
from rojsat.evaluation import edges, report_files
from rojsat.evaluation.edges import Degrees, Images, Predict
from rojsat.figures import edge_spots, maps, panels
from rojsat.tracking import registry

PARTS = {"train": "images trained on", "test": "test images", "control": "control areas without need"}
"""Parts that are looked at; every pixel of a control area without need counts as having none."""

ENOUGH = 50
"""Spots below which their cause is not told."""

CHANGED = 2
"""Factor between shares of spots near the edge from which the frame is said to matter."""


@dataclass
class Found:
    """What one part of the data shows.

    Attributes:
        profiles: by frame, see `edges.profile`, summed over all images.
        kept: by frame, spots of the first frame that are spots in this one too.
        first: spots in the first frame.
        degrees: sum of the degrees of the masks and number of known pixels, by distance from the edge.
    """

    profiles: dict[str, pd.DataFrame] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    first: int = 0
    degrees: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"distance": [], "sum": [], "pixels": []}))

    def needed(self, *, low: int = 0, high: int | None = None) -> float:
        """Mean degree of the masks at distances in [low, high)."""
        rows = self.degrees[(self.degrees["distance"] >= low) & (self.degrees["distance"] < (high or np.inf))]
        return float(rows["sum"].sum() / rows["pixels"].sum())


def run(experiment: Experiment) -> None:
    """Write `edges.json` and `edges.png` into the experiment's report folder `reports/<name>/edges/`.

    Raises:
        ValueError: if the experiment is none of segmentation by a network, or its network is not in MLflow.
    """
    if experiment.task != "segmentation" or experiment.model.name == "hist_gradient_boosting":
        raise ValueError(f"{experiment.exp} has no network that predicts maps; edges are looked at for segmenters")
    report = compose.report_folder(experiment)
    predict = _predictor(experiment, report)
    chips = Chips(recipes.folder("chips", experiment))
    split = {part: report_files.read_predictions(report, part).rows for part in PARTS if _is_there(report, part)}
    if "control" in split:
        split["control"] = split["control"][split["control"]["label"] != "need"]
    found, example = {part: Found() for part in split}, _Example()
    for part, rows in split.items():
        for group in _groups(rows):
            _look(found[part], example, chips, group, predict, experiment)
    place = report / "edges"
    place.mkdir(exist_ok=True)
    _draw(found, example).savefig(place / "edges.png")
    report_files.write_json(place / "edges.json", {"text": _text(found), "table": _table(found)})


def _is_there(report: Path, part: str) -> bool:
    """Whether the run predicted the part: a data set need not have controls."""
    return part != "control" or (report / "predictions" / "control.npz").exists()


def _predictor(experiment: Experiment, report: Path) -> Predict:
    made = json.loads((report / "run.json").read_text())
    version = registry.of_run(made["model"], made["run"])
    if version is None:
        raise ValueError(f"the network of run {made['run']} is not in MLflow; train {experiment.exp} again")
    model, names = registry.load(version)

    def predict(images: Images) -> Degrees:
        twice = images if len(images) > 1 else images.repeat(2, axis=0)  # exported for batches, not for single images
        given = {name: np.ascontiguousarray(twice[:, place]) for place, name in enumerate(names)}
        return np.clip(model(given), 0, 1)[: len(images)]

    return predict


def _groups(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Chips of the same size, which a network takes together."""
    for _, group in rows.groupby(["region", "row", "col"], sort=True):
        yield group


@dataclass
class _Example:
    """The image with most spots near its edge, of those never seen if there is one."""

    spots: int = -1
    title: str = ""
    pixel: float = float(bands.GRID)
    planes: dict[str, np.ndarray] = field(default_factory=dict)


def _look(
    found: Found, example: _Example, chips: Chips, rows: pd.DataFrame, predict: Predict, experiment: Experiment
) -> None:
    """Predict the images of one window in every frame and add up their spots."""
    height, width = (int(rows[name].iloc[0]) for name in ("height", "width"))
    names, role = list(experiment.inputs.channels), str(rows["role"].iloc[0])
    seen = np.stack([chips.seen(chip) for chip in rows["chip"]])[:, :height, :width]
    images = np.stack([chips.channels(chip, names) for chip in rows["chip"]])[..., :height, :width]
    images = np.where(seen[:, None], images, np.float32("nan"))
    masks = np.stack([chips.mask(chip) for chip in rows["chip"]])[:, :height, :width]
    if role == "control":
        masks = np.where(seen, np.float32(0), np.float32(-1))
    predicted = {name: frame(predict, images, chips.size(role)) for name, frame in edges.FRAMES.items()}
    spots = {name: edges.spots(plane, masks) for name, plane in predicted.items()}
    away, known = np.broadcast_to(edges.distance(height, width), masks.shape), masks >= 0
    found.degrees = (
        pd.concat([found.degrees, pd.DataFrame({"distance": away[known], "sum": masks[known], "pixels": 1})])
        .groupby("distance", as_index=False)
        .sum()
    )
    first = next(iter(spots.values()))
    found.first += int(first.sum())
    for name, here in spots.items():
        table = edges.profile(here, masks)
        if name in found.profiles:
            table = pd.concat([found.profiles[name], table]).groupby("distance", as_index=False).sum()
        found.profiles[name] = table
        found.kept[name] = found.kept.get(name, 0) + int((first & here).sum())
    near = (first & (edges.distance(height, width) < edges.NEAR)).sum(axis=(1, 2))
    best = int(near.argmax())
    if int(near[best]) > example.spots and role != "control":
        row = rows.iloc[best]
        image = maps.stretch(panels.true_colour(chips, row["chip"])[:, :height, :width], seen[best])
        example.spots, example.title = int(near[best]), f"region {row['region']}, {row['date']}"
        example.pixel = panels.pixel(row)
        planes = {name: np.where(seen[best], plane[best], np.nan) for name, plane in predicted.items()}
        example.planes = {"image": image, "mask": masks[best], **planes}


def _draw(found: Mapping[str, Found], example: _Example) -> Any:
    profiles = {PARTS[part]: one.profiles for part, one in found.items()}
    return edge_spots.spots(profiles, example.planes, example.title, example.pixel)


def _table(found: Mapping[str, Found]) -> dict[str, Any]:
    """Columns and rows of numbers, a row a part and frame."""
    columns = ["images", "frame", "spots", f"within {edges.NEAR} px of the edge", f"{edges.FAR} px or more inside"]
    rows = []
    for part, one in found.items():
        for name, table in one.profiles.items():
            near, far = edges.share(table, high=edges.NEAR), edges.share(table, low=edges.FAR)
            kept = one.kept[name] / one.first if one.first else float("nan")
            shares = [round(value, 4) if np.isfinite(value) else None for value in (near, far, kept)]
            rows.append([PARTS[part], edge_spots.FRAMES[name][0], int(table["spots"].sum()), *shares])
    return {"columns": [*columns, "of the spots as in training, stay"], "rows": rows}


def _text(found: Mapping[str, Found]) -> list[str]:
    """What the numbers say, in sentences."""
    near, far = found["train"].needed(high=edges.NEAR), found["train"].needed(low=edges.FAR)
    said = [
        f"A spot is a pixel without need in the mask whose predicted degree is {edges.HIGH} or more. Shares are of the "
        "pixels without need at that distance from the edge, so that masks which are empty near edges count fairly.",
        f"The masks that were trained on have a mean degree of {near:.3f} within {edges.NEAR} px of the edge and of "
        f"{far:.3f} {edges.FAR} px or more inside.",
    ]
    for part, one in found.items():
        said += [f"{PARTS[part].capitalize()}: {sentence}" for sentence in _sentences(one)]
    return said


def _sentences(one: Found) -> Iterator[str]:
    """What a part shows: where its spots are, and what the frame has to do with it."""
    if one.first < ENOUGH:
        yield f"{one.first} spots in all, too few to say more."
        return
    near, far = (edges.share(one.profiles["padded"], **where) for where in ({"high": edges.NEAR}, {"low": edges.FAR}))
    yield (
        f"{near:.1%} of the pixels near the edge are spots, {far:.1%} of those inside: "
        f"spots are {'' if near > far else 'not '}more frequent near the edge."
    )
    kept = {name: count / one.first for name, count in one.kept.items()}
    yield (
        f"{kept['shifted']:.0%} of the spots stay when the image is moved by {edges.SHIFT} pixels (the network's "
        f"coarse grid), {kept['bare']:.0%} when nothing is padded, {kept['mirrored']:.0%} when its mirror image stands "
        "around it (the zeros that the network pads with inside)."
    )
    mirrored = edges.share(one.profiles["mirrored"], high=edges.NEAR)
    if max(near, mirrored) > CHANGED * min(near, mirrored):
        less = "fewer" if near < mirrored else "more"
        yield (
            f"in its mirror image {mirrored:.1%} near the edge are spots: the network knows the edge by what it pads "
            f"with, and puts {less} spots there than the image itself asks for."
        )


if __name__ == "__main__":
    command.execute(run, "rojsat.stages.edges")
