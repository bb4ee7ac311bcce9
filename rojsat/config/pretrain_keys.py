"""The keys of pre-training, and the place that lists what estimators read; a part of `rojsat.config.schema`."""

from dataclasses import dataclass, field

from omegaconf import MISSING

from rojsat.config.marks import PRETRAINING

FEATURES = {"among": "learn/learners/encoded_pixels:FEATURES"}
"""Metadata of `inputs.features`: where its names stand."""

REGIONS = ("train", "all")
"""Whose images a network is pre-trained on: those of the training part, or of all parts but validation."""


@dataclass
class Pretrain:
    """What `rojsat pretrain` trains on, and how long; nothing of a single run."""

    epochs: int = field(default=MISSING, metadata=PRETRAINING | {"least": 1})
    regions: str = field(default=MISSING, metadata=PRETRAINING | {"among": "config/pretrain_keys:REGIONS"})
    share: float = field(default=MISSING, metadata=PRETRAINING | {"above": 0, "below": 1})
    side: int = field(default=MISSING, metadata=PRETRAINING | {"least": 1})
