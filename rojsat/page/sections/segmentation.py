"""Segmentation: figures 11 to 22, and the numbers that the study could not publish."""

from collections.abc import Iterable, Sequence

from rojsat.chips.reader import Chips
from rojsat.figures import pairs, panels, training
from rojsat.figures.maps import Panel
from rojsat.figures.panels import Shown
from rojsat.page.cells import LABELS, cells, loss_name, number, picture
from rojsat.page.html import Cell, Grid, Item
from rojsat.page.inputs import DATES, REGIONS, Report, Study

BESIDE = 3
"""Regions of figures 12 and 13."""

CONTROLS = {
    "need": "areas known to be in need of clearing",
    "clear": "areas known not to be in need of clearing",
    "other": "ground that is no forest: housing, a sports ground, cropland",
}
"""Labels of controls by figure; `other` are all other labels."""

METRICS = ("rmse", "mae", "r2", "spearman", "iou", "f1")


def dates(study: Study, chips: Chips) -> list[Item]:
    """Figures 11 to 16."""
    report = study.report(DATES)
    return [
        _losses(["Fig. 11"], [("", report)], "Masked MSE of training and validation, split by dates."),
        _two_dates(study, chips, report),
        *_controls(chips, report, ("Fig. 14", "Fig. 15", "Fig. 16"), "split by dates", study),
    ]


def regions(study: Study, chips: Chips) -> list[Item]:
    """Figures 17 to 22."""
    found = {region: study.report(name) for region, name in REGIONS.items()}
    losses = [(f"ROI {region} to test", report) for region, report in found.items()]
    caption = (
        "Masked MSE of training and validation when a whole region is kept for testing: ROI 6, ROI 7 and ROI 8. ROI "
        "5 validates in all three."
    )
    return [
        _losses(["Fig. 17"], losses, caption),
        _two_models(study, chips, found),
        *_controls(chips, found["8"], ("Fig. 20", "Fig. 21", "Fig. 22"), "split by regions, ROI 8 to test", study),
    ]


def _losses(numbers: Sequence[str], reports: Sequence[tuple[str, Report]], caption: str) -> Item:
    runs = [(title, report.history, int(report.summary["best_epoch"])) for title, report in reports]
    figure = training.losses_beside(runs, loss_name(str(reports[0][1].experiment.loss.name)))
    width = 480 if len(runs) == 1 else None
    commands = [report.command for _, report in reports]
    return Item(numbers, caption, commands, [picture(figure, f"Loss curves of {len(runs)} trainings", width)])


def _two_dates(study: Study, chips: Chips, report: Report) -> Item:
    """Figures 12 and 13: a test date beside a training date of the same regions."""
    test, train = (_best(panels.each(chips, report.predictions(part))) for part in ("test", "train"))
    both = sorted(test.keys() & train.keys(), key=lambda region: -min(test[region].known, train[region].known))
    chosen = sorted(both[:BESIDE], key=lambda region: (len(region), region))
    if not chosen:
        raise ValueError(f"{report.name}: no region is seen both on a test date and on a training date")
    left, right = ([part[region].panel for region in chosen] for part in (test, train))
    headings = ("a test date", "a training date of the same region")
    figure = pairs.two(left, right, headings, str(study.experiment.data.target))
    errors = ", ".join(
        f"region {region} {number(test[region].mse ** 0.5)} and {number(train[region].mse ** 0.5)}" for region in chosen
    )
    return Item(
        ["Fig. 12", "Fig. 13"],
        "The same regions on a date that the network never saw (Fig. 12, left) and on one that it was trained on "
        "(Fig. 13, right): "
        "image, mask and prediction, cropped back to the region's own size. Of each the clearest date.",
        [report.command],
        [picture(figure, "Image, mask and prediction of three regions on a test date and on a training date")],
        note=f"RMSE of the test date and of the training date: {errors}.",
    )


def _two_models(study: Study, chips: Chips, found: dict[str, Report]) -> Item:
    """Figures 18 and 19: of each region, the network that never saw it beside one that was trained on it."""
    left: list[Panel] = []
    right: list[Panel] = []
    said = []
    order = list(found)
    for place, region in enumerate(order):
        other = order[(place + 1) % len(order)]
        unseen = _by_date(panels.each(chips, found[region].predictions("test"), [region]))
        learnt = _by_date(panels.each(chips, found[other].predictions("train"), [region]))
        both = sorted(unseen.keys() & learnt.keys(), key=lambda date: (-unseen[date].known, date))
        if not both:
            raise ValueError(
                f"{found[other].name} was trained on no date of region {region} that {found[region].name} has"
            )
        one, two = unseen[both[0]], learnt[both[0]]
        left.append(one.panel)
        right.append(two.panel)
        said.append(
            f"region {region} {number(one.mse**0.5)} and {number(two.mse**0.5)} (trained with ROI {other} to test)"
        )
    headings = ("never saw the region", "was trained on the region")
    figure = pairs.two(left, right, headings, str(study.experiment.data.target))
    return Item(
        ["Fig. 18", "Fig. 19"],
        "Regions 6, 7 and 8: the network that never saw the region (Fig. 18, left) and another that was trained on it "
        "(Fig. 19, right), on the same date. The study spreads this view over two figures by regions; here each figure "
        "is one side of it.",
        [report.command for report in found.values()],
        [
            picture(
                figure,
                "Image, mask and prediction of regions 6, 7 and 8 by a network that never saw them and one that did",
            )
        ],
        note=f"RMSE of the left and of the right: {', '.join(said)}.",
    )


def _controls(chips: Chips, report: Report, numbers: tuple[str, str, str], words: str, study: Study) -> list[Item]:
    """The three figures of controls: known need, known clear, no forest."""
    best = _best(panels.each(chips, report.predictions("control")))
    groups: dict[str, list[Shown]] = {name: [] for name in CONTROLS}
    for shown in best.values():
        groups[shown.label if shown.label in ("need", "clear") else "other"].append(shown)
    items = []
    for fig, (name, title) in zip(numbers, CONTROLS.items(), strict=True):
        if not groups[name]:
            raise ValueError(f"{fig}: the data set has no control of {title}")
        figure = pairs.controls([_named(one) for one in groups[name]], str(study.experiment.data.target))
        means = ", ".join(f"{one.region} {_mean(one):.2f}" for one in groups[name])
        items.append(
            Item(
                [fig],
                f"Predictions of {title}; DeepLabV3 {words}. No degree is known of these areas. Of each the clearest "
                "date.",
                [report.command],
                [picture(figure, f"Image and prediction of {title}", 380 * min(3, len(groups[name])))],
                note=f"Mean predicted degree: {means}.",
            )
        )
    return items


def _mean(shown: Shown) -> float:
    values = shown.panel.prediction
    return float(values[values >= 0].mean()) if (values >= 0).any() else float("nan")


def _named(shown: Shown) -> Panel:
    """The panel, with the label in its title."""
    panel = shown.panel
    return Panel(f"{shown.region}: {shown.label}\n{shown.date}", panel.image, panel.mask, panel.prediction, panel.pixel)


def _best(found: Iterable[Shown]) -> dict[str, Shown]:
    """Of each region the date on which most is seen, the first of equals."""
    best: dict[str, Shown] = {}
    for shown in found:
        if shown.region not in best or shown.seen > best[shown.region].seen:
            best[shown.region] = shown
    return best


def _by_date(found: Iterable[Shown]) -> dict[str, Shown]:
    return {shown.date: shown for shown in found}


def table(study: Study) -> Item:
    """Table B: every segmenter, region by region, on its test part."""
    rows, reports = [], study.segmenters()
    for report in reports:
        found = report.summary["regions"]
        names = sorted(found, key=lambda one: (len(one), one))
        alarm = report.summary["controls"].get("false_positive_rate")
        lines = [("all", report.summary["test"]), *((name, found[name]) for name in names if len(names) > 1)]
        for place, (name, metrics) in enumerate(lines):
            head = [Cell(_title(report, names), span=len(lines), heads=True)] if place == 0 else []
            region = name if len(names) > 1 or not names else names[0]
            last = number(alarm) if place == 0 else ""
            rows.append([*head, Cell(region, heads=True), *cells(metrics, METRICS), Cell(last)])
    columns = ["experiment", "test region", *(LABELS[name] for name in METRICS), LABELS["false_positive_rate"]]
    return Item(
        ["Table B"],
        "Every segmenter on its test part, as a whole and region by region, and the share of the pixels of controls "
        "without need that it predicts to be in need (false alarm).",
        [report.command for report in reports],
        grid=Grid(columns, rows),
        note="RMSE and MAE are in degrees from 0 to 1, over known pixels only. R² is 1 for a perfect prediction and 0 "
        "for the "
        "mean of the test part. Spearman is the rank correlation. IoU and F1 judge need against no need: a pixel is "
        "in need "
        f"where its degree is above 0, and predicted so above {study.experiment.metrics.threshold:g}. The study "
        "publishes no "
        "number for segmentation.",
    )


def _title(report: Report, regions: list[str]) -> str:
    if report.summary["leak"]:
        return f"{report.name}: other dates of the regions trained on"
    return f"{report.name}: region {', '.join(regions)} never seen"
