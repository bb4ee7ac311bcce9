"""Files that an experiment names: their paths absolute, the hash of one that holds a split."""

import hashlib
from pathlib import Path

from rojsat.config.schema import Experiment


def resolve(experiment: Experiment) -> None:
    """Make the paths of the data and of a model absolute; another version of a split's file is another experiment.

    Args:
        experiment: composed; changed in place.
    """
    if experiment.data.root is not None:
        experiment.data.root = str(Path(experiment.data.root).expanduser().resolve())
    if experiment.evaluate.model is not None and Path(experiment.evaluate.model).expanduser().exists():
        experiment.evaluate.model = str(Path(experiment.evaluate.model).expanduser().resolve())
    options = experiment.split.options
    if experiment.split.name == "file" and "sha256" not in options and Path(str(options.get("path"))).is_file():
        options["sha256"] = hashlib.sha256(Path(options["path"]).read_bytes()).hexdigest()
