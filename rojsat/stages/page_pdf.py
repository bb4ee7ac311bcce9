"""Print a page of the study as PDF, with headless Chromium: `python -m rojsat.stages.page_pdf [PAGE]`."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rojsat.config import compose

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

PATIENCE = 300
"""Seconds that a browser may take."""


def run(page: Path) -> Path:
    """Print `page` beside itself.

    Raises:
        ValueError: if there is no page or no browser, or the browser prints nothing.
    """
    if not page.exists():
        raise ValueError(f"{page} does not exist; `python -m rojsat.stages.page` writes reports/study.html")
    place = page.with_suffix(".pdf")
    partial = place.with_name(f"{place.name}.partial")
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
    partial.replace(place)
    return place


def browser() -> str:
    """The first of `BROWSERS` that is there.

    Raises:
        ValueError: if none is.
    """
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise ValueError(
        f"none of {', '.join(BROWSERS)} is on the PATH; install one (Debian: apt install chromium) or print the page "
        "with any browser"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="rojsat.stages.page_pdf", description=__doc__)
    parser.add_argument("page", nargs="?", type=Path, default=compose.ROOT / "reports" / "study.html")
    try:
        print(f"printed: {run(parser.parse_args().page)}")
    except (ValueError, OSError, subprocess.TimeoutExpired) as error:
        print(f"rojsat.stages.page_pdf: {error}", file=sys.stderr)
        sys.exit(2)
