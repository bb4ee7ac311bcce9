import pytest

from rojsat.maps import stand_facts
from tests.support import map_scenes


def test_heights_and_days_are_read_by_the_ids_of_the_stands(tmp_path):
    stands = map_scenes.stands((0, 0, 5, 5), (9, 0, 5, 5)).rename(columns={"region": "nr"})
    stands.assign(height_m=[2.5, None], labelled=["2019-08-01", None]).to_file(tmp_path / "stands.gpkg")
    facts = stand_facts.read(tmp_path / "stands.gpkg", id_field="nr")
    assert facts.heights["a"] == 2.5 and facts.labelled == {"a": "2019-08-01"}
    assert stand_facts.read(tmp_path / "stands.gpkg").heights.index.tolist() == ["1", "2"]


def test_a_day_that_is_none_is_refused(tmp_path):
    map_scenes.stands((0, 0, 5, 5)).assign(labelled="last summer").to_file(tmp_path / "stands.gpkg")
    with pytest.raises(ValueError, match="region 'a': labelled is 'last summer', not a date"):
        stand_facts.read(tmp_path / "stands.gpkg")
