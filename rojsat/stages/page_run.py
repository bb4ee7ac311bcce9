"""Write one run as a page of its own, `page.html` in its report. Trains nothing; what is missing is named first."""

from rojsat.config import command, compose
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.page import html, needs, run_page
from rojsat.page.needs import OutputFolder
from rojsat.page.run_report import RunReport

COMMAND = Command("rojsat.stages.page_run", __doc__, "exp=demo")

FILE = "page.html"
"""The page in the folder of a report."""


def run(experiment: Experiment) -> None:
    """Write the page from the report of the experiment, and print where to look next."""
    report = _report(experiment)
    needs.check(run_page.needs(report))
    page = report.output.path / FILE
    report_files.write_text(page, html.render(run_page.page(report)))
    print(f"page:     {page.as_uri()}")
    print("all runs: make ui")
    print("next:     the complete study: make repro; your own data: docs/data.md")


def plan(experiment: Experiment) -> list[str]:
    """What `dry=true` prints."""
    return [*command.plan(experiment), f"page: {compose.report_folder(experiment) / FILE}"]


def _report(experiment: Experiment) -> RunReport:
    folder = compose.report_folder(experiment)
    words = command.words_without("dry")
    return RunReport(experiment, OutputFolder(folder, " ".join(["python -m rojsat.run", *words])))


def main() -> None:
    """Write the page that the command line of this process asks for."""
    command.execute(run, COMMAND, plan)


if __name__ == "__main__":
    main()
