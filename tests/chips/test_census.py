import numpy as np
import pandas as pd
import pytest

from rojsat.chips import census
from rojsat.figures import data_overview

SCENES = pd.DataFrame(
    {"date": ["2019-08-01", "2019-08-01", "2019-08-04", "2019-08-09"], "relative_orbit": [65, 65, 22, 0]}
)
REGIONS = pd.DataFrame(
    {"region": ["1", "2", "s"], "role": ["clearing", "clearing", "stand"], "label": [None, None, "need"]}
)
INDEX = pd.DataFrame(
    {
        "region": ["1", "s", "1"],
        "date": ["2019-08-01", "2019-08-01", "2019-08-04"],
        "relative_orbit": [65, 65, 22],
        "nodata": [0.0, 0.5, 0.0],
        "cloud": [0.1, 0.3, np.nan],
    }
)
DROPPED = pd.DataFrame(
    {
        "region": ["2", "s"],
        "date": [None, "2019-08-04"],
        "relative_orbit": [-1, 22],
        "reason": ["not a clearing object", "more than 90% under cloud"],
        "nodata": [np.nan, 0.2],
        "cloud": [np.nan, 1.0],
    }
)


@pytest.fixture
def counted():
    return census.take(SCENES, REGIONS, INDEX, DROPPED)


def test_overpasses_count_scenes_regions_and_chips(counted):
    columns = ["date", "relative_orbit", "scenes", "regions", "kept", "left_out"]
    assert counted.overpasses[columns].to_numpy().tolist() == [
        ["2019-08-01", 65, 2, 2, 2, 0],
        ["2019-08-04", 22, 1, 2, 1, 1],
        ["2019-08-09", 0, 1, 0, 0, 0],
    ]
    np.testing.assert_allclose(counted.overpasses["cloud"], [0.2, 1.0, np.nan])
    np.testing.assert_allclose(counted.overpasses["nodata"], [0.25, 0.1, np.nan])


def test_regions_count_those_that_have_chips(counted):
    assert counted.regions.to_numpy().tolist() == [["clearing", "", 2, 1, 2], ["stand", "need", 1, 1, 1]]


def test_reasons_count_chips_and_complete_regions(counted):
    assert counted.reasons.to_numpy().tolist() == [["more than 90% under cloud", 1, 1], ["not a clearing object", 1, 0]]


def test_the_text_reads_as_a_table(counted):
    report = census.text("small", counted, {"scenes": "4"})
    assert report.startswith("# Data set small\n\n* scenes: 4\n")
    assert "| 2019-08-04 | 022            |" in report
    assert "| unknown        |" in report
    assert len({len(line) for line in report.split("## Regions")[0].splitlines() if line.startswith("|")}) == 1


def test_the_figure_shows_every_overpass_and_reason(counted):
    places = pd.DataFrame({"role": ["clearing", "stand"], "longitude": [15.6, 15.7], "latitude": [58.4, 58.5]})
    ring = np.array([[15.5, 58.3], [15.8, 58.3], [15.8, 58.6], [15.5, 58.3]])
    figure = data_overview.overview(
        "small", counted.overpasses, counted.regions, counted.reasons, places, {65: [ring], 0: [ring]}
    )
    chips, clouds, where, regions, reasons = figure.axes
    assert [bar.get_height() for bar in chips.patches] == [2, 1, 0, 0, 1, 0]
    assert [tick.get_text() for tick in clouds.get_xticklabels()] == ["2019-08-01", "2019-08-04", "2019-08-09"]
    assert {text.get_text() for text in where.get_legend().get_texts()} == {
        "scenes",
        "scenes of orbit 065",
        "clearing",
        "stand",
    }
    assert [tick.get_text() for tick in regions.get_yticklabels()] == ["clearing", "stand, need"]
    assert next(tick.get_text() for tick in reasons.get_yticklabels()) == "kept"
    figure.canvas.draw()
