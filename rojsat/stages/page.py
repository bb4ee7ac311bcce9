"""Write the study as one page: `python -m rojsat.stages.page [size=full] [data=NAME]`.

Leaves `reports/study.html` (`study_full.html`, `study_NAME.html`). Trains nothing; what is missing is named first.
"""

import sys
from collections.abc import Sequence

from rojsat.config import command, compose
from rojsat.config.schema import Experiment
from rojsat.page import contents, html
from rojsat.page.inputs import Study


def run(experiment: Experiment, overrides: Sequence[str] = ()) -> None:  # noqa: ARG001 - each experiment is composed anew
    """Write the page from the reports of the experiments with `overrides` laid over each."""
    study = Study(overrides)
    study.check()
    text = html.render(contents.make(study))
    place = compose.ROOT / "reports" / f"{study.name}.html"
    partial = place.with_name(f"{place.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(place)
    print(f"page: {place}")


def _said(words: Sequence[str]) -> list[str]:
    """The overrides among the words of a command line."""
    return [word for word in words if "=" in word and not word.startswith("dry=")]


if __name__ == "__main__":
    command.execute(lambda one: run(one, _said(sys.argv[1:])), "rojsat.stages.page", needs_experiment=False)
