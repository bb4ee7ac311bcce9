"""Files that a user names by patterns."""

import pytest

from rojsat.geo import file_paths


def test_each_file_once_whatever_patterns_name_it(tmp_path):
    for name in ("b.gpx", "a.gpx", "._a.gpx", "a.csv"):
        (tmp_path / name).touch()
    assert file_paths.files(["*.gpx", "a.*"], tmp_path, key="") == [tmp_path / n for n in ("a.csv", "a.gpx", "b.gpx")]


def test_a_pattern_without_a_file_names_the_key_and_the_complete_path(tmp_path):
    (tmp_path / "a.gpx").touch()
    with pytest.raises(ValueError, match=rf"data\.gps\.files: no file matches {tmp_path}/\*\.kml"):
        file_paths.files(["a.gpx", "*.kml"], tmp_path, key="data.gps.files")
