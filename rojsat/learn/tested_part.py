"""What a report says of the test part of a split: its regions and images, and how apart from training it is."""

from typing import Any

from rojsat.chips import splits
from rojsat.learn.assembly import Assembled


def facts(assembled: Assembled) -> dict[str, Any]:
    """What `summary.json` says of the test part: its regions and images, and how apart from training it is."""
    split, audit = assembled.data.split, assembled.data.audit
    return {
        "regions": sorted(set(split.loc[split["part"] == "test", "region"].astype(str))),
        "images": audit.chips["test"],
        "all_regions": int(split.loc[split["part"].isin(splits.PARTS), "region"].nunique()),
        "distance": audit.distance,
        "audit": str(audit),
        "warnings": [str(finding) for finding in audit.warnings],
    }
