"""The model card of an exported model, Markdown: what it is worth, beside predictors without an image; how to use it.

Made from `summary.json`, the predictions of the run and the metadata of its model alone; the same run gives the same
text. Its sentences are those of the run's own report and of maps.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.config import metric_names
from rojsat.evaluation import bootstrap, gain, reading_table, region_moments, report_files, run_block
from rojsat.maps import map_summary
from rojsat.maps.model_card import ModelCard
from rojsat.maps.portable_texts import RasterBand

PARTS = {"train": "trained on", "val": "best epoch chosen on", "test": "tested on"}
"""Parts of a split, and what they are for."""

MOST_NAMED = 12
"""Regions or dates that are named; of more there is the number."""

OF_DATA = {
    "simulated": "simulated by rojsat, MIT; its spectra are statistics of modified Copernicus Sentinel data",
    "demo": "simulated by rojsat, MIT; its spectra are statistics of modified Copernicus Sentinel data",
    "beetle": "modified Copernicus Sentinel data with masks whose author names no licence (`docs/results.md`): ask the "
    "author before you pass the model on",
}
"""Licences of data sets by the beginning of their names, up to the first underscore."""


def licence(metadata: Mapping[str, Any], summary: Mapping[str, Any] | None) -> str:
    """Licences of code, data and weights, a sentence each."""
    data = str(metadata["map"].get("data", ""))
    of_data = OF_DATA.get(
        data.partition("_")[0],
        "images, where they are Sentinel-2: modified Copernicus Sentinel data, free to use with that notice; outlines "
        "and labels: whoever made them decides, rojsat knows no licence of them",
    )
    weights = (
        "not known, for the report of its run is not on this machine"
        if summary is None
        else "none, random initialisation"
    )
    weights = str((summary or {}).get("weights") or weights)
    return f"Code: rojsat, MIT. Data set {data}: {of_data}. Weights it started from: {weights}."


def bands(listed: Sequence[RasterBand]) -> list[str]:
    """The bands of the raster, a line each."""
    lines = []
    for number, band in enumerate(listed, start=1):
        shift = f" {band.offset:+g}" if band.offset else ""
        role = f" {band.role}" if band.role else ""
        lines.append(f"{number}. {band.name}{role}: {band.unit} = value in the raster x {band.scale:.6g}{shift}")
    return lines


def card(
    model: ModelCard,
    metadata: Mapping[str, Any],
    report: Path | None,
    listed: Sequence[RasterBand],
    *,
    parity: str,
    file: str,
) -> str:
    """The text.

    Args:
        model: what the model says of itself.
        metadata: of the MLflow model.
        report: folder of the report of its run; None where this machine has none.
        listed: bands of the raster that it takes.
        parity: how far it is from torch, in words.
        file: name of the ONNX file.
    """
    summary = None if report is None else report_files.read_summary(report)
    blocks = [
        f"# Model card: {model.run}",
        f"`{file}` predicts {model.target} of every pixel of 10 m. Above {model.threshold:g} a pixel counts as need.",
        "## What it is worth",
        f"{map_summary.verdict(model)} How sure: {map_summary.sure(model)}",
        *(
            _evaluated(report, summary, model.threshold)
            if report is not None and summary is not None
            else [_WITHOUT_REPORT]
        ),
        "## What it does not know",
        "\n".join(f"* {sentence}" for sentence in _failures(model, summary)),
        "## Input and output",
        _INPUT.format(roles=_roles(model)),
        "\n".join(bands(listed)),
        f"Checked when it was written: {parity}.",
        "## Use",
        _USE.format(file=file),
        "## Licence",
        licence(metadata, summary),
    ]
    return "\n\n".join(blocks) + "\n"


_WITHOUT_REPORT = "No report of its run is on the machine that wrote this card: there are no more numbers here."

_INPUT = """Input `channels` (N, C, H, W) float32, each channel in its own unit, unknown values NaN. Output `degree`
(N, 1, H, W) float32, NaN where no channel of a pixel is known; a pixel whose channels are all empty counts as unknown.
{roles} Channels, in sequence, with what a plugin multiplies the values of a raster by before:"""

_USE = """* rojsat: `rojsat predict model={file} data=NAME area=stands.gpkg out=map`, as with the run itself; it refuses
  scenes that the model was not made for.
* Python: `onnxruntime.InferenceSession("{file}").run(None, {{"channels": images}})`.
* QGIS, plugin Deepness 0.6 or newer: a file of one tile size (`tile=256` when it is exported), on a raster with the
  bands above in this sequence. Degrees of pixels without data are 0 there. Tiles without seams and intervals are of
  `rojsat predict` alone."""


def _roles(model: ModelCard) -> str:
    if not model.dates:
        return "One date."
    return f"Dates by their roles: {', '.join(model.roles)} (trained on {', '.join(model.dates)})."


def _evaluated(report: Path, summary: Mapping[str, Any], threshold: float) -> Iterator[str]:
    """Metrics with intervals beside those of predictors without an image, and the parts of the split."""
    yield "\n".join(_table(report, summary, threshold))
    yield f"In brackets: 95 % intervals over regions, where there are {bootstrap.MINIMUM} or more."
    if parts := list(_parts(report)):
        tested = f"Split by {summary['split']}: {summary['tested']['audit']}."
        yield "\n".join([tested, "", *parts])
    if "reads" in summary:
        yield f"What it reads: {reading_table.sentence(summary['reads'], summary['task'])}"
        yield "\n".join(reading_table.markdown(summary["reads"], summary["task"]))


def _table(report: Path, summary: Mapping[str, Any], threshold: float) -> Iterator[str]:
    """The run, then the predictors without an image on the same pixels."""
    task, frame = summary["task"], summary.get("frame", "box")
    names = [name for name in run_block.COLUMNS[task] if name in summary["test"]]
    rows = {"test": "this model"}
    rows |= {f"test_{name}": metric_names.without_image(name, task, frame) for name in summary["without_image"]}
    yield f"| | {' | '.join(metric_names.METRICS[name].label for name in names)} |"
    yield f"|{'---|' * (len(names) + 1)}"
    for part, label in rows.items():
        values = summary["test"] if part == "test" else summary["without_image"][part.removeprefix("test_")]
        moments = _moments(report, part, threshold, degree="r2" in summary["test"])
        cells = [f"{run_block.cell(name, values)}{_ends(moments, name)}" for name in names]
        yield f"| {label} | {' | '.join(cells)} |"


def _moments(report: Path, part: str, threshold: float, *, degree: bool) -> pd.DataFrame | None:
    """Sums over regions of the predictions of a part; None where the report has none of it."""
    if not (report / "predictions" / f"{part}.npz").is_file():
        return None
    return region_moments.of_predictions(report_files.read_predictions(report, part), threshold, degree=degree)


def _ends(moments: pd.DataFrame | None, name: str) -> str:
    """` [0.1, 0.2]`, or nothing."""
    if moments is None or name not in region_moments.names(moments) or len(moments) < bootstrap.MINIMUM:
        return ""
    interval = bootstrap.interval([moments], name)
    if not math.isfinite(interval.value):
        return ""
    return f" [{metric_names.text(interval.low)}, {metric_names.text(interval.high)}]"


def _parts(report: Path) -> Iterator[str]:
    """Regions and dates of each part."""
    for part, purpose in PARTS.items():
        path = report / "predictions" / f"{part}.parquet"
        if path.is_file():
            rows = pd.read_parquet(path, columns=["region", "date"])
            regions, dates = (sorted(set(rows[name].astype(str))) for name in ("region", "date"))
            yield f"* {purpose} {_named(regions, 'region')}; {_named(dates, 'date')}"


def _named(names: Sequence[str], what: str) -> str:
    count = f"{len(names)} {what}{'' if len(names) == 1 else 's'}"
    return f"{count} ({', '.join(names)})" if len(names) <= MOST_NAMED else count


def _failures(model: ModelCard, summary: Mapping[str, Any] | None) -> Iterator[str]:
    """Where it is known to be wrong, or where nothing is known of it."""
    months = ", ".join(map(str, model.months))
    yield (
        f"Trained on scenes of the months {months}. Other seasons, snow, haze, cloud and shadow, other levels of "
        "processing and other kinds of forest give degrees that mean nothing. `rojsat predict` refuses or flags many "
        "of them; other programs predict without a word."
    )
    if summary is not None:
        if summary["gain"]["regions"] < bootstrap.MINIMUM or not summary["beats"]:
            yield f"It {gain.verdict(summary)} ({gain.uncertainty(summary)})."
        yield from (sentence for sentence in run_block.sentences(summary) if not sentence.startswith("What the model"))
    yield "How far labels themselves let any predictor come, and what else went wrong: `docs/results.md` of rojsat."
