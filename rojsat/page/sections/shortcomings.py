"""What a reader must not take for more than it is."""

from collections.abc import Iterator

from rojsat.page import published
from rojsat.page.cells import number
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import CLASSIFIERS, STUDY_EXPERIMENTS, PageInputs
from rojsat.page.plan import SectionPlan


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [report.need() for report in inputs.segmenters()]


def findings(inputs: PageInputs) -> list[str]:
    """What falls short, most important first."""
    return [
        *_size(inputs),
        *_full_length(inputs),
        *_samples(inputs),
        *_weights(inputs),
        *_variants(inputs),
        *_searches(inputs),
        *_data(inputs),
        "The study states no number of epochs and no batch size; those here are a choice (experiments/default.yaml).",
    ]


def _size(inputs: PageInputs) -> Iterator[str]:
    if inputs.size != "quick" or inputs.full is not None:
        return
    reached = ", ".join(
        f"{number(report.summary['test'].get('r2'), 2)} ({report.name})" for report in inputs.segmenters()
    )
    yield (
        "Size quick shows that every part works, not what it can reach: training is short and there are few "
        f"data. R² on the test part is {reached}, where 0 is no better and less is worse than the mean. With size=full "
        "the same is trained at full length."
    )


def _full_length(inputs: PageInputs) -> Iterator[str]:
    if inputs.full is None:
        return
    missing = " and ".join(name for name in STUDY_EXPERIMENTS if name not in inputs.full.pipeline.experiments)
    left_out = f" {missing} are not among them: they take hours on a CPU." if missing else ""
    yield (
        f"The results at full length ([Table H], [Table I]) are of networks trained from random initialisation too."
        f"{left_out}"
    )


def _samples(inputs: PageInputs) -> Iterator[str]:
    samples, (published_samples, _) = inputs.facts["samples"], published.number("samples")
    if samples < int(published_samples):
        yield f"Size {inputs.size} has {samples} samples for segmentation; the study had {published_samples}."


def _weights(inputs: PageInputs) -> Iterator[str]:
    reports = [inputs.report(name) for name in (*CLASSIFIERS, inputs.date_split)]
    scratch = [report.name for report in reports if report.experiment.model.weights is None]
    if scratch:
        yield (
            f"Networks are trained from random initialisation ({', '.join(scratch)} and all that are like them); the "
            "study's were pre-trained, the classifiers on ImageNet and DeepLabV3 on a part of COCO."
        )


def _variants(inputs: PageInputs) -> Iterator[str]:
    bases = inputs.pipeline.base
    if len(bases) > 1:
        yield "Every experiment is trained once, from one seed: small differences may be chance."
        return
    yield (
        f"Variants ([Table C], [Table F]) are applied to {bases[0]} alone, so to one region and not to ROI 6, 7 and 8. "
        "One region and one seed decide nothing: differences of a few hundredths may be chance."
    )


def _searches(inputs: PageInputs) -> Iterator[str]:
    searched = [name for name in STUDY_EXPERIMENTS if name in inputs.pipeline.searches]
    if len(searched) < len(STUDY_EXPERIMENTS):
        named = f"of {', '.join(searched)} only" if searched else "of no experiment"
        yield f"Learning rates are searched {named} ([Table G])."


def _data(inputs: PageInputs) -> Iterator[str]:
    if not inputs.is_embedded:
        yield (
            "Dates all year and a larger set of clearing objects are other data sets, made of the embedded data only."
        )


SECTION = SectionPlan("What falls short of the study", findings=findings, needs=needs)
