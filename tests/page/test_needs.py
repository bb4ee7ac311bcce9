import pytest

from rojsat.config import compose
from rojsat.page import needs
from rojsat.page.needs import OutputFolder


def test_missing_files_are_named_once_below_the_command_that_makes_them(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    (tmp_path / "present.json").touch()
    output = OutputFolder(tmp_path, "python -m command")
    with pytest.raises(ValueError, match="files that do not exist") as error:
        needs.check([output.need("present.json", "a.csv"), output.need("a.csv", "b.csv")])
    assert str(error.value).endswith("\n  python -m command\n    makes a.csv, b.csv")


def test_nothing_missing_is_no_error(tmp_path):
    (tmp_path / "present.json").touch()
    needs.check([OutputFolder(tmp_path, "python -m command").need("present.json")])
