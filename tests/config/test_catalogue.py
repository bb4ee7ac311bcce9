import ast
import inspect

import pytest

from rojsat.chips import bands, channels, roles, splits
from rojsat.config import catalogue, value_types


@pytest.mark.parametrize("name", splits.__all__)
def test_options_are_those_that_the_function_takes(name):
    taken = inspect.signature(getattr(splits, name)).parameters.values()
    keywords = {each.name: each.default is each.empty for each in taken if each.kind is each.KEYWORD_ONLY}
    options = catalogue.options("chips/splits", name)
    assert {key: option.is_required for key, option in options.items()} == keywords


def test_names_and_values_are_those_of_the_module():
    assert catalogue.names("chips/roles", "ROLES") == roles.ROLES
    assert catalogue.names("chips/splits", "__all__") == tuple(splits.__all__)
    assert catalogue.first_arguments("chips/bands", "MSI") == bands.TOA
    assert catalogue.value("chips/channels", "S2") == channels.S2


def test_what_a_module_does_not_have_is_an_error():
    with pytest.raises(LookupError, match="rojsat/chips/roles.py has no NOTHING"):
        catalogue.value("chips/roles", "NOTHING")
    with pytest.raises(LookupError, match="has no function nothing"):
        catalogue.options("chips/splits", "nothing")


def test_a_module_of_several_files_is_entered_by_its_kind():
    assert catalogue.entry("geo/sources", "stac", "source") == "geo/sources/stac/source"
    assert catalogue.entry("geo/sources", "sen2r", "source") == "geo/sources/sen2r"
    assert "_choice" not in catalogue.modules("geo/sources")


@pytest.mark.parametrize(
    "value, kind, fits",
    [
        (3, "int", True),
        (True, "int", False),
        (3, "float", True),
        ("3", "float", False),
        (None, "int | None", True),
        ("a", "int | None", False),
        (["a"], "Sequence[str]", True),
        (["a", 3], "Sequence[str]", False),
        ([0.9, 1], "tuple[float, float]", True),
        ({"a": 1}, "Mapping[str, Any]", True),
        ("zero", "Literal['zero', 'unknown']", True),
        ("one", "Literal['zero', 'unknown']", False),
        ("anything", "WorldLayout", True),
    ],
)
def test_a_value_fits_a_type_as_it_is_written(value, kind, fits):
    annotation = ast.parse(kind, mode="eval").body
    assert value_types.fits(value, annotation) is fits
    if not fits:
        assert value_types.refusal("key", value, annotation).startswith("key: ")
