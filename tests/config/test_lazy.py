import sys

import pytest

from rojsat.config import lazy


def test_a_module_is_imported_when_it_is_first_used(tmp_path, monkeypatch):
    (tmp_path / "postponed.py").write_text("value = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = lazy.module("postponed")
    assert "postponed" not in sys.modules
    assert module.value == 3 == sys.modules.pop("postponed").value


def test_a_module_that_does_not_exist_is_refused_at_once():
    with pytest.raises(ModuleNotFoundError, match="rojsat.nothing"):
        lazy.module("rojsat.nothing")
