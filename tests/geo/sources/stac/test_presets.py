"""Names of the bands at each archive."""

import pytest

from rojsat.geo.sources.stac import presets

EARTH_SEARCH = [*presets.COMMON.values(), "aot", "wvp", "thumbnail", "blue-jp2", "visual-jp2", "scl-jp2"]
PLANETARY_COMPUTER = [*presets.BOA, "SCL", "AOT", "WVP", "visual", "preview", "safe-manifest"]
CDSE = [
    *("B01_20m", "B01_60m", "B02_10m", "B02_20m", "B02_60m", "B03_10m", "B04_10m", "B05_20m", "B06_20m", "B07_20m"),
    *("B08_10m", "B8A_20m", "B8A_60m", "B09_60m", "B11_20m", "B12_20m", "SCL_20m", "SCL_60m", "TCI_10m", "TCI_60m"),
    *("AOT_10m", "Product", "thumbnail"),
]


def item_with(keys):
    return {"id": "an-item", "assets": {key: {"href": "x"} for key in keys}}


@pytest.mark.parametrize(
    ("api", "keys", "some"),
    [
        ("earth_search", EARTH_SEARCH, {"B8A": "nir08", "B05": "rededge1", "TCI": "visual", "B12": "swir22"}),
        ("planetary_computer", PLANETARY_COMPUTER, {"B8A": "B8A", "TCI": "visual", "SCL": "SCL"}),
        ("cdse", CDSE, {"B01": "B01_60m", "B02": "B02_10m", "B8A": "B8A_20m", "TCI": "TCI_10m"}),
    ],
)
def test_every_band_is_found_in_an_item_of_each_preset(api, keys, some):
    located = presets.locate(item_with(keys), presets.ASSETS, presets.preset(api), {})
    assert set(located) == set(presets.ASSETS)
    assert some.items() <= located.items()


def test_presets_sign_as_their_archives_want():
    signing = {name: preset.signing for name, preset in presets.PRESETS.items()}
    assert signing == {"earth_search": "none", "planetary_computer": "planetary_computer", "cdse": "s3"}


@pytest.mark.parametrize("keys", [EARTH_SEARCH, PLANETARY_COMPUTER], ids=["common names", "names of bands"])
def test_an_unknown_api_is_asked_by_the_usual_names(keys):
    located = presets.locate(item_with(keys), presets.ASSETS, presets.preset("https://example.org"), {})
    assert set(located) == set(presets.ASSETS)


def test_an_unknown_api_may_declare_its_bands():
    item = item_with(["one", "two", "three"])
    item["assets"]["one"]["eo:bands"] = [{"name": "B02", "common_name": "blue"}]
    item["assets"]["two"]["bands"] = [{"eo:common_name": "red"}]
    item["assets"]["three"]["eo:bands"] = [{"name": "B02"}, {"name": "B03"}]  # a stack is no band
    located = presets.locate(item, ["B02", "B03", "B04"], presets.preset("https://example.org"), {})
    assert located == {"B02": "one", "B04": "two"}


def test_doubt_is_an_error_that_the_option_ends():
    item, unknown = item_with(["B02", "b02"]), presets.preset("https://example.org")
    with pytest.raises(ValueError, match=r"B02 may be any of \['B02', 'b02'\]; say which"):
        presets.locate(item, ["B02"], unknown, {})
    assert presets.locate(item, ["B02"], unknown, {"B02": "b02"}) == {"B02": "b02"}


def test_a_mistyped_preset_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'planetary_computer'"):
        presets.preset("planetary-computer")
