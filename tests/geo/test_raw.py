"""The raw data set: vectors are read before scenes, and end up in the scenes' coordinate system."""

import geopandas as gpd
import pytest

from rojsat.config.lookup import UnknownNameError
from rojsat.geo import made_from, raw
from rojsat.geo.gps import tracks
from rojsat.geo.harvests import harvest_table
from rojsat.geo.scenes import catalog
from rojsat.geo.vectors import region_files


@pytest.fixture
def delivered(tmp_path, world):
    """Files of an owner; the source is the small world itself."""
    folder = tmp_path / "delivered"
    folder.mkdir()
    regions = region_files.load_regions(world / "regions.gpkg").to_crs("EPSG:4326")
    for role in ("clearing", "stand"):
        regions[regions["role"] == role].drop(columns="role").to_file(folder / f"{role}.geojson")
    points = tracks.load_tracks(world / "gps.parquet")
    table = gpd.GeoDataFrame(geometry=gpd.points_from_xy(points.x, points.y), crs="EPSG:32633").to_crs(4326)
    csv = table.geometry.get_coordinates().rename(columns={"x": "lon", "y": "lat"})
    csv.assign(time=points.time).to_csv(folder / "points.csv", index=False)
    return folder


@pytest.fixture
def source(monkeypatch, world):
    """A source of the three scenes of the small world."""
    asked = []

    class Small:
        @staticmethod
        def write(destination, regions, *, root=None, cloud=90):
            asked.append(regions)
            catalog.write(destination, catalog.read(world), description="small")

    monkeypatch.setattr(raw.lookup, "module", lambda package, name, kind: Small)
    return asked


REGIONS = (
    {"path": "clearing.geojson", "role": "clearing"},
    {"path": "stand.geojson", "role": "stand", "prefix": "s"},
)


def test_vectors_are_written_in_the_crs_of_the_scenes(tmp_path, delivered, source):
    destination = tmp_path / "made"
    destination.mkdir()
    raw.write(
        destination,
        source="x",
        root=delivered,
        regions=REGIONS,
        gps={"files": ["*.csv"], "options": {"repeated": "keep"}},
    )
    regions = region_files.load_regions(destination / "regions.gpkg")
    assert regions.crs == "EPSG:32633"
    assert list(regions["region"]) == ["1", "2", "4", "sn", "sc"]
    assert source[0].crs == "EPSG:4326"
    assert len(tracks.load_tracks(destination / "gps.parquet")) > 100


def test_harvests_near_the_regions_are_kept_in_the_crs_of_the_scenes(tmp_path, delivered, source):
    stand = gpd.read_file(delivered / "stand.geojson").geometry.iloc[[0, 0]].to_crs(3006)
    columns = {"Avvdatum": ["2012-05-01", None], "Avverktyp": "Föryngringsavverkning"}
    gpd.GeoDataFrame(columns, geometry=stand.to_numpy(), crs=3006).to_file(delivered / "sks.gpkg")
    harvests = [{"path": "sks.gpkg", "register": "utford_avverkning"}]
    for name, regions in (("made", REGIONS), ("of_source", ())):
        (tmp_path / name).mkdir()
        if not regions:  # a source with regions of its own
            made = region_files.load_regions(tmp_path / "made" / "regions.gpkg")
            region_files.write_regions(made, tmp_path / name / "regions.gpkg")
        raw.write(tmp_path / name, source="x", root=delivered, regions=regions, harvests=harvests)
        table = harvest_table.load(tmp_path / name)
        assert table.crs == "EPSG:32633" and table["date"].tolist() == ["2012-05-01"]
        assert harvest_table.lines(tmp_path / name)[0].startswith(
            "1 harvests near the regions of sks.gpkg (Skogsstyrelsen, Utförda avverkningar, CC BY 4.0); left aside: "
            "1 without date"
        )
    recorded = made_from.of_raw(source="x", root=delivered, options={}, regions=(), gps={}, harvests=harvests)
    assert recorded["sks.gpkg"].names == ("sks.gpkg",) and not recorded["sks.gpkg"].in_full
    with pytest.raises(ValueError, match=r"absent\.gpkg"):
        raw.write(
            tmp_path,
            source="x",
            root=delivered,
            regions=REGIONS,
            harvests=[{"path": "absent.gpkg", "register": "utford_avverkning"}],
        )
    assert harvest_table.load(tmp_path) is None and harvest_table.lines(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"regions": ({"path": "absent.shp", "role": "stand"},)}, "absent.shp"),
        ({"regions": (REGIONS[0], REGIONS[0])}, "more than one of.*prefix"),
        ({"gps": {"files": ["*.gpx"]}}, "no file matches"),
        ({"options": {"clod": 3}}, "cloud"),
        ({"gps": {"files": ["*.csv"], "options": {"zome": "UTC"}}}, "zone"),
    ],
)
def test_bad_input_is_refused_before_any_scene(tmp_path, delivered, source, arguments, message):
    with pytest.raises(ValueError, match=message):
        raw.write(tmp_path, **({"source": "x", "root": delivered, "regions": REGIONS} | arguments))
    assert source == []


def test_stands_with_two_labels_on_the_same_ground_are_refused_or_reported(tmp_path, delivered, source, caplog):
    twice = [{**REGIONS[1], "label": label, "prefix": label} for label in ("need", "clear")]
    with pytest.raises(ValueError, match=r"needc \(need\) and clearc \(clear\), needn \(need\) and clearn"):
        raw.write(tmp_path / "refused", source="x", root=delivered, regions=twice)
    assert not source
    raw.write(tmp_path / "made", source="x", root=delivered, regions=REGIONS)
    assert "33% of sn (need) is sc (clear), 25% of sc (clear) is sn (need)" in caplog.text


def test_a_source_without_regions_needs_files_of_them(tmp_path, source):
    with pytest.raises(ValueError, match=r"data\.regions"):
        raw.write(tmp_path, source="x")


def test_an_unknown_source_is_named(tmp_path):
    with pytest.raises(UnknownNameError, match="sen2r"):
        raw.write(tmp_path, source="sen2")
