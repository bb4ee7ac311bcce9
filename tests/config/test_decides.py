import json
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.config import compose, decides, keep_models, keys
from rojsat.config.data_keys import HarvestFile
from rojsat.config.schema import Experiment, Regions

pytestmark = pytest.mark.slow

OPTIONS = st.dictionaries(
    st.sampled_from(["depth", "val", "encoder"]),
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(0, 1)
    | st.text("ab", max_size=2)
    | st.lists(st.text("ab")),
    max_size=2,
)
VALUES = {
    bool: st.booleans(),
    int: st.integers(0, 9),
    float: st.floats(0, 1),
    str: st.text("abc", min_size=1, max_size=3),
    list[str]: st.lists(st.text("ab", min_size=1, max_size=2), max_size=3),
    list[int]: st.lists(st.integers(0, 9), max_size=3),
    dict[str, Any]: OPTIONS,
    type(None): st.none(),
}
NAMES = ("exp", "size", "variant")
"""The files that an experiment is composed of: its name follows from them, its numbers from the keys that they set."""


def hint(key):
    node = Experiment
    for name in key.split("."):
        node = get_type_hints(node)[name]
    return node


def values(key):
    """Values that the key may have."""
    if key == "data.regions":
        return st.lists(st.builds(Regions, path=VALUES[str], role=VALUES[str]), max_size=2)
    if key == "data.harvests":
        return st.lists(st.builds(HarvestFile, path=VALUES[str], register=VALUES[str]), max_size=2)
    if key == "tracking.keep_models":
        return st.sampled_from(keep_models.VALUES)
    return st.one_of(*(VALUES[each] for each in (get_args(hint(key)) if hint(key) not in VALUES else [hint(key)])))


def identity(experiment):
    """What tells a run from others: its folder, its name and parameters in MLflow, its fingerprint."""
    names = (compose.run_name(experiment), repr(sorted(decides.parameters(experiment).items())))
    return compose.report_folder(experiment), names, decides.fingerprint(experiment, "chips")


@pytest.fixture(scope="module")
def experiment():
    return compose.load("unet_roi6")


@pytest.mark.parametrize("key", [key for key in decides.table() if key not in NAMES])
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_two_runs_share_folder_name_and_fingerprint_exactly_if_their_result_keys_are_equal(key, experiment, data):
    first_run, second_run = (compose.with_values(experiment, {key: data.draw(values(key))}) for _ in range(2))
    first, second = (json.dumps(decides.results(run).get(key), sort_keys=True) for run in (first_run, second_run))
    same = first == second  # 1 and 1.0 are two values, as they are in a file
    assert [left == right for left, right in zip(identity(first_run), identity(second_run), strict=True)] == [same] * 3


def test_every_key_says_what_it_decides():
    kinds = {key: facts["decides"] for key, facts in decides.table().items()}
    assert set(kinds.values()) == {"result", "machine", "record", "search", "evaluation", "pretraining", "source"}
    assert set(kinds) <= set(keys.keys())


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("train.workers=2", True),
        ("train.device=cpu", True),
        ("train.strategy=ddp", True),
        ("train.devices=2", False),
        ("train.nodes=2", False),
        ("train.compile=true", False),
        ("dask.workers=3", True),
        ("tracking.images=false", True),
        ("tune.trials=3", True),
        ("data.root=/somewhere", True),
        ("train.channels_last=false", False),
        ("train.threads=2", False),
        ("train.precision=bf16-mixed", False),
        ("data.chips.max_cloud=0.5", False),
    ],
)
def test_where_and_how_fast_a_run_goes_gives_it_no_other_name(override, same, experiment):
    identities = zip(identity(experiment), identity(compose.load("unet_roi6", [override])), strict=True)
    assert [own == other for own, other in identities] == [same] * 3


def test_the_fingerprint_follows_the_chips(experiment):
    assert decides.fingerprint(experiment, "chips") != decides.fingerprint(experiment, "other chips")


def test_the_parameters_hold_every_result_key_that_is_set_and_is_no_matter_of_the_data(experiment):
    shown = decides.parameters(experiment)
    assert {"train.channels_last", "train.threads", "model.options.depth", "seed", "metrics.threshold"} <= set(shown)
    assert not {"train.workers", "train.device", "data.name", "task"} & set(shown)
    parts = ("inputs", "split", "model", "loss", "optimizer", "schedule", "train", "metrics")
    of_parts = {key: facts for key, facts in decides.table().items() if key.partition(".")[0] in parts}
    assert {key.partition(".")[0] for key in of_parts} == set(parts)
    for key, facts in of_parts.items():
        if facts["decides"] == "result" and keys.value(experiment, key) not in (None, [], {}):
            assert any(name == key or name.startswith(f"{key}.") for name in shown), key


def test_a_search_varies_what_training_sees_and_nothing_that_trials_are_compared_by():
    parts = ["inputs", "loss", "model", "optimizer", "schedule", "train"]
    assert decides.searchable_parts() == parts
    assert decides.is_searchable("model.options.depth")
    refused = [key for key in decides.table() if key.partition(".")[0] in parts and not decides.is_searchable(key)]
    of_machine = ["threads", "in_memory_gib", "workers", "checkpoint_minutes", "device", "devices", "nodes"]
    of_machine += ["strategy", "sync_bn"]
    kept = ["keep", "ema_decay", "averaged_epochs"]  # what comes after an epoch
    of_training = [f"train.{name}" for name in ("monitor", "mode", *kept, "pixels", "update_bn", *of_machine)]
    assert refused == ["inputs.test_time_flips", *of_training, "train.compile"]
