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
from omegaconf import DictConfig

from rojsat import audit, bands, config, edges, pictures, recipes, results
from rojsat.chips import Chips
from rojsat.edges import Degrees, Images, Predict
from rojsat.figures import edges as drawn
from rojsat.figures import maps
from rojsat.tracking import registry

PARTS = {"train": "images trained on", "test": "images never seen"}


@dataclass
class Found:
    """What one part of the data shows.

    Attributes:
        profiles: by frame, see `edges.profile`, summed over all images.
        kept: by frame, spots of the first frame that are spots in this one too.
        first: spots in the first frame.
    """

    profiles: dict[str, pd.DataFrame] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    first: int = 0


def run(experiment: DictConfig) -> None:
    """Write `edges.json` and `edges.png` into the experiment's report folder `reports/<name>/edges/`.

    Raises:
        ValueError: if the experiment is none of segmentation by a network, or its network is not in MLflow.
    """
    if experiment.task != "segmentation" or experiment.model.name == "hist_gradient_boosting":
        raise ValueError(f"{experiment.exp} has no network that predicts maps; edges are looked at for segmenters")
    report = config.report(experiment)
    predict = _predictor(experiment, report)
    chips = Chips(recipes.folder("chips", experiment))
    split = {part: results.read_predictions(report, part).rows for part in PARTS}
    found, example = {part: Found() for part in PARTS}, _Example()
    for part, rows in split.items():
        for group in _groups(rows):
            _look(found[part], example, chips, group, predict, experiment)
    place = report / "edges"
    place.mkdir(exist_ok=True)
    _draw(found, example).savefig(place / "edges.png")
    results.write_json(place / "edges.json", {"text": _text(found), "table": _table(found)})


def _predictor(experiment: DictConfig, report: Path) -> Predict:
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
    found: Found, example: _Example, chips: Chips, rows: pd.DataFrame, predict: Predict, experiment: DictConfig
) -> None:
    """Predict the images of one window in every frame and add up their spots."""
    height, width = (int(rows[name].iloc[0]) for name in ("height", "width"))
    names, role = list(experiment.inputs.channels), str(experiment.inputs.role)
    seen = np.stack([chips.seen(chip) for chip in rows["chip"]])[:, :height, :width]
    images = np.stack([chips.channels(chip, names) for chip in rows["chip"]])[..., :height, :width]
    images = np.where(seen[:, None], images, np.float32("nan"))
    masks = np.stack([chips.mask(chip) for chip in rows["chip"]])[:, :height, :width]
    predicted = {name: frame(predict, images, chips.size(role)) for name, frame in edges.FRAMES.items()}
    spots = {name: edges.spots(plane, masks) for name, plane in predicted.items()}
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
    if int(near[best]) >= example.spots:
        row = rows.iloc[best]
        image = maps.stretch(pictures.true_colour(chips, row["chip"])[:, :height, :width], seen[best])
        example.spots, example.title = int(near[best]), f"region {row['region']}, {row['date']}"
        example.pixel = float(bands.GRID * audit.ground(row["crs"], row["northing"]))
        planes = {name: np.where(seen[best], plane[best], np.nan) for name, plane in predicted.items()}
        example.planes = {"image": image, "mask": masks[best], **planes}


def _draw(found: Mapping[str, Found], example: _Example) -> Any:
    profiles = {PARTS[part]: one.profiles for part, one in found.items()}
    return drawn.spots(profiles, example.planes, example.title, example.pixel)


def _table(found: Mapping[str, Found]) -> dict[str, Any]:
    """Columns and rows of numbers, a row a part and frame."""
    columns = ["part", "frame", f"spots within {edges.NEAR} px of the edge", f"spots {edges.FAR} px or more inside"]
    rows = []
    for part, one in found.items():
        for name, table in one.profiles.items():
            near, far = edges.share(table, high=edges.NEAR), edges.share(table, low=edges.FAR)
            kept = one.kept[name] / one.first if one.first else float("nan")
            rows.append([PARTS[part], drawn.FRAMES[name][0], *(round(value, 4) for value in (near, far, kept))])
    return {"columns": [*columns, "spots of the first frame that stay"], "rows": rows}


def _text(found: Mapping[str, Found]) -> list[str]:
    """What the numbers say, in sentences."""
    said = [
        f"A spot is a pixel without need in the mask whose predicted degree is {edges.HIGH} or more. "
        "Shares are of the pixels without need at that distance, so that masks which are empty near edges count fairly."
    ]
    for part, one in found.items():
        near = edges.share(one.profiles["padded"], high=edges.NEAR)
        far = edges.share(one.profiles["padded"], low=edges.FAR)
        said.append(
            f"{PARTS[part].capitalize()}: {near:.1%} of the pixels within {edges.NEAR} px of the edge are spots, "
            f"{far:.1%} of those {edges.FAR} px or more inside: {'more' if near > far else 'not more'} near the edge."
        )
        if not one.first:
            continue
        kept = {name: count / one.first for name, count in one.kept.items()}
        said.append(
            f"Of all spots {kept['shifted']:.0%} stay when the image is moved by {edges.SHIFT} pixels, "
            f"{kept['bare']:.0%} when nothing is padded, "
            f"{kept['mirrored']:.0%} when its mirror image stands around it. {_cause(kept)}"
        )
    return said


MADE_BY_FRAME = 0.5
"""Share of spots that stay, below which the frame is said to make them."""


def _cause(kept: Mapping[str, float]) -> str:
    """The cause that the shares of spots that stay speak for."""
    moved = [name for name in ("shifted", "bare", "mirrored") if kept[name] < MADE_BY_FRAME]
    reasons = {
        "shifted": "where the image lies on the network's coarse grid (its output stride)",
        "bare": "the padding to the common size",
        "mirrored": "the zeros that the network itself pads with",
    }
    if not moved:
        return "The frame does not make them: they come with what the image shows there."
    return f"They depend on {' and on '.join(reasons[name] for name in moved)}."


if __name__ == "__main__":
    config.command(run, "rojsat.stages.edges")
