"""The promises of docs/reliability.md have their tests."""

import re

from rojsat.config import compose

PROMISES = (compose.ROOT / "docs" / "reliability.md").read_text().partition("## Promises")[2]


def test_every_promise_names_tests_that_exist():
    rows = re.findall(r"^\* \*\*.*?(?=^\* |\Z)", PROMISES, re.MULTILINE | re.DOTALL)
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row) for row in rows]
    assert len(rows) >= 10
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    absent = [
        f"{file}::{test}"
        for tests in named
        for file, test in tests
        if not re.search(rf"^def {test}\(", (compose.ROOT / file).read_text(), re.MULTILINE)
    ]
    assert absent == []
