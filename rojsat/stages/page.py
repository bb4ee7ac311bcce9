"""Write the study as one page.

Leaves `reports/study.html` (`study_full.html`, `study_NAME.html`), and beside a page that shows results at full length
`study_minutes.html`, of what this machine trained. Trains nothing; what is missing is named first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rojsat.config import command, compose, lazy
from rojsat.config.command import Command
from rojsat.config.schema import Experiment

if TYPE_CHECKING:
    from rojsat.page import contents, html, needs, page_inputs
else:
    contents, html = lazy.module("rojsat.page.contents"), lazy.module("rojsat.page.html")
    needs, page_inputs = lazy.module("rojsat.page.needs"), lazy.module("rojsat.page.page_inputs")

COMMAND = Command(
    "rojsat.stages.page", __doc__, "size=full\ndata=safe dry=true", "[size=NAME] [data=NAME] [key=value ...] [dry=true]"
)


def run(experiment: Experiment, overrides: Sequence[str] = ()) -> None:  # noqa: ARG001 - each experiment is composed
    """Write the page from the reports of the experiments with `overrides` applied to each."""
    inputs = page_inputs.PageInputs(overrides)
    needs.check(contents.needs(inputs))
    if inputs.full is not None:
        _write(inputs.minutes_name, contents.make_in_minutes(inputs))
    print(f"page: {_write(inputs.name, contents.make(inputs))}")


def _write(name: str, page: html.Page) -> Path:
    path = compose.ROOT / "reports" / f"{name}.html"
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(html.render(page), encoding="utf-8")
    partial.replace(path)
    return path


def write(words: list[str], dry: bool = False) -> None:
    """Write the page that a command line asks for; `dry=true` looks alone whether everything is there."""
    experiment = compose.parse(words)
    if dry:
        needs.check(contents.needs(page_inputs.PageInputs(words)))
    else:
        run(experiment, words)


def main() -> None:
    """Run the command line of this process."""
    command.start(write, COMMAND)


if __name__ == "__main__":
    main()
