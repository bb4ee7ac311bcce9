"""The keys `train.` of the experiment; a part of `rojsat.config.schema`."""

from dataclasses import dataclass, field

from omegaconf import MISSING

from rojsat.config.marks import MACHINE, RESULT, SEARCHABLE


@dataclass
class Train:
    """The length and the machinery of training."""

    epochs: int = field(default=MISSING, metadata=SEARCHABLE | {"least": 1})
    batch_size: int = field(default=MISSING, metadata=SEARCHABLE | {"least": 1})
    monitor: str = field(default=MISSING, metadata=RESULT)
    mode: str = field(default=MISSING, metadata=RESULT | {"among": "learn/choices:DIRECTIONS"})
    keep: str = field(default="best", metadata=RESULT | {"among": "learn/kept_weights:KEPT"})
    ema_decay: float = field(default=0.999, metadata=RESULT | {"least": 0, "below": 1})
    averaged_epochs: int = field(default=5, metadata=RESULT | {"least": 1})
    pixels: int | None = field(default=None, metadata=RESULT | {"least": 1})
    update_bn: bool = field(default=False, metadata=RESULT)
    threads: int | None = field(default=None, metadata=RESULT | {"least": 1})
    in_memory_gib: float = field(default=4.0, metadata=RESULT | {"above": 0})
    workers: int = field(default=0, metadata=MACHINE | {"least": 0})
    checkpoint_minutes: float | None = field(default=10.0, metadata=MACHINE | {"above": 0})
    device: str = field(default=MISSING, metadata=MACHINE | {"among": "learn/machine:DEVICES"})
    devices: int = field(default=1, metadata=RESULT | {"least": 1})
    nodes: int = field(default=1, metadata=RESULT | {"least": 1})
    strategy: str = field(default="auto", metadata=MACHINE | {"among": "learn/machine:STRATEGIES"})
    sync_bn: bool = field(default=False, metadata=RESULT)
    precision: str = field(default=MISSING, metadata=SEARCHABLE | {"among": "learn/machine:PRECISIONS"})
    channels_last: bool = field(default=MISSING, metadata=SEARCHABLE)
    compile: bool = field(default=False, metadata=RESULT)
