"""Print a page of the study, `reports/study.html` unless another is named, as PDF with headless Chromium."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from rojsat.config import command, compose
from rojsat.config.command import Command

COMMAND = Command("rojsat.stages.page_pdf", __doc__, "reports/study.html", "[PAGE]")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

PATIENCE = 300
"""Seconds that a browser may take."""


def run(page: Path) -> Path:
    """Print `page` beside itself.

    Raises:
        ValueError: if there is no page or no browser, or the browser prints nothing.
    """
    if not page.exists():
        raise ValueError(f"{page} does not exist; `rojsat page` writes reports/study.html")
    destination = page.with_suffix(".pdf")
    partial = destination.with_name(f"{destination.name}.partial")
    with tempfile.TemporaryDirectory() as home:
        command = [
            browser(),
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--no-pdf-header-footer",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium's sandbox refuses root
            f"--user-data-dir={home}",
            f"--print-to-pdf={partial.resolve()}",
            page.resolve().as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode or not partial.exists():
        raise ValueError(f"{command[0]} printed nothing: {done.stderr.strip()[-500:]}")
    partial.replace(destination)
    return destination


def browser() -> str:
    """The first of `BROWSERS` that is there.

    Raises:
        ValueError: if none is.
    """
    for name in BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    raise ValueError(
        f"none of {', '.join(BROWSERS)} is on the PATH; install one (Debian: apt install chromium) or print the page "
        "with any browser"
    )


def main(words: list[str], dry: bool = False) -> None:
    """Print the page that a command line names; `dry=true` looks for it and for a browser alone."""
    pages, _ = command.split(words, COMMAND)
    if len(pages) > 1:
        raise ValueError(f"one page at a time, not {len(pages)}: {', '.join(pages)}")
    page = Path(pages[0]) if pages else compose.ROOT / "reports" / "study.html"
    print(f"would print {page} with {browser()}" if dry else f"printed: {run(page)}")


if __name__ == "__main__":
    command.start(main, COMMAND)
