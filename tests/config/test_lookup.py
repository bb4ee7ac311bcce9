import math

import pytest

from rojsat import stages
from rojsat.config import lookup
from rojsat.geo import sources
from rojsat.learn.models import segmenters


def test_nearest_comes_first():
    assert lookup.nearest("deeplab_rio6", ["unet_roi6", "deeplab_roi7", "deeplab_roi6"])[0] == "deeplab_roi6"
    assert lookup.nearest("nvdi", ["ndsi", "ndvi"])[0] == "ndvi"  # two letters swapped


def test_modules_of_a_folder_are_its_registry():
    assert {"unet", "deeplabv3"} <= set(lookup.modules(segmenters))
    assert not any(name.startswith("_") for name in lookup.modules(segmenters))


def test_a_folder_of_a_registry_stands_for_its_entry_module():
    assert lookup.modules(sources) == ["geotiff", "safe", "sen2r", "simulated", "stac"]
    assert lookup.module(sources, "stac", "source").__name__ == "rojsat.geo.sources.stac.source"
    assert lookup.module(sources, "sen2r", "source").__name__ == "rojsat.geo.sources.sen2r"


@pytest.mark.parametrize("name", ["_sites", "stac.items", "source"])
def test_what_no_source_is_named_is_an_error_that_lists_all(name):
    with pytest.raises(lookup.UnknownNameError) as error:
        lookup.module(sources, name, "source")
    assert all(source in str(error.value) for source in ("stac", "safe", "simulated", "sen2r", "geotiff"))
    assert "_choice" not in str(error.value)


def test_module_that_does_not_exist_names_the_nearest():
    with pytest.raises(lookup.UnknownNameError, match="stage 'chipz' does not exist. Did you mean 'chips'"):
        lookup.module(stages, "chipz", "stage")


def test_nothing_to_choose_from_is_in_the_message():
    assert "none to choose from" in str(lookup.unknown("loss", "x", []))


def test_function_must_be_in_all(monkeypatch):
    monkeypatch.setattr(math, "__all__", ["sqrt", "cbrt"], raising=False)
    assert lookup.function(math, "sqrt", "root") is math.sqrt
    with pytest.raises(lookup.UnknownNameError, match="Did you mean 'sqrt'"):
        lookup.function(math, "sqr", "root")


def test_options_are_bound_by_name():
    def build(channels, *, depth=3, width=4):
        return channels, depth, width

    assert lookup.bind(build, {"depth": 1}, "network")(2) == (2, 1, 4)
    with pytest.raises(lookup.UnknownNameError, match=r"option of network, 'dept'.*'depth'"):
        lookup.bind(build, {"dept": 1}, "network")
