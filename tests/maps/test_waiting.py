import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rojsat.config import compose
from rojsat.maps import waiting

FILE = Path("stands.gpkg")


def columns(**values):
    return pd.DataFrame(values, index=pd.Index(["a", "b", "c"], name="region"))


def test_heights_come_from_heights_else_from_ages():
    height = waiting.heights(columns(height_m=[2.0, np.nan, None], age_years=[30, 10, None]), FILE)
    assert height["a"] == 2 and height["b"] == pytest.approx(1 + 5 * 0.37) and np.isnan(height["c"])
    assert waiting.heights(columns(kind=["x", "y", "z"]), FILE) is None


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"height_m": [2, 25, 1]}, "height_m of stand 'b' is 25, which is not from 0 to 15 m .decimetres"),
        ({"height_m": ["2", "2,5 m", ""]}, "height_m of stand 'b' is '2,5 m'"),
        ({"age_years": [5, 7, 2012]}, "age_years of stand 'c' is 2012, .*the year of planting"),
        ({"age_years": [5, -1, 7]}, "age_years of stand 'b' is -1"),
        ({"Height_dm": [20, 30, 40]}, "column 'Height_dm' is not in metres, .* call it height_m"),
        ({"age": [5, 7, 9]}, "column 'age' is not in years, or does not say so"),
    ],
)
def test_another_unit_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        waiting.heights(columns(**table), FILE)


def test_years_left_and_costs_follow_from_the_parameters():
    stands = columns(need_ha=[2.0, 1.0, 3.0])
    costs = waiting.costs(stands, pd.Series([2.26, 3.74, np.nan], index=stands.index))
    assert costs["years_left"].tolist()[:2] == pytest.approx([2.0, -2.0]) and np.isnan(costs["years_left"]["c"])
    assert costs["waiting_cost_eur"].tolist()[:2] == [124.0, 62.0] and np.isnan(costs["waiting_cost_eur"]["c"])
    (text,) = waiting.words(stands.join(costs).reset_index(), 5)
    assert "1 of 2 stands of known height are past the best time, 3 m (b)" in text and "62 € dearer" in text
    assert waiting.words(stands, 5) == []


def test_every_parameter_has_a_source_and_stands_in_the_docs():
    docs = (compose.ROOT / "docs" / "maps.md").read_text()
    for name, parameter in waiting.PARAMETERS.items():
        assert parameter["source"] and parameter["unit"]
        value = parameter["value"] if isinstance(parameter["value"], str) else f"{parameter['value']:g}"
        assert re.search(rf"\| `{name}` \| {re.escape(value)} ", docs), name
