import numpy as np
import pytest
import spyndex
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rojsat.chips import channels
from rojsat.chips.bands import BOA, TOA
from rojsat.config.lookup import UnknownNameError

SPYNDEX = {
    "bndvi": "BNDVI",
    "evi": "EVI",
    "mirbi": "MIRBI",
    "msavi2": "MSAVI",
    "mtvi2": "MTVI2",
    "nbr": "NBR",
    "ndre": "NDREI",
    "ndsi": "NDSI",
    "ndvi": "NDVI",
    "savi": "SAVI",
}
LETTERS = {"B": "B02", "G": "B03", "R": "B04", "RE1": "B05", "RE3": "B07", "N": "B08", "S1": "B11", "S2": "B12"}
CONSTANTS = {"g": 2.5, "C1": 6.0, "C2": 7.5}


@pytest.fixture
def planes():
    generator = np.random.default_rng(0)
    return {band: generator.uniform(0.01, 0.6, (7, 9)).astype(np.float32) for band in BOA}


@pytest.mark.parametrize("index", sorted(SPYNDEX))
def test_an_index_agrees_with_spyndex(planes, index):
    letters = {letter: planes[band].astype(float) for letter, band in LETTERS.items()}
    soil = {"L": 0.5 if index == "savi" else 1.0}
    with np.errstate(invalid="ignore"):
        expected = spyndex.computeIndex(SPYNDEX[index], letters | CONSTANTS | soil)
    computed = channels.compute([index], planes)[0]
    defined = np.isfinite(expected)
    assert (np.isfinite(computed) == defined).all()
    assert np.allclose(computed[defined], expected[defined], rtol=2e-3, atol=2e-4)


def test_the_red_edge_index_is_b05_over_b07(planes):
    assert np.allclose(channels.compute(["chlred_edge"], planes)[0], planes["B05"] / planes["B07"], rtol=1e-5)


def test_each_index_is_tested_against_another_source():
    assert set(channels.__all__) == {*SPYNDEX, "chlred_edge"}
    assert set(channels.S2) == set(channels.__all__) - {"ndvi"}


@pytest.mark.parametrize("date", ["20170703", "20190723"])
@pytest.mark.parametrize("index", ["NDVI", "MSAVI2"])
def test_an_index_agrees_with_the_rasters_of_sen2r(real, date, index):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(real / "sen2r" / f"S2A2A_{date}_022_Barbellino_BOA_10.tif") as raster:
        stored = raster.read().astype(np.float32)
        stored[stored == raster.nodata] = np.nan
    with rasterio.open(real / "sen2r" / f"S2A2A_{date}_022_Barbellino_{index}_10.tif") as raster:
        expected = raster.read(1).astype(np.float32)
        expected[expected == raster.nodata] = np.nan
    order = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B11", "B12"]
    planes = {band: plane / 10000 for band, plane in zip(order, stored, strict=True)}
    computed = channels.compute([index.lower()], planes)[0]
    both = np.isfinite(computed) & np.isfinite(expected)
    assert both.mean() > 0.9
    assert np.abs(computed - expected / 10000)[both].max() < 2e-4


@given(
    hnp.arrays(
        np.float32,
        (len(BOA), 3),
        elements=st.one_of(st.floats(-1, 2, width=32), st.sampled_from([0.0, 1e-30, float("nan"), 3e38, -3e38])),
    )
)
def test_no_index_is_ever_infinite_or_known_where_a_band_is_not(values):
    planes = {band: row[None] for band, row in zip(BOA, values, strict=True)}
    for index, plane in zip(channels.__all__, channels.compute(channels.__all__, planes), strict=True):
        assert not np.isinf(plane).any(), index
        unknown = np.any([np.isnan(planes[band]) for band in channels.bands(index)], axis=0)
        assert np.isnan(plane[unknown]).all(), index


@pytest.mark.parametrize(
    ("index", "values"),
    [
        ("ndvi", {"B08": 0.0, "B04": 0.0}),
        ("ndsi", {"B03": 0.1, "B11": -0.1}),
        ("chlred_edge", {"B07": 0.0, "B05": 0.2}),
        ("chlred_edge", {"B07": 0.2, "B05": 0.0}),
        ("mtvi2", {"B08": 0.3, "B04": -0.01, "B03": 0.1}),
        ("msavi2", {"B08": 0.5, "B04": -1.0}),
        ("evi", {"B08": 0.2, "B04": 0.05, "B02": 0.2}),
    ],
)
def test_zero_divisors_and_negative_roots_are_unknown(index, values):
    planes = {band: np.full((1, 1), value, np.float32) for band, value in values.items()}
    assert np.isnan(channels.compute([index], planes)).all()


def by_the_letter(B02, B03, B04, B05, B07, B08, B11, B12):
    """The indices as their sources write them, float32, with every undefined value taken out before it is computed."""

    def ratio(numerator, divisor):
        known = np.abs(divisor) > 1e-6
        return np.where(known, numerator / np.where(known, divisor, 1), np.nan)

    def root(value):
        return np.where(value >= 0, np.sqrt(np.maximum(value, 0)), np.nan)

    wide = root((2 * B08 + 1) ** 2 - (6 * B08 - 5 * root(B04)) - 0.5)
    return {
        "bndvi": ratio(B08 - B02, B08 + B02),
        "chlred_edge": ratio(np.float32(1), ratio(B07, B05)),
        "evi": ratio(2.5 * (B08 - B04), B08 + 6 * B04 - 7.5 * B02 + 1),
        "mirbi": 10 * B12 - 9.8 * B11 + 2,
        "msavi2": (2 * B08 + 1 - root((2 * B08 + 1) ** 2 - 8 * (B08 - B04))) / 2,
        "mtvi2": ratio(1.5 * (1.2 * (B08 - B03) - 2.5 * (B04 - B03)), wide),
        "nbr": ratio(B08 - B12, B08 + B12),
        "ndre": ratio(B08 - B05, B08 + B05),
        "ndsi": ratio(B03 - B11, B03 + B11),
        "savi": ratio(1.5 * (B08 - B04), B08 + B04 + 0.5),
    }


def test_indices_are_bit_for_bit_those_of_their_formulas_also_at_the_edge_of_what_is_defined():
    edges = np.float32([0, 1e-7, 1e-6, 0.05, 0.3, 1, -0.1, np.nan])
    draws = np.random.default_rng(0)
    planes = {
        band: np.concatenate([draws.choice(edges, 4000), draws.uniform(0, 1, 96)]).astype(np.float32).reshape(64, 64)
        for band in LETTERS.values()
    }
    with np.errstate(invalid="ignore"):
        expected = by_the_letter(**planes)
    computed = channels.compute(channels.S2, planes)
    for name, plane in zip(channels.S2, computed, strict=True):
        letter = np.where(np.isfinite(expected[name]), expected[name], np.float32("nan"))
        assert 0.2 < np.isfinite(letter).mean() < 1
        assert plane.tobytes() == letter.astype(np.float32).tobytes(), name
    together = channels.compute(channels.S2, {band: np.stack([plane, plane.T]) for band, plane in planes.items()})
    assert together[:, 0].tobytes() == computed.tobytes()


def test_groups_are_written_out_in_order():
    assert channels.expand(["tci", "s2"], BOA)[:4] == ("tci.r", "tci.g", "tci.b", "bndvi")
    assert len(channels.expand(["tci", "s2"], BOA)) == 13
    assert channels.expand(["boa"], BOA) == BOA
    assert channels.expand(["toa"], BOA, TOA) == tuple(f"toa.{band}" for band in TOA)
    assert channels.expand(["ndvi", "B8A", "toa.B10", "tci.g"], BOA, TOA) == ("ndvi", "B8A", "toa.B10", "tci.g")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["B8"], "Did you mean 'B08'"),
        (["ndvii"], "Did you mean 'ndvi'"),
        (["toa.B10"], "does not exist"),
        (["S2"], "Did you mean 's2'"),
    ],
)
def test_a_mistyped_or_absent_channel_names_the_nearest(names, message):
    with pytest.raises(UnknownNameError, match=message):
        channels.expand(names, BOA)


def test_what_the_bands_of_a_store_cannot_give_is_absent():
    few = ("B02", "B03", "B04", "B08")
    assert channels.expand(["ndvi"], few) == ("ndvi",)
    for names in (["nbr"], ["s2"], ["tci"]):
        with pytest.raises(UnknownNameError):
            channels.expand(names, few, tci=False)
    with pytest.raises(ValueError, match=r"\['B04'\] come twice"):
        channels.expand(["boa", "B04"], few)
    with pytest.raises(ValueError, match="there is none"):
        channels.expand([], few)


def test_planes_needed_come_once_and_a_missing_one_is_named(planes):
    assert channels.needs(["ndvi", "nbr", "tci.r"]) == ("B08", "B04", "B12", "tci.r")
    assert channels.bands("mtvi2") == ("B08", "B04", "B03")
    with pytest.raises(UnknownNameError, match="band 'B08' does not exist"):
        channels.compute(["ndvi"], {"B04": planes["B04"]})
