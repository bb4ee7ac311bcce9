"""Keys of a data set: files of harvests, and how chips are cut."""

from dataclasses import dataclass, field

from omegaconf import MISSING

from rojsat.config.marks import RESULT


@dataclass
class HarvestFile:
    """One file of harvests: what `rojsat.geo.harvests.register_file` is asked for."""

    path: str = field(default=MISSING, metadata=RESULT)
    register: str = field(default=MISSING, metadata=RESULT)


@dataclass
class Cutting:
    """How chips are cut from the scenes."""

    size: int | None = field(default=MISSING, metadata=RESULT | {"least": 1})
    margin: float = field(default=0.0, metadata=RESULT | {"least": 0})
    resampling: str = field(default=MISSING, metadata=RESULT | {"among": "geo/scenes/resampling:NAMES"})
    max_nodata: float = field(default=MISSING, metadata=RESULT | {"least": 0, "most": 1})
    max_cloud: float = field(default=MISSING, metadata=RESULT | {"least": 0, "most": 1})
    cloud_margin: float = field(default=MISSING, metadata=RESULT | {"least": 0})
    cleared: str = field(default=MISSING, metadata=RESULT | {"among": "geo/cutting/scene_cutter:CLEARED"})
    youngest: float | None = field(default=None, metadata=RESULT | {"least": 0})
    oldest: float | None = field(default=None, metadata=RESULT | {"least": 0})
