"""The experiment as dataclasses: every key that there is, and its type.

A key's unit and reason stand beside its value in `experiments/default.yaml`.
"""

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class Regions:
    """One file of regions: what `rojsat.geo.vectors.read_regions` is asked for."""

    path: str = MISSING
    role: str = MISSING
    label: str | None = None
    id_field: str | None = None
    prefix: str = ""
    layer: str | None = None


@dataclass
class Gps:
    """The files of GPS tracks, and how their points are cleaned."""

    files: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Labels:
    """How masks are made: the module of `rojsat/geo/labels` and its options."""

    source: str = MISSING
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Chips:
    """How chips are cut from the scenes."""

    size: int | None = None
    resampling: str = MISSING
    max_nodata: float = MISSING
    max_cloud: float = MISSING
    cloud_margin: float = 0.0
    cleared: str = "keep"


@dataclass
class Data:
    """A data set: where its scenes come from, how masks and chips are made of them."""

    name: str = MISSING
    source: str = MISSING
    root: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    regions: list[Regions] = field(default_factory=list)
    gps: Gps = field(default_factory=Gps)
    labels: Labels = field(default_factory=Labels)
    chips: Chips = field(default_factory=Chips)
    target: str = MISSING


@dataclass
class Inputs:
    """What a network sees of a chip."""

    role: str = MISSING
    channels: list[str] = MISSING
    dates: list[str] | None = None
    flips: list[str] = field(default_factory=list)
    shift: int | None = None
    erase: float | None = None
    jitter: float | None = None
    negatives: list[str] = field(default_factory=list)


@dataclass
class Split:
    """The function of `rojsat/chips/splits.py` and its options."""

    name: str = MISSING
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Model:
    """The network: a module of `rojsat/learn/models`, and how its weights start."""

    name: str = MISSING
    outputs: int = MISSING
    weights: str | None = None
    first_layer: str = MISSING
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Named:
    """A function by its name, and its options."""

    name: str = MISSING
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Optimizer:
    """The function of `rojsat/learn/optimizers.py`, its learning rate and its other options."""

    name: str = MISSING
    lr: float = MISSING
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Train:
    """The length and the machinery of training."""

    epochs: int = MISSING
    batch_size: int = MISSING
    monitor: str = MISSING
    mode: str = MISSING
    threads: int | None = None
    workers: int = 0
    device: str = MISSING
    precision: str = MISSING
    channels_last: bool = MISSING


@dataclass
class Metrics:
    """How predictions are judged."""

    threshold: float = MISSING


@dataclass
class Tracking:
    """What MLflow is given beside numbers."""

    images: bool = MISSING


@dataclass
class Dask:
    """Where the work on scenes is done."""

    scheduler: str = MISSING
    workers: int | None = None


@dataclass
class Epochs:
    """Length of training by task, passes over the training part; small: of small segmenters."""

    classification: int = MISSING
    segmentation: int = MISSING
    small: int = MISSING


@dataclass
class Pruner:
    """When a trial is given up before its last epoch."""

    startup: int = MISSING
    warmup: int = MISSING


@dataclass
class Tune:
    """What `rojsat.tune` searches, and how; it decides nothing of a single run."""

    trials: int = MISSING
    space: dict[str, Any] = field(default_factory=dict)
    metric: str = MISSING
    mode: str = MISSING
    seeds: list[int] = MISSING
    pruner: Pruner = field(default_factory=Pruner)
    storage: str | None = None
    heartbeat: int = MISSING
    grace: int = MISSING
    retries: int = MISSING


@dataclass
class Experiment:
    """One experiment, whole."""

    exp: str = MISSING
    task: str = MISSING
    size: str = MISSING
    variant: str = "none"
    seed: int = MISSING
    epochs: Epochs = field(default_factory=Epochs)
    data: Data = field(default_factory=Data)
    inputs: Inputs = field(default_factory=Inputs)
    split: Split = field(default_factory=Split)
    model: Model = field(default_factory=Model)
    loss: Named = field(default_factory=Named)
    optimizer: Optimizer = field(default_factory=Optimizer)
    schedule: Named = field(default_factory=Named)
    train: Train = field(default_factory=Train)
    metrics: Metrics = field(default_factory=Metrics)
    tracking: Tracking = field(default_factory=Tracking)
    dask: Dask = field(default_factory=Dask)
    tune: Tune = field(default_factory=Tune)
