import json

import pytest

from rojsat.chips import store_facts


@pytest.mark.parametrize("regions", [{}, {"å\n": {"shape": [1, 2], "crs": 'a"\n "regions": {}'}, "b": {"parts": {}}}])
def test_regions_are_written_as_all_facts_at_once_would_be(regions, tmp_path):
    facts = {"digest": "0", "recipe": {"regions": {}}, "regions": {}, "unscaled": {"percentile": 97}}
    store_facts.write(tmp_path, facts, regions)
    expected = json.dumps(facts | {"regions": regions}, indent=1) + "\n"
    assert (tmp_path / "chips.json").read_text() == expected
