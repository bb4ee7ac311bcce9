"""What is trained with the page, in minutes, behind the results at full length."""

from rojsat.page.page_inputs import STUDY_EXPERIMENTS, PageInputs
from rojsat.page.plan import SectionPlan


def findings(inputs: PageInputs) -> list[str]:
    """What is too large for it."""
    missing = [name for name in STUDY_EXPERIMENTS if name not in inputs.pipeline.experiments]
    if not missing:
        return []
    return [
        f"Too large to learn in minutes and left to full length: {', '.join(missing)}. Where the study shows its own "
        "segmenter, the figures below show a U-Net."
    ]


SECTION = SectionPlan(
    "In minutes",
    [
        "What follows is trained with this page: few epochs on few images, from one seed. It shows that every part "
        "works, not what the networks can reach.",
    ],
    findings=findings,
)
