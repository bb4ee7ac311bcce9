from collections import Counter

import pytest
from shapely.geometry import box

from rojsat.config.lookup import UnknownNameError
from rojsat.geo.finland import forest_standard_xml, kept_tables, metsakeskus_gpkg, stand_regions
from tests.support import wfs_server
from tests.support.finnish_files import MadeStand, write_geopackage, write_xml


def square(number):
    return box(400000 + 200 * number, 6800000, 400100 + 200 * number, 6800100)


STANDS = [
    MadeStand("1", square(1), "T1", (("740", 2016, None),), "2015-06-01"),
    MadeStand("2", square(2), "02", (("750", None, "2016-05-04"), ("523", 2020, None))),
    MadeStand("3", square(3), "04", observed="2014-06-01"),
]
FILES = {"forest_standard_xml": (write_xml, "stands.xml"), "metsakeskus_gpkg": (write_geopackage, "MV_test.gpkg")}


@pytest.fixture(params=FILES)
def file(request, tmp_path):
    """The same stands in each format: the source and the file."""
    write, name = FILES[request.param]
    return request.param, write(tmp_path / name, STANDS)


def read(tmp_path, file, **keys):
    source, path = file
    keys = {"role": "stand", "crs": "EPSG:4326"} | keys
    return stand_regions.read(tmp_path / "finland" / "0", source=source, path=path.name, root=tmp_path, **keys)


def test_stands_of_the_classes_that_can_have_a_label_are_regions_without_one(tmp_path, file):
    regions = read(tmp_path, file)
    assert regions["region"].tolist() == ["1", "2"]
    assert set(regions["role"]) == {"stand"} and regions["label"].isna().all()
    assert regions.crs == "EPSG:4326"
    assert regions.geometry.to_crs("EPSG:32635").area.tolist() == pytest.approx([1e4, 1e4], rel=2e-3)
    assert stand_regions.lines(tmp_path) == [f"1 stands of {file[1].name}: development class 04"]


def test_tables_are_kept_as_they_were_read(tmp_path, file):
    readers = {"forest_standard_xml": forest_standard_xml, "metsakeskus_gpkg": metsakeskus_gpkg}
    before = readers[file[0]].read(file[1])
    for _ in range(2):  # an interrupted stage reads the vectors again
        read(tmp_path, file)
    (kept,) = kept_tables.read(tmp_path / "finland")
    assert kept.stands.equals(before.stands)
    assert Counter(kept.tree_stands) == Counter(before.tree_stands)
    assert Counter(kept.operations) == Counter(before.operations)
    (facts,) = kept_tables.facts(tmp_path / "finland")
    assert ("CC BY 4.0" in (facts["attribution"] or "")) == (file[0] == "metsakeskus_gpkg")


def test_a_prefix_stands_before_every_id(tmp_path, file):
    assert read(tmp_path, file, prefix="a").region.tolist() == ["a1", "a2"]
    (kept,) = kept_tables.read(tmp_path / "finland")
    assert set(kept.stands["stand"]) == {"a1", "a2", "a3"}
    assert {row.stand for row in (*kept.tree_stands, *kept.operations)} == {"a1", "a2", "a3"}


def test_stands_of_a_server_are_fetched_once_and_named_as_it_asks(tmp_path):
    server = wfs_server.WfsServer(stand=[wfs_server.stand(number) for number in range(12)])
    keys = {"source": "metsakeskus_wfs", "area": "399000,6899000,403000,6902000", "role": "stand", "crs": "EPSG:3067"}
    keys["servers"] = {"stands": server.url, "declarations": ""}
    try:
        regions = stand_regions.read(tmp_path / "finland" / "0", **keys)
        asked = len(server.requests)
        again = stand_regions.read(tmp_path / "finland" / "0", **keys)
        assert len(server.requests) == asked
    finally:
        server.close()
    assert len(regions) == 12 and again.equals(regions)
    (facts,) = kept_tables.facts(tmp_path / "finland")
    assert "Metsäkeskus" in facts["attribution"] and "fetched on" in facts["attribution"]


def test_columns_are_kept_for_splits(tmp_path, file):
    regions = read(tmp_path, file, columns=["area", "development_class"])
    assert regions[["kept_area", "kept_development_class"]].values.tolist() == [
        [file[1].name, "T1"],
        [file[1].name, "02"],
    ]


@pytest.mark.parametrize(
    ("keys", "error", "words"),
    [
        ({"role": "clearing"}, ValueError, "holds stands; write role: stand"),
        ({"label": "need"}, ValueError, "label cannot be set beside source forest_standard_xml"),
        ({"source": "metsakeskus_gpk"}, UnknownNameError, "Did you mean 'metsakeskus_gpkg'"),
        ({"path": None}, ValueError, "forest_standard_xml needs path, and takes no area"),
        ({"source": "metsakeskus_wfs"}, ValueError, "metsakeskus_wfs needs area, and takes no path"),
        (
            {"source": "metsakeskus_wfs", "path": None, "area": "Salo", "servers": {"stand": "x"}},
            UnknownNameError,
            "Did you mean 'stands'",
        ),
    ],
)
def test_keys_that_mean_nothing_are_refused(tmp_path, keys, error, words):
    write_xml(tmp_path / "stands.xml", STANDS)
    keys = {"source": "forest_standard_xml", "role": "stand", "path": "stands.xml", "crs": "EPSG:4326"} | keys
    with pytest.raises(error, match=words):
        stand_regions.read(tmp_path / "kept", root=tmp_path, **keys)


def test_a_file_of_which_no_stand_can_have_a_label_is_refused(tmp_path):
    path = write_xml(tmp_path / "stands.xml", STANDS[2:])
    with pytest.raises(ValueError, match=r"none of its 1 stands .* \(development class 04\)"):
        read(tmp_path, ("forest_standard_xml", path))
