"""The experiment as dataclasses: every key that there is, its type, and what it decides.

A key's unit and reason stand beside its value in `experiments/default.yaml`; `rojsat.config.marks` says what the
metadata mean.
"""

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING

from rojsat.config import keep_models, lookup
from rojsat.config.data_keys import Cutting, HarvestFile
from rojsat.config.marks import EVALUATION, MACHINE, RECORD, RESULT, SEARCH, SEARCHABLE, SOURCE
from rojsat.config.pretrain_keys import FEATURES, Pretrain
from rojsat.config.training_keys import Train


@dataclass
class Regions:
    """One file of regions: the keywords of `geo.vectors.read_regions`; with a source of `geo.finland.stand_regions`."""

    source: str | None = field(default=None, metadata=RESULT | {"among": "geo/finland/stand_regions:SOURCES"})
    path: str | None = field(default=None, metadata=RESULT)
    area: str | None = field(default=None, metadata=RESULT)
    servers: dict[str, str] = field(default_factory=dict, metadata=MACHINE)
    role: str = field(default=MISSING, metadata=RESULT | {"among": "chips/roles:ROLES"})
    label: str | None = field(default=None, metadata=RESULT)
    id_field: str | None = field(default=None, metadata=RESULT)
    prefix: str = field(default="", metadata=RESULT)
    layer: str | None = field(default=None, metadata=RESULT)
    labels: dict[str, str] = field(default_factory=dict, metadata=RESULT)
    encoding: str | None = field(default=None, metadata=RESULT)
    parts: str = field(default="together", metadata=RESULT | {"among": "geo/vectors/region_parts:PARTS"})
    columns: list[str] = field(default_factory=list, metadata=RESULT)


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
class Data:
    """A data set: where its scenes come from, how masks and chips are made of them."""

    name: str = field(default=MISSING, metadata=RESULT)
    source: str = field(default=MISSING, metadata=RESULT)
    root: str | None = field(default=None, metadata=MACHINE)
    store: str | None = field(default=None, metadata=MACHINE)
    if_changed: str = field(default="stop", metadata=MACHINE | {"among": "config/recipes:IF_CHANGED"})
    options: dict[str, Any] = field(default_factory=dict, metadata=RESULT)
    regions: list[Regions] = field(default_factory=list, metadata=RESULT)
    gps: Gps = field(default_factory=Gps)
    harvests: list[HarvestFile] = field(default_factory=list, metadata=RESULT)
    clouds: str | None = field(default=None, metadata=RESULT | {"among": "geo/scenes/cloud_masks:NAMES"})
    labels: LabelSource = field(default_factory=LabelSource)
    chips: Cutting = field(default_factory=Cutting)
    target: str = field(default=MISSING, metadata=RECORD)


@dataclass
class Inputs:
    """What a network sees of a chip."""

    role: str = field(default=MISSING, metadata=SEARCHABLE | {"among": "chips/roles:ROLES"})
    channels: list[str] = field(default=MISSING, metadata=SEARCHABLE)
    dates: list[str] | None = field(default=None, metadata=SEARCHABLE)
    features: list[str] = field(default_factory=["channels"].copy, metadata=SEARCHABLE | FEATURES)
    flips: list[str] = field(default_factory=list, metadata=SEARCHABLE | {"among": "learn/data/augmentation:TURNS"})
    test_time_flips: list[str] = field(
        default_factory=list, metadata=RESULT | {"among": "learn/data/augmentation:TURNS"}
    )
    shift: int | None = field(default=None, metadata=SEARCHABLE | {"least": 1})
    erase: float | None = field(default=None, metadata=SEARCHABLE | {"above": 0, "below": 1})
    jitter: float | None = field(default=None, metadata=SEARCHABLE | {"above": 0, "below": 1})
    gain: float | None = field(default=None, metadata=SEARCHABLE | {"above": 0, "below": 1})
    offset: float | None = field(default=None, metadata=SEARCHABLE | {"above": 0, "below": 1})
    noise: float | None = field(default=None, metadata=SEARCHABLE | {"above": 0, "below": 1})
    negatives: list[str] = field(default_factory=list, metadata=SEARCHABLE | {"among": "chips/roles:ROLES"})
    frame: str = field(default="box", metadata=SEARCHABLE | {"among": "learn/choices:FRAMES"})
    window: int = field(default=32, metadata=SEARCHABLE | {"least": 2})
    windows_inside: bool = field(default=False, metadata=SEARCHABLE)
    windows_per_chip: int = field(default=1, metadata=SEARCHABLE | {"least": 1})


@dataclass
class Split:
    """The function of `rojsat/chips/splits.py` and its options."""

    name: str = field(default=MISSING, metadata=RESULT)
    options: dict[str, Any] = field(default_factory=dict, metadata=RESULT)
    distance: float = field(default=MISSING, metadata=RESULT | {"least": 0})
    drop_near: bool = field(default=False, metadata=RESULT)
    allow_leaks: bool = field(default=False, metadata=RESULT)


@dataclass
class Named:
    """A function by its name, and its options."""

    name: str = field(default=MISSING, metadata=SEARCHABLE)
    options: dict[str, Any] = field(default_factory=dict, metadata=SEARCHABLE)


@dataclass
class Schedule(Named):
    """Of the learning rate."""

    interval: str = field(default="epoch", metadata=SEARCHABLE | {"among": "learn/schedules:INTERVALS"})


@dataclass
class Model:
    """The network: a module of `rojsat/learn/models`, and how its weights start."""

    name: str = field(default=MISSING, metadata=SEARCHABLE)
    outputs: int = field(default=MISSING, metadata=SEARCHABLE | {"least": 1})
    weights: str | None = field(default=None, metadata=SEARCHABLE)
    first_layer: str = field(default=MISSING, metadata=SEARCHABLE | {"among": "learn/models/first_layer:MODES"})
    freeze: str | None = field(default=None, metadata=SEARCHABLE | {"among": "learn/fine_tuning:FROZEN"})
    options: dict[str, Any] = field(default_factory=dict, metadata=SEARCHABLE)
    head: Named = field(default_factory=lambda: Named("linear"))


@dataclass
class Optimizer:
    """The function of `rojsat/learn/optimizers.py`, its learning rate and its other options."""

    name: str = field(default=MISSING, metadata=SEARCHABLE)
    lr: float = field(default=MISSING, metadata=SEARCHABLE | {"above": 0})
    layer_decay: float | None = field(default=None, metadata=SEARCHABLE | {"above": 0, "most": 1})
    options: dict[str, Any] = field(default_factory=dict, metadata=SEARCHABLE)


@dataclass
class Metrics:
    """How predictions are evaluated."""

    threshold: float = field(default=MISSING, metadata=RESULT | {"least": 0, "most": 1})
    reads: bool = field(default=MISSING, metadata=RESULT)


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
    workers: int | None = field(default=None, metadata=MACHINE | {"least": 1})


@dataclass
class Epochs:
    """Number of epochs by task; small: of small segmenters. `train.epochs` refers to one of them."""

    classification: int = field(default=MISSING, metadata=SOURCE | {"least": 1})
    segmentation: int = field(default=MISSING, metadata=SOURCE | {"least": 1})
    small: int = field(default=MISSING, metadata=SOURCE | {"least": 1})


@dataclass
class Pruner:
    """When a trial is given up before its last epoch."""

    startup: int = field(default=MISSING, metadata=SEARCH | {"least": 0})
    warmup: int = field(default=MISSING, metadata=SEARCH | {"least": 0})


@dataclass
class Tune:
    """What `rojsat.tune` searches, and how; nothing of a single run."""

    trials: int = field(default=MISSING, metadata=SEARCH | {"least": 1})
    space: dict[str, Any] = field(default_factory=dict, metadata=SEARCH)
    metric: str = field(default=MISSING, metadata=SEARCH)
    mode: str = field(default=MISSING, metadata=SEARCH | {"among": "learn/choices:DIRECTIONS"})
    seeds: list[int] = field(default=MISSING, metadata=SEARCH | {"least": 0})
    pruner: Pruner = field(default_factory=Pruner)
    jobs: int = field(default=MISSING, metadata=MACHINE | {"least": 1})
    storage: str | None = field(default=None, metadata=MACHINE)
    heartbeat: int = field(default=MISSING, metadata=MACHINE | {"least": 1})
    grace: int = field(default=MISSING, metadata=MACHINE | {"least": 1})
    retries: int = field(default=MISSING, metadata=MACHINE | {"least": 0})


@dataclass
class Evaluate:
    """What `rojsat.evaluate` trains: every fold of a split with several seeds; `model`: of whom it trains nothing."""

    folds: str | None = field(default=None, metadata=EVALUATION | {"among": "chips/splits:__all__"})
    fold_options: dict[str, Any] = field(default_factory=dict, metadata=EVALUATION)
    seeds: list[int] = field(default=MISSING, metadata=EVALUATION | {"least": 0})
    local: list[int] = field(default_factory=list, metadata=EVALUATION | {"least": 0})
    draws: int = field(default=MISSING, metadata=EVALUATION | {"least": 1})
    jobs: int = field(default=MISSING, metadata=MACHINE | {"least": 1})
    model: str | None = field(default=None, metadata=EVALUATION)
    trust: bool = field(default=False, metadata=MACHINE)


@dataclass
class Experiment:
    """One experiment, complete."""

    exp: str = field(default=MISSING, metadata=SOURCE)
    task: str = field(default=MISSING, metadata=RESULT)
    size: str = field(default=MISSING, metadata=SOURCE)
    variant: str = field(default="none", metadata=SOURCE)
    seed: int = field(default=MISSING, metadata=RESULT | {"least": 0})
    epochs: Epochs = field(default_factory=Epochs)
    pretrained_backbone: str | None = field(default=None, metadata=SOURCE)
    pretrained_network: str | None = field(default=None, metadata=SOURCE)
    data: Data = field(default_factory=Data)
    inputs: Inputs = field(default_factory=Inputs)
    split: Split = field(default_factory=Split)
    model: Model = field(default_factory=Model)
    loss: Named = field(default_factory=Named)
    optimizer: Optimizer = field(default_factory=Optimizer)
    schedule: Schedule = field(default_factory=Schedule)
    train: Train = field(default_factory=Train)
    metrics: Metrics = field(default_factory=Metrics)
    tracking: Tracking = field(default_factory=Tracking)
    dask: Dask = field(default_factory=Dask)
    tune: Tune = field(default_factory=Tune)
    evaluate: Evaluate = field(default_factory=Evaluate)
    pretrain: Pretrain = field(default_factory=Pretrain)
