"""Keys of the files of harvests of a data set."""

from dataclasses import dataclass, field

from omegaconf import MISSING

from rojsat.config.marks import RESULT


@dataclass
class HarvestFile:
    """One file of harvests: what `rojsat.geo.harvests.register_file` is asked for."""

    path: str = field(default=MISSING, metadata=RESULT)
    register: str = field(default=MISSING, metadata=RESULT)
