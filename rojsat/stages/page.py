"""Write the study as one page: `python -m rojsat.stages.page [size=full] [data=NAME]`.

Leaves `reports/study.html` (`study_full.html`, `study_NAME.html`). Trains nothing; what is missing is named first.
"""

import sys
from collections.abc import Sequence

from rojsat.config import command, compose
from rojsat.config.schema import Experiment
from rojsat.page import contents, html, needs
from rojsat.page.page_inputs import PageInputs


def run(experiment: Experiment, overrides: Sequence[str] = ()) -> None:  # noqa: ARG001 - each experiment is composed
    """Write the page from the reports of the experiments with `overrides` applied to each."""
    inputs = PageInputs(overrides)
    needs.check(contents.needs(inputs))
    text = html.render(contents.make(inputs))
    page = compose.ROOT / "reports" / f"{inputs.name}.html"
    partial = page.with_name(f"{page.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(page)
    print(f"page: {page}")


def _overrides(words: Sequence[str]) -> list[str]:
    """The overrides among the words of a command line."""
    return [word for word in words if "=" in word and not word.startswith("dry=")]


if __name__ == "__main__":
    command.execute(
        lambda experiment: run(experiment, _overrides(sys.argv[1:])), "rojsat.stages.page", needs_experiment=False
    )
