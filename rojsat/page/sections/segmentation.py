"""Semantic segmentation: what the sections behind it are about."""

from rojsat.page.plan import SectionPlan

SECTION = SectionPlan(
    "Semantic segmentation",
    [
        "How great is the need at each pixel? The study's DeepLabV3 with a ResNet101, and a U-Net where that is too "
        "large for the time that a page may take, look at 13 channels (TCI and S2) and give a degree from 0 to 1. They "
        "are trained on masks made of the GPS points that workers' phones logged while clearing: many points on a "
        "pixel mean slow work, and so great need.",
    ],
)
