import geopandas as gpd
import pytest
from shapely.geometry import box

from rojsat.geo.finland import forest_standard_xml, kept_tables, stand_regions
from rojsat.geo.labels import completed_tendings
from tests.geo.finland.conftest import document, stand
from tests.support.finnish_files import operation

STANDS = document(
    stand("1", "T2", operations=operation(completed="2017-05-01")),
    stand("2", "T2", operations=operation("660", completed="2022-01-01")),
    stand("3", "04", operations=operation("3", completed="2010-01-01")),
)


def masks(tmp_path, ids, role="stand", **options):
    (tmp_path / "stands.xml").write_text(STANDS, encoding="utf-8")
    regions = gpd.GeoDataFrame({"region": ids, "role": role}, geometry=[box(0, 0, 1, 1)] * len(ids), crs="EPSG:3067")
    return completed_tendings.masks(tmp_path, regions, {}, **{"files": [str(tmp_path / "*.xml")], **options})


def test_regions_get_the_history_of_their_stand_or_a_reason(tmp_path):
    labels = masks(tmp_path, ["s1", "s2", "s3", "s9"], prefix="s", until="2023-01-01")
    assert labels.masks == {} and labels.facts["stands"] == {"tended": 1, "not tended": 1}
    assert labels.facts["histories"]["s1"] == {
        "development_class": "T2",
        "tended": "2017-05-01",
        "quiet_from": "2010-01-01",
        "quiet_until": "2023-01-01",
    }
    assert labels.dropped == {"s3": "development class 04", "s9": "no stand of this id in the files of stands"}


def test_without_files_the_stands_of_the_regions_are_looked_up(tmp_path):
    (tmp_path / "stands.xml").write_text(STANDS, encoding="utf-8")
    table = forest_standard_xml.read(tmp_path / "stands.xml").prefixed("s")
    kept_tables.write(table, tmp_path / stand_regions.FOLDER / "0", {"source": "forest_standard_xml", "path": "a.xml"})
    kept, named = masks(tmp_path, ["s1", "s2"], files=[]), masks(tmp_path, ["s1", "s2"], prefix="s")
    assert kept == named


@pytest.mark.parametrize(
    ("ids", "options", "message"),
    [
        (["7"], {}, "no region of role stand has a history in the files of stands: 1 no stand of this id"),
        (["1"], {"role": "control"}, "no region of role stand has a history.*there is none"),
        (["1"], {"until": "soon"}, "until=soon: it is no date"),
        (["1"], {"files": ["absent.xml"]}, "no file matches .*absent.xml"),
        (["1"], {"files": []}, "name files of stands by data.labels.options.files"),
    ],
)
def test_what_gives_no_labels_is_refused(tmp_path, ids, options, message):
    with pytest.raises(ValueError, match=message):
        masks(tmp_path, ids, **options)
