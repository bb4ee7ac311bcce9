"""Which keys of an experiment decide its result; the only reader of what `rojsat.config.schema` says of each key.

Two runs share a report folder, a name and a fingerprint exactly when they must give the same numbers.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, get_type_hints

from rojsat.config import stated_keys
from rojsat.config.provenance import text_digest
from rojsat.config.schema import Experiment

OF_DATA = ("data.", "task")
"""Beginnings of result keys that are no parameters of a run: its tag `data` and its MLflow experiment tell them."""


def _leaves(schema: type, prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Keys of the schema that hold a value, dots between levels, with their metadata; free options are one value."""
    hints = get_type_hints(schema)
    for item in fields(schema):
        if is_dataclass(hints[item.name]):
            yield from _leaves(hints[item.name], f"{prefix}{item.name}.")
        else:
            yield f"{prefix}{item.name}", item.metadata


@functools.cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """What each key decides, by key; see the constants of `rojsat.config.schema`."""
    return dict(_leaves(Experiment))


def is_searchable(key: str) -> bool:
    """Whether a search may vary the key: training sees it, and all trials are still evaluated alike."""
    return any(
        facts.get("searchable", False) and (key == name or key.startswith(f"{name}."))
        for name, facts in table().items()
    )


def searchable_parts() -> list[str]:
    """The parts of an experiment with keys that a search may vary."""
    return sorted({key.partition(".")[0] for key in _searchable()})


def _searchable() -> list[str]:
    return [key for key, facts in table().items() if facts.get("searchable", False)]


def results(experiment: Experiment) -> dict[str, Any]:
    """The values of all keys that decide the result, JSON-ready, by key with dots between levels."""
    return _values(experiment, "result")


def search(experiment: Experiment) -> dict[str, Any]:
    """The values of all keys that decide what a search tries, likewise."""
    return _values(experiment, "search")


def _values(experiment: Experiment, decided: str) -> dict[str, Any]:
    content = asdict(experiment)
    content["data"] = stated_keys.of_data(content["data"])
    decisive = [key for key, facts in table().items() if facts["decides"] == decided]
    return {key: _at(content, key) for key in decisive if _is_stated(content, key)}


def _is_stated(content: Mapping[str, Any], key: str) -> bool:
    """Whether a key is there: `stated_keys` leaves some of `data` out."""
    above, _, name = key.rpartition(".")
    return not above.startswith("data") or name in _at(content, above)


def _at(content: Mapping[str, Any], key: str) -> Any:
    node: Any = content
    for name in key.split("."):
        node = node[name]
    return node


def fingerprint(experiment: Experiment, digest: str = "") -> str:
    """SHA-256 of all that decides the result.

    Args:
        experiment: composed.
        digest: of the chips; without it, of the settings alone.
    """
    return text_digest(json.dumps(results(experiment), sort_keys=True), digest)


def digest_without_split(experiment: Experiment) -> str:
    """SHA-256 of all settings that decide the result but the split and the seed: what two splits are compared for."""
    values = results(experiment)
    kept = {key: value for key, value in values.items() if not key.startswith("split.") and key != "seed"}
    return text_digest(json.dumps(kept, sort_keys=True))


def parameters(experiment: Experiment) -> dict[str, Any]:
    """The parameters of a run in MLflow: what decides its result besides the data; what is not set is left out."""
    flat = dict(_flat({key: value for key, value in results(experiment).items() if not key.startswith(OF_DATA)}))
    return {key: value for key, value in flat.items() if value is not None and value != []}


def _flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Values by key, options by their own names."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
