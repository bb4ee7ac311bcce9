"""The page of what is trained in minutes: a smoke test beside the results at full length."""

from rojsat.page.page_inputs import STUDY_EXPERIMENTS, PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.sections import lead as page_lead

TITLE = "Trained in minutes: a smoke test"


def lead(inputs: PageInputs) -> list[str]:
    """What it is, and what it is not."""
    return [
        "Every figure and table here is of what this machine trained in minutes: few epochs on few images, from one "
        "seed. It shows that every part works, not what the networks can reach; that shows "
        f"reports/{inputs.name}.html, from results at full length.",
        f"Size {inputs.size}: {page_lead.epochs(inputs.reports())}.",
    ]


def findings(inputs: PageInputs) -> list[str]:
    """What is too large for it."""
    missing = [name for name in STUDY_EXPERIMENTS if name not in inputs.pipeline.experiments]
    left_out = f"Too large to learn in minutes and left to full length: {', '.join(missing)}. " if missing else ""
    return [
        f"{left_out}Where the study shows its own segmenter, the figures show a U-Net. After so few epochs and on so "
        "few chips the leak of a split by dates may not show ([Table D])."
    ]


SECTION = SectionPlan("What is missing", findings=findings)
