"""Runs that may become champion of their data set and task. Behind `rojsat promote`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rojsat.config import compose, lookup
from rojsat.config.keys import ConfigError
from rojsat.evaluation import bootstrap, gain, report_files
from rojsat.tracking import registry
from rojsat.tracking.registry import Uses, Version

PROVENANCE = "run.json"
"""File of a report that names its run in MLflow; git and DVC do not keep it, for it is of one machine."""


@dataclass(frozen=True)
class Candidate:
    """A run that may become champion.

    Attributes:
        folder: its report.
        provenance: what made it, `run.json`.
    """

    folder: Path
    provenance: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of its report."""
        return self.folder.name

    @property
    def summary(self) -> dict[str, Any]:
        """Content of its `summary.json`."""
        return report_files.read_summary(self.folder)

    @property
    def task(self) -> str:
        """Of its experiment."""
        return str(self.summary["task"])

    @property
    def leaks(self) -> bool:
        """Whether training has something of its test part, see `docs/leaks.md`."""
        return bool(self.summary["leak"])

    @property
    def beats(self) -> bool:
        """Whether it is shown to beat the best predictor without an image."""
        return self.summary.get("beats") is True

    @property
    def uses(self) -> Uses:
        """How often its test part has been used to choose."""
        return registry.uses(self.model, self.provenance["data"], self.provenance["split"])

    @property
    def model(self) -> str:
        """The registered model that its own is a version of.

        Raises:
            ValueError: if it is a version of none.
        """
        if "model" not in self.provenance:
            raise ValueError(
                f"{self.folder / PROVENANCE} names no registered model: train {self.name} again, with "
                "tracking.keep_models=latest"
            )
        return str(self.provenance["model"])

    @property
    def version(self) -> Version:
        """Its model.

        Raises:
            ValueError: if it is not registered, or its weights are deleted.
        """
        version = registry.of_run(self.model, self.provenance["run"])
        if version is None:
            raise ValueError(
                f"run {self.provenance['run']} of {self.name} has no model registered as {self.model}; "
                "`rojsat sync` sends what waits, training again makes a new one"
            )
        if version.deleted:
            raise ValueError(
                f"the weights of {self.name}, version {version.number} of {self.model}, are {version.deleted}: train "
                "it again and promote it before another run takes its place"
            )
        return version

    def refuse_without_proof(self) -> None:
        """Refuse a run that is not shown to beat predictors without an image on its own test part.

        Raises:
            ValueError: which one it does not beat, and what to do.
        """
        if self.beats:
            return
        summary = self.summary
        if "gain" not in summary:
            raise ValueError(
                f"{self.folder / 'summary.json'} names no predictor without an image: train {self.name} again"
            )
        if summary["gain"]["regions"] < bootstrap.MINIMUM:
            advice = (
                f"A verdict needs {bootstrap.MINIMUM} test regions: train with a split that tests on more "
                "(split.name=hashed), or on a data set with more regions"
            )
        else:
            advice = "Promote a run that beats it: other data or channels, another network, a longer training"
        raise ValueError(
            f"{self.name} is no champion yet. {gain.words(summary)}. {advice}; or without_proof=true promotes this "
            "one, tagged as without proof"
        )


def of_run(run_id: str) -> Candidate:
    """The candidate of an MLflow run.

    Raises:
        ValueError: if none of `reports/` is of that run.
    """
    for folder in report_files.folders(compose.ROOT / "reports").values():
        if not (folder / PROVENANCE).exists():  # a report of another machine
            continue
        provenance = json.loads((folder / PROVENANCE).read_text())
        if provenance["run"] == run_id:
            return Candidate(folder, provenance)
    raise ValueError(
        f"no report is of run {run_id}: its predictions are needed; `dvc pull` or train that experiment again"
    )


def find(words: Sequence[str]) -> Candidate:
    """The candidate that a command line names.

    Raises:
        ValueError: if there is none, or its run was made elsewhere.
    """
    if len(words) == 1 and words[0].startswith("run="):
        return of_run(words[0].removeprefix("run="))
    if not any(word.startswith("exp=") for word in words):
        raise ConfigError("which run? exp=NAME [key=value ...], or run=ID")
    name = compose.run_name(compose.parse(words))
    folders = report_files.folders(compose.ROOT / "reports")
    if name not in folders:
        raise lookup.unknown("report", name, folders)
    provenance = folders[name] / PROVENANCE
    if not provenance.exists():
        raise ValueError(
            f"{provenance.relative_to(compose.ROOT)} is not there, so no run of this machine made that report, and "
            f"there is no model to promote; `python -m rojsat.run {' '.join(words)}` trains it here"
        )
    return Candidate(folders[name], json.loads(provenance.read_text()))
