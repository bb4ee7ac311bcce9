"""The experiment as dataclasses: every key that there is, its type, and what it decides.

A key's unit and reason stand beside its value in `experiments/default.yaml`. What a key decides is read by
`rojsat.config.decides` alone.
"""

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING

from rojsat.config import keep_models, lookup
from rojsat.config.marks import EVALUATION, MACHINE, RECORD, RESULT, SEARCH, SEARCHABLE, SOURCE


@dataclass
class Regions:
    """One file of regions: what `rojsat.geo.vectors.read_regions` is asked for."""

    path: str = field(default=MISSING, metadata=RESULT)
    role: str = field(default=MISSING, metadata=RESULT)
    label: str | None = field(default=None, metadata=RESULT)
    id_field: str | None = field(default=None, metadata=RESULT)
    prefix: str = field(default="", metadata=RESULT)
    layer: str | None = field(default=None, metadata=RESULT)


@dataclass
class Gps:
    """The files of GPS tracks, and how their points are cleaned."""

    files: list[str] = field(default_factory=list, metadata=RESULT)
    options: dict[str, Any] = field(default_factory=dict, metadata=RESULT)


@dataclass
class LabelSource:
    """How masks are made: the module of `rojsat/geo/labels` and its options."""

    source: str = field(default=MISSING, metadata=RESULT)
    options: dict[str, Any] = field(default_factory=dict, metadata=RESULT)


@dataclass
class Cutting:
    """How chips are cut from the scenes."""

    size: int | None = field(default=MISSING, metadata=RESULT)
    margin: float = field(default=0.0, metadata=RESULT)
    resampling: str = field(default=MISSING, metadata=RESULT)
    max_nodata: float = field(default=MISSING, metadata=RESULT)
    max_cloud: float = field(default=MISSING, metadata=RESULT)
    cloud_margin: float = field(default=MISSING, metadata=RESULT)
    cleared: str = field(default=MISSING, metadata=RESULT)


@dataclass
class Data:
    """A data set: where its scenes come from, how masks and chips are made of them."""

    name: str = field(default=MISSING, metadata=RESULT)
    source: str = field(default=MISSING, metadata=RESULT)
    root: str | None = field(default=None, metadata=MACHINE)
    options: dict[str, Any] = field(default_factory=dict, metadata=RESULT)
    regions: list[Regions] = field(default_factory=list, metadata=RESULT)
    gps: Gps = field(default_factory=Gps)
    labels: LabelSource = field(default_factory=LabelSource)
    chips: Cutting = field(default_factory=Cutting)
    target: str = field(default=MISSING, metadata=RECORD)


@dataclass
class Inputs:
    """What a network sees of a chip."""

    role: str = field(default=MISSING, metadata=SEARCHABLE)
    channels: list[str] = field(default=MISSING, metadata=SEARCHABLE)
    dates: list[str] | None = field(default=None, metadata=SEARCHABLE)
    flips: list[str] = field(default_factory=list, metadata=SEARCHABLE)
    shift: int | None = field(default=None, metadata=SEARCHABLE)
    erase: float | None = field(default=None, metadata=SEARCHABLE)
    jitter: float | None = field(default=None, metadata=SEARCHABLE)
    negatives: list[str] = field(default_factory=list, metadata=SEARCHABLE)
    frame: str = field(default="box", metadata=SEARCHABLE)
    window: int = field(default=32, metadata=SEARCHABLE)
    windows_per_chip: int = field(default=1, metadata=SEARCHABLE)


@dataclass
class Split:
    """The function of `rojsat/chips/splits.py` and its options."""

    name: str = field(default=MISSING, metadata=RESULT)
    options: dict[str, Any] = field(default_factory=dict, metadata=RESULT)
    distance: float = field(default=MISSING, metadata=RESULT)
    drop_near: bool = field(default=False, metadata=RESULT)
    allow_leaks: bool = field(default=False, metadata=RESULT)


@dataclass
class Model:
    """The network: a module of `rojsat/learn/models`, and how its weights start."""

    name: str = field(default=MISSING, metadata=SEARCHABLE)
    outputs: int = field(default=MISSING, metadata=SEARCHABLE)
    weights: str | None = field(default=None, metadata=SEARCHABLE)
    first_layer: str = field(default=MISSING, metadata=SEARCHABLE)
    options: dict[str, Any] = field(default_factory=dict, metadata=SEARCHABLE)


@dataclass
class Named:
    """A function by its name, and its options."""

    name: str = field(default=MISSING, metadata=SEARCHABLE)
    options: dict[str, Any] = field(default_factory=dict, metadata=SEARCHABLE)


@dataclass
class Optimizer:
    """The function of `rojsat/learn/optimizers.py`, its learning rate and its other options."""

    name: str = field(default=MISSING, metadata=SEARCHABLE)
    lr: float = field(default=MISSING, metadata=SEARCHABLE)
    options: dict[str, Any] = field(default_factory=dict, metadata=SEARCHABLE)


@dataclass
class Train:
    """The length and the machinery of training."""

    epochs: int = field(default=MISSING, metadata=SEARCHABLE)
    batch_size: int = field(default=MISSING, metadata=SEARCHABLE)
    monitor: str = field(default=MISSING, metadata=RESULT)
    mode: str = field(default=MISSING, metadata=RESULT)
    update_bn: bool = field(default=False, metadata=RESULT)
    threads: int | None = field(default=None, metadata=RESULT)
    workers: int = field(default=0, metadata=MACHINE)
    device: str = field(default=MISSING, metadata=MACHINE)
    precision: str = field(default=MISSING, metadata=SEARCHABLE)
    channels_last: bool = field(default=MISSING, metadata=SEARCHABLE)


@dataclass
class Metrics:
    """How predictions are evaluated."""

    threshold: float = field(default=MISSING, metadata=RESULT)


@dataclass
class Tracking:
    """What MLflow gets beside numbers."""

    images: bool = field(default=MISSING, metadata=RECORD)
    keep_models: str = field(default=MISSING, metadata=RECORD)

    def __post_init__(self) -> None:
        """Refuse what is no value of `keep_models`."""
        if self.keep_models not in (*keep_models.VALUES, MISSING, ""):
            raise lookup.unknown("value of tracking.keep_models", self.keep_models, keep_models.VALUES)


@dataclass
class Dask:
    """Where the work on scenes is done."""

    scheduler: str = field(default=MISSING, metadata=MACHINE)
    workers: int | None = field(default=None, metadata=MACHINE)


@dataclass
class Epochs:
    """Number of epochs by task; small: of small segmenters. `train.epochs` refers to one of them."""

    classification: int = field(default=MISSING, metadata=SOURCE)
    segmentation: int = field(default=MISSING, metadata=SOURCE)
    small: int = field(default=MISSING, metadata=SOURCE)


@dataclass
class Pruner:
    """When a trial is given up before its last epoch."""

    startup: int = field(default=MISSING, metadata=SEARCH)
    warmup: int = field(default=MISSING, metadata=SEARCH)


@dataclass
class Tune:
    """What `rojsat.tune` searches, and how; nothing of a single run."""

    trials: int = field(default=MISSING, metadata=SEARCH)
    space: dict[str, Any] = field(default_factory=dict, metadata=SEARCH)
    metric: str = field(default=MISSING, metadata=SEARCH)
    mode: str = field(default=MISSING, metadata=SEARCH)
    seeds: list[int] = field(default=MISSING, metadata=SEARCH)
    pruner: Pruner = field(default_factory=Pruner)
    storage: str | None = field(default=None, metadata=MACHINE)
    heartbeat: int = field(default=MISSING, metadata=MACHINE)
    grace: int = field(default=MISSING, metadata=MACHINE)
    retries: int = field(default=MISSING, metadata=MACHINE)


@dataclass
class Evaluate:
    """What `rojsat.evaluate` trains: an experiment with every fold of a split and several seeds."""

    folds: str | None = field(default=None, metadata=EVALUATION)
    fold_options: dict[str, Any] = field(default_factory=dict, metadata=EVALUATION)
    seeds: list[int] = field(default=MISSING, metadata=EVALUATION)
    jobs: int = field(default=MISSING, metadata=MACHINE)


@dataclass
class Experiment:
    """One experiment, complete."""

    exp: str = field(default=MISSING, metadata=SOURCE)
    task: str = field(default=MISSING, metadata=RESULT)
    size: str = field(default=MISSING, metadata=SOURCE)
    variant: str = field(default="none", metadata=SOURCE)
    seed: int = field(default=MISSING, metadata=RESULT)
    epochs: Epochs = field(default_factory=Epochs)
    pretrained_backbone: str | None = field(default=None, metadata=SOURCE)
    pretrained_network: str | None = field(default=None, metadata=SOURCE)
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
    evaluate: Evaluate = field(default_factory=Evaluate)
