"""The list of what is trained: everything in it exists and is called what its words say."""

import pytest

from rojsat.config import checks, compose, pipeline
from rojsat.config.lookup import UnknownNameError
from rojsat.stages import evaluate

SIZES = ("quick", "full")


@pytest.mark.parametrize("size", SIZES)
def test_everything_that_the_list_names_exists(size):
    listed = pipeline.read(size)
    experiments = {*listed.experiments, *listed.base, *listed.searches, *listed.edges, *listed.leak}
    experiments |= {name for names in listed.leak.values() for name in names}
    assert experiments <= set(compose.names())
    assert experiments <= set(listed.experiments)
    assert set(listed.variants) <= set(compose.names("variant"))
    assert set(listed.data) <= set(compose.names("data"))
    assert pipeline.DISCRETE in listed.variants


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_every_run_is_called_what_its_words_say_and_takes_the_data_that_are_listed(size):
    listed = pipeline.read(size)
    for name, run in listed.runs.items():
        experiment = compose.load(run.experiment, run.overrides)
        checks.check(experiment)
        assert (compose.run_name(experiment), experiment.data.name, experiment.size) == (name, run.data, size)
        assert run.data in listed.data
        assert size == "quick" or set(pipeline.FULL) <= {*run.words, f"variant={pipeline.SCRATCH}"}


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_every_evaluation_is_called_what_its_words_say_and_takes_the_data_that_are_listed(size):
    listed = pipeline.read(size)
    assert listed.evaluations
    for name, line in listed.evaluations.items():
        experiment = compose.parse([evaluate.COMMAND.unabridged(word) for word in line.words])
        checks.check(experiment, all_folds=True)
        assert (compose.evaluation_name(experiment), experiment.data.name, experiment.task) == (
            name,
            line.data,
            line.task,
        )
        assert line.data in listed.data


@pytest.mark.parametrize("size", SIZES)
def test_every_variant_is_trained_over_every_experiment_that_has_variants(size):
    listed = pipeline.read(size)
    trained = {(run.experiment, run.variant) for run in listed.runs.values() if run.variant}
    assert trained == {(base, variant) for base in listed.base for variant in listed.variants}


def test_variants_that_are_another_data_set_are_left_out_for_data_of_ones_own():
    left_out = set(pipeline.read("quick").variants) - set(pipeline.read("quick", embedded=False).variants)
    assert left_out == {"year", "objects"}


def test_a_size_that_does_not_exist_is_an_error():
    with pytest.raises(UnknownNameError, match="full"):
        pipeline.read("papier")
