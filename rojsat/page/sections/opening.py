"""The first screen: the finding in a sentence, what the numbers are of, the leak on the same pixels, and new ground."""

from collections.abc import Iterator, Sequence

import numpy as np

from rojsat.figures import interval_bars, slopes
from rojsat.figures.slopes import Slope
from rojsat.page import beside_metrics, evaluation_columns, new_ground, split_comparisons
from rojsat.page.cells import number, picture, plural
from rojsat.page.html import Fact, Item, Opening
from rojsat.page.needs import NeededFiles
from rojsat.page.new_ground import NewGround
from rojsat.page.page_inputs import PageInputs
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport
from rojsat.page.split_comparisons import FILE, SplitComparison

CLEAR_STANDS = "no_need"
"""The variant that answers for ground without need: chips of stands known to be clear join training."""

FEW = {1: "one", 2: "two", 3: "three"}


def _source(inputs: PageInputs) -> PageInputs:
    """The runs that the first screen is of: those at full length where there are any."""
    return inputs.full or inputs


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads beside those of the sections."""
    return [] if inputs.full is None else [inputs.full_sections.need(FILE)]


def write(inputs: PageInputs, below: Sequence[Item]) -> Opening:
    """The first screen.

    Args:
        inputs: of the page.
        below: the figure under the numbers, which no other section shows.
    """
    comparisons = split_comparisons.comparable(split_comparisons.of(_source(inputs)))
    ground = new_ground.of(inputs)
    sentences = [*leak_sentence(comparisons), *ground_sentence(ground)]
    return Opening(
        finding=(sentences or ["Nothing is evaluated yet."])[0],
        answer=" ".join(sentences[1:]),
        badges=list(badges(inputs)),
        facts=[*_leak_facts(comparisons), *_clear_stands(_source(inputs)), *_ground_fact(ground)],
        beside=[*_slopes(_source(inputs), comparisons), *_bars(ground)],
        below=below,
    )


def leak_sentence(comparisons: Sequence[SplitComparison]) -> Iterator[str]:
    """Whether a network looks better on a region that it was trained on, on the same pixels, and what that rests on.

    Every network of a comparison is trained once.
    """
    regions = len({comparison.region for comparison in comparisons})
    rests_on = f"On {FEW.get(regions, regions)} {'region' if regions == 1 else 'regions'} and one seed,"
    worse = sum(comparison.is_worse for comparison in comparisons)
    if not comparisons:
        return
    if worse == len(comparisons):
        is_blind = all(comparison.by_regions["r2"] <= 0 for comparison in comparisons)
        fails = "is no better than predicting the mean" if is_blind else "is worse on the same pixels"
        yield f"{rests_on} a network looks good where it was trained on the region; where it was not, it {fails}."
    elif 2 * worse > len(comparisons):
        yield (
            f"{rests_on} a network mostly looks better where it was trained on the region: without it the error is "
            f"larger in {worse} of {plural(len(comparisons), 'comparison')}."
        )
    else:
        yield (
            f"{rests_on} no leak shows: without the region in its training a network has a larger error in only "
            f"{worse} of {plural(len(comparisons), 'comparison')}."
        )


def ground_sentence(ground: NewGround | None) -> Iterator[str]:
    """Whether anything that looks at an image beats a predictor without one, on regions not trained on."""
    if ground is None:
        return
    r2, blind = number(ground.r2.value), number(ground.blind_r2)
    where = f"On {ground.tested_on} not trained on,"
    if ground.wins:
        yield f"{where} {ground.best} beats every predictor without an image: R² {r2} against {blind}."
    elif ground.gain.low is None:
        yield (
            f"{where} {ground.best} has R² {r2} and the best predictor without an image {blind}: fewer than five "
            "regions decide nothing."
        )
    else:
        yield (
            f"{where} nothing is shown to beat the best predictor without an image: R² {r2} ({ground.best}) against "
            f"{blind}."
        )


def badges(inputs: PageInputs) -> Iterator[str]:
    """What the numbers are of: data, seeds, start of the weights, epochs."""
    data, source = inputs.experiment.data, _source(inputs)
    yield "simulated data" if data.source == "simulated" else f"data: {data.name} ({data.source})"
    counts = {1} | {len(report.content["seeds"]) for report in inputs.evaluations if report.exists}
    low, high = (FEW.get(count, str(count)) for count in (min(counts), max(counts)))
    yield f"{low} seed" if low == high == "one" else f"{low} to {high} seeds"
    starts = {report.experiment.model.weights for report in source.reports()}
    yield from sorted("random initialisation" if start is None else f"pre-trained: {start}" for start in starts)
    epochs = sorted({len(report.history) for report in source.reports()})
    yield f"{epochs[0]} to {epochs[-1]} epochs" if len(epochs) > 1 else plural(epochs[0], "epoch")
    yield bounds(source.segmenters())


def bounds(reports: Sequence[RunReport]) -> str:
    """Whether predicted degrees are bounded before they are evaluated."""
    bounded = [report.is_bounded for report in reports]
    if all(bounded):
        return "degrees bounded to 0 to 1"
    return "degrees not bounded before they are evaluated" if not any(bounded) else "degrees partly bounded"


def _leak_facts(comparisons: Sequence[SplitComparison]) -> Iterator[Fact]:
    """In how many comparisons the error grows; and R² of the network that is best by dates, in both ways."""
    if not comparisons:
        return
    worse = sum(comparison.is_worse for comparison in comparisons)
    yield Fact(
        f"{worse} of {len(comparisons)}",
        "comparisons on the same pixels: the error is larger when the region was not trained on",
    )
    by_network: dict[str, list[SplitComparison]] = {}
    for comparison in comparisons:
        by_network.setdefault(comparison.network, []).append(comparison)
    means = {name: _means(of_network) for name, of_network in by_network.items()}
    best = max(means, key=lambda name: means[name][0])
    dates, regions = means[best]
    named = evaluation_columns.joined([comparison.region for comparison in by_network[best]])
    yield Fact(
        f"R² {number(dates)} → {number(regions)}",
        f"{best}, mean of regions {named}: trained on other dates of the region → not trained on it. "
        "0 is the mean of the same pixels",
    )


def _means(comparisons: Sequence[SplitComparison]) -> tuple[float, float]:
    """Mean R² over regions, trained on the region and not."""
    dates = float(np.mean([comparison.by_dates["r2"] for comparison in comparisons]))
    return dates, float(np.mean([comparison.by_regions["r2"] for comparison in comparisons]))


def _clear_stands(inputs: PageInputs) -> Iterator[Fact]:
    """False positives on control areas with and without stands known to be clear in training, and what they cost."""
    if CLEAR_STANDS not in inputs.pipeline.variants:
        return
    base = inputs.pipeline.base[0]
    without, joined = inputs.report(base), inputs.report(base, CLEAR_STANDS)
    rates = [report.false_positive_rate for report in (without, joined)]
    if None in rates:
        return
    before, after = (number(report.summary["test"]["iou"]) for report in (without, joined))
    everywhere = number(beside_metrics.prevalence(without.summary["test"]))
    yield Fact(
        f"{number(rates[0])} → {number(rates[1])}",
        f"false positive rate on control areas once clear stands join training (need everywhere: 1.00). IoU {before} → "
        f"{after} (need everywhere: {everywhere})",
    )


def _ground_fact(ground: NewGround | None) -> Iterator[Fact]:
    if ground is not None:
        gain = evaluation_columns.with_interval(ground.gain, "+")
        words = "the gain is decided" if ground.wins else "the gain is not decided"
        yield Fact(
            f"R² {number(ground.r2.value)}",
            f"{ground.best}, {ground.tested_on} not trained on: {gain} over {ground.gain_over}, no image; {words}",
        )


def _slopes(inputs: PageInputs, comparisons: Sequence[SplitComparison]) -> list[Item]:
    """Figure D; none where no pixel can be compared."""
    if not comparisons:
        return []
    lines = [
        Slope(each.network, f"region {each.region}", each.by_dates["r2"], each.by_regions["r2"]) for each in comparisons
    ]
    ends = ("other dates\ntrained on", "region not\ntrained on")
    words = [f"{line.panel} {line.label} from {number(line.before)} to {number(line.after)}" for line in lines]
    wide, narrow = (
        slopes.slopes(
            lines, ends, "R² on the same pixels", "predicting the mean of the same pixels", is_stacked=is_stacked
        )
        for is_stacked in (False, True)
    )
    names = [name for names in inputs.pipeline.leak.items() for name in (names[0], *names[1])]
    return [
        Item(
            [Number("Fig.", "D")],
            "What a split by dates hides: the same test pixels, predicted by a network trained on other dates of the "
            "region, and by one that was not trained on it ([Table D]). Dashed: the mean of these "
            "pixels; no other predictor without an image was evaluated on them.",
            [inputs.report(name).command for name in dict.fromkeys(names)],
            [
                picture(
                    wide,
                    f"Lines from a network trained on the region to one that was not, R²: {'; '.join(words)}.",
                    None,
                    narrow,
                )
            ],
        )
    ]


def _bars(ground: NewGround | None) -> list[Item]:
    """Figure E; none where nothing is evaluated."""
    if ground is None:
        return []
    words = ", ".join(f"{bar.label} {number(bar.value)}" for bar in ground.bars)
    figure = interval_bars.interval_bars(ground.bars, ground.prevalence, "need everywhere, IoU", "IoU of need")
    return [
        Item(
            [Number("Fig.", "E")],
            f"Better than predicting need everywhere? {ground.tested_on.capitalize()} not trained on; lines: 95 % "
            "intervals over regions, where there are five or more. Hatched: no image.",
            ground.commands,
            [
                picture(
                    figure,
                    f"Bars of IoU, longest first: {words}; a dashed line at {number(ground.prevalence)}, need "
                    "everywhere.",
                )
            ],
        )
    ]
