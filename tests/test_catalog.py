import math

import pytest

from rojsat import catalog, stages
from rojsat.learn.models import segmenters


def test_nearest_comes_first():
    assert catalog.nearest("deeplab_rio6", ["unet_roi6", "deeplab_roi7", "deeplab_roi6"])[0] == "deeplab_roi6"


def test_modules_of_a_folder_are_its_registry():
    assert {"unet", "deeplabv3_resnet101"} <= set(catalog.modules(segmenters))
    assert not any(name.startswith("_") for name in catalog.modules(segmenters))


def test_module_that_does_not_exist_names_the_nearest():
    with pytest.raises(catalog.UnknownNameError, match="stage 'chipz' does not exist. Did you mean 'chips'"):
        catalog.module(stages, "chipz", "stage")


def test_nothing_to_choose_from_is_said():
    assert "none to choose from" in str(catalog.unknown("loss", "x", []))


def test_function_must_be_in_all(monkeypatch):
    monkeypatch.setattr(math, "__all__", ["sqrt", "cbrt"], raising=False)
    assert catalog.function(math, "sqrt", "root") is math.sqrt
    with pytest.raises(catalog.UnknownNameError, match="Did you mean 'sqrt'"):
        catalog.function(math, "sqr", "root")


def test_option_that_a_function_does_not_take_is_named():
    def build(channels, *, depth=3, width=4):
        return channels, depth, width

    catalog.check_options(build, {"depth": 1}, "network", "model")
    with pytest.raises(catalog.UnknownNameError, match=r"model.options: network: option 'dept'.*'depth'"):
        catalog.check_options(build, {"dept": 1}, "network", "model")
