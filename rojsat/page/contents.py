"""The page of the study, section by section."""

from collections.abc import Iterable

from rojsat.chips.reader import Chips
from rojsat.config import recipes
from rojsat.page import published, saved
from rojsat.page.cells import number
from rojsat.page.html import Page, Section
from rojsat.page.inputs import CLASSIFIERS, DATES, REGIONS, Report, Study
from rojsat.page.sections import classification, data, discussion, full_length, searches, segmentation

TITLE = "Need for clearing of young forest from Sentinel-2 images: the study of 2020, made again"


def make(study: Study) -> Page:
    """The whole page; everything it needs must be there, see `Study.check`."""
    chips = Chips(recipes.folder("chips", study.experiment))
    text, spots = data.edges(study)
    found = [
        Section("Satellite data", _satellite(study), [data.numbers(study, chips), data.scene_classes(study)]),
        Section("Image classification", _CLASSIFICATION),
        Section("Stands and chips", _STANDS, data.stands(study), 3),
        Section("Classification of true colour images", _TCI, classification.of(study, "tci"), 3),
        Section("Classification of indices", _S2, classification.of(study, "s2"), 3),
        Section("Semantic segmentation", _SEGMENTATION),
        Section("Masks from GPS points", _MASKS, data.masks(study), 3),
        Section("Split by dates", _DATES, segmentation.dates(study, chips), 3),
        Section("Split by regions", _REGIONS, segmentation.regions(study, chips), 3),
        Section("Numbers the study could not publish", _NUMBERS, [segmentation.table(study)]),
        Section("Discussion", _discussion(study), [discussion.discrete(study), discussion.leak(study)]),
        Section("Odd spots near edges", text, spots, 3),
        Section("Future work", _FUTURE, [discussion.future(study)]),
        Section("Search of learning rates", _SEARCH, searches.items(study)),
        *([] if study.long is None else _long(study, study.long)),
        Section("What falls short of the study", _short(study)),
    ]
    return Page(TITLE, _lead(study), found, _foot(study, chips))


def _lead(study: Study) -> list[str]:
    """Where the data, the length and the machine are said."""
    experiment, facts = study.experiment, data.facts(study)
    if experiment.data.source == "simulated":
        first = (
            "The data of this page are simulated. No satellite image and no worker's track is behind it: the "
            "forest, the clouds, the sensor and the GPS points come from a model of a landscape like that around "
            f"Linköping (data set {experiment.data.name}). A number that agrees with the study's says that the "
            "method behaves alike on alike data, not that the study was repeated on its own."
        )
    else:
        first = f"The data of this page are the data set {experiment.data.name} (source {experiment.data.source})."
    reports = _used(study)
    return [
        f"This page makes every figure and table of {published.study()}, numbered as there, and some of its own "
        "(lettered), each with the command that made it. Where the study publishes a number, it stands beside ours.",
        first,
        f"Length: size {experiment.size}. {_length(reports)} {facts['samples']} samples for segmentation and "
        f"{facts['chips']['stand']} images of stands.",
        f"Machine: {_machines(reports)} {_time(study)}",
        *([] if study.long is None else [_ELSEWHERE]),
    ]


def _used(study: Study) -> list[Report]:
    return [study.report(name) for name in study.pipeline.experiments]


def _length(reports: Iterable[Report]) -> str:
    """Passes over the training part, by task."""
    said = []
    for task, name in (("classification", "classifiers"), ("segmentation", "segmenters")):
        passes = sorted({len(report.history) for report in reports if report.experiment.task == task})
        if passes:
            ends = f"{passes[0]}" if len(passes) == 1 else f"{passes[0]} to {passes[-1]}"
            said.append(f"{name} are trained for {ends} passes over their training part")
    return f"{'; '.join(said).capitalize()}."


def _machines(reports: Iterable[Report]) -> str:
    """On what the experiments were trained."""
    found: dict[str, list[str]] = {}
    for report in reports:
        found.setdefault(str(report.made.get("machine", "a machine that its report does not name")), []).append(
            report.name
        )
    if len(found) == 1:
        return f"all experiments were trained on {next(iter(found))}."
    return "; ".join(f"{', '.join(names)} on {machine}" for machine, names in found.items()) + "."


def _time(study: Study) -> str:
    """How long all epochs took, of experiments and variants; those side by side count each."""
    reports = [*_used(study), *study.changed()]
    minutes = sum(float(report.made.get("seconds", 0)) for report in reports) / 60
    return f"The epochs of the {len(reports)} trainings took {minutes:.0f} minutes in all."


def _satellite(study: Study) -> list[str]:
    facts = data.facts(study)
    dropped = len(facts["dropped"])
    return [
        f"The data set {study.experiment.data.name} holds {facts['scenes']} Sentinel-2 scenes from {facts['first']} "
        f"to {facts['last']}. Every sample has reflectance at the bottom (BOA) and at the top (TOA) of the "
        "atmosphere, a scene classification map (SCL), a true colour image (TCI), and ten indices computed from the "
        "bands (S2): BNDVI, Chlred-edge, EVI, MIRBI, MSAVI2, MTVI2, NBR, NDRE, NDSI and SAVI.",
        f"There are {sum(facts['stands'].values())} stands for the classification, and {len(facts['objects'])} "
        f"clearing objects with GPS points for the segmentation ({dropped} more {'was' if dropped == 1 else 'were'} "
        "dropped).",
    ]


_ELSEWHERE = (
    "What the networks reach at the length of the study, trained on another day, stands at the end of the page: "
    "Table H, Table I, and figures and tables with an L behind their number, as Fig. 11L."
)
_CLASSIFICATION = [
    "Is a stand in need of clearing? ResNet18 and ResNet152 look at images cropped to the bounding boxes of "
    "labelled stands. The first layer takes as many channels as there are, the last has two classes; stochastic "
    "gradient descent with momentum 0.9, the learning rate divided by ten every seven passes.",
]
_STANDS = [
    "Images are not scaled to a common size but padded with zeros at the right and bottom, as in the study.",
]
_TCI = ["Loss in Fig. 4, the report of the test part in Table 1, confusion in Fig. 5."]
_S2 = ["The same on ten spectral indices instead of true colour: Fig. 6, Table 2 and Fig. 7."]
_SEGMENTATION = [
    "How great is the need at each pixel? DeepLabV3 with a ResNet101 looks at 13 channels (TCI and S2) and gives a "
    "degree from 0 to 1. It learns from masks made of the GPS points that workers' phones logged while clearing: "
    "many points on a pixel mean slow work, and so great need.",
]
_MASKS = [
    "The number of points on each 10 m pixel is cut at a percentile of all values, since a heap of points is likely "
    "a break, and divided by it. Clouds (SCL 8, 9 and 10) and padding are unknown and count in no loss and no "
    "metric.",
]
_DATES = [
    "The last dates of all regions validate and test. The network has seen every test region, on other dates. What "
    "that hides is measured in Table D.",
]
_REGIONS = [
    "A whole region is kept for testing, another one (ROI 5) for validation: the network has never seen the ground "
    "it is judged on.",
]
_NUMBERS = ["The study shows predictions and judges them by eye. Table B gives their errors."]
_DISCUSSION = [
    "The study tried masks of zero and non-zero and left them out as worse (Table C). It suspects that splitting by "
    "dates flatters the network, because test and training images are alike; Table D measures by how much.",
]
_LEAK = (
    "After so few passes and on so few chips the leak may not show; Table DL measures it at the length of the study."
)
_FUTURE = [
    "The study ends with proposals. Each is one variant here, named as on the command line (variant=NAME), trained "
    "and judged like the setting it is compared with.",
]
_SEARCH = [
    "The study states its learning rates and no search. Here the experiment's own rate, at size full that of the "
    "study, is the first trial of a search with Optuna, and the validation loss alone decides.",
]


def _long(study: Study, long: Study) -> list[Section]:
    """What another machine drew of its trainings at the length of the study, beside this page's own."""
    reports = _used(long)
    text = [
        "What an hour or two on a CPU allows is trained for more passes too, on about as many images as the study had, "
        "from random weights. These trainings are not made anew with the page: what came of them comes with the "
        "repository.",
        f"{_length(reports)} Machine: {_machines(reports)} {_time(long)} Every figure and table below has its number "
        "with an L behind.",
    ]
    return [Section("At the length of the study", text, full_length.items(study, long)), *saved.read(study.drawn)]


def _discussion(study: Study) -> list[str]:
    return [*_DISCUSSION, *([] if study.long is None else [_LEAK])]


def _short(study: Study) -> list[str]:
    """What a reader must not take for more than it is."""
    facts, said = data.facts(study), []
    samples, _ = published.number("samples")
    reports = [study.report(name) for name in (*CLASSIFIERS, DATES)]
    if str(study.experiment.size) == "quick":
        said.append(
            "Size quick shows that every part works, not what it can reach: training is short and there are few "
            "data. How far the large networks come in so few passes, Table B tells: R² on the test part is "
            f"{_reached(study)}, where 0 is no better than the mean. make paper makes this page at full length."
        )
    if study.long is not None:
        own = (*CLASSIFIERS, DATES, *REGIONS.values())
        absent = " and ".join(name for name in own if name not in study.long.pipeline.experiments)
        left = f" {absent} are not among them: they take hours on a CPU." if absent else ""
        said.append(
            f"What is trained at the length of the study (Table H, Table I) starts from random weights too.{left}"
        )
    if facts["samples"] < int(samples):
        said.append(f"There are {facts['samples']} samples for segmentation; the study had {samples}.")
    chance = [report.name for report in reports if report.experiment.model.weights is None]
    if chance:
        said.append(
            f"Networks start from random weights ({', '.join(chance)} and all that are like them); the study's were "
            "pre-trained, the classifiers on ImageNet and DeepLabV3 on a part of COCO."
        )
    elif reports:
        said.append(
            "DeepLabV3 starts from a ResNet101 of ImageNet; the study's was pre-trained whole on a part of COCO."
        )
    if len(study.pipeline.base) == 1:
        said.append(
            f"Variants (Table C, Table F) are laid over {study.pipeline.base[0]} alone, so over one region and not "
            "over ROI 6, 7 and 8. One region and one seed decide nothing: differences of a few hundredths may be "
            "chance."
        )
    else:
        said.append("Every experiment is trained once, from one seed: small differences may be chance.")
    searched = [name for name in searches.EXPERIMENTS if name in study.pipeline.searches]
    if len(searched) < len(searches.EXPERIMENTS):
        named = f"of {', '.join(searched)} only" if searched else "of no experiment"
        said.append(f"Learning rates are searched {named} (Table G).")
    if not study.is_embedded:
        said.append(
            "Dates all year and a larger set of clearing objects are other data sets, made of the embedded data only."
        )
    said.append("The study states no number of passes and no batch size; ours are a choice (experiments/default.yaml).")
    return said


def _reached(study: Study) -> str:
    """R² of the study's own segmenters."""
    reports = [study.report(name) for name in (DATES, *REGIONS.values())]
    return ", ".join(f"{number(report.summary['test'].get('r2'), 2)} ({report.name})" for report in reports)


def _foot(study: Study, chips: Chips) -> list[str]:
    digest = f"Chips of the data set {study.experiment.data.name}: {len(chips.index)}, digest {chips.digest[:12]}."
    return [f"Made by {study.command}.", digest]
