import pytest

from rojsat.catalog import UnknownNameError
from rojsat.learn import options, schedules


def test_an_option_is_bound_by_its_name():
    assert options.function(schedules, "step", {"gamma": 0.5}, "schedule").keywords == {"gamma": 0.5}


def test_a_mistyped_option_or_function_names_the_nearest():
    with pytest.raises(UnknownNameError, match=r"option of schedule step, 'gama'.*Did you mean 'gamma'"):
        options.function(schedules, "step", {"gama": 0.5}, "schedule")
    with pytest.raises(UnknownNameError, match="Did you mean 'cosine'"):
        options.function(schedules, "cosin", {}, "schedule")
