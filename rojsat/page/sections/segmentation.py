"""Semantic segmentation: what the sections behind it are about."""

from rojsat.page.plan import SectionPlan

SECTION = SectionPlan(
    "Semantic segmentation",
    [
        "How great is the need at each pixel? DeepLabV3 with a ResNet101 looks at 13 channels (TCI and S2) and gives a "
        "degree from 0 to 1. It is trained on masks made of the GPS points that workers' phones logged while clearing: "
        "many points on a pixel mean slow work, and so great need.",
    ],
)
