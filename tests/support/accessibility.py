"""What axe-core finds on an open page, see `tests/support/axe/README.md`."""

from pathlib import Path

AXE = Path(__file__).with_name("axe") / "axe.min.js"

RUN = """const done = arguments[arguments.length - 1];
axe.run(document).then(report => done(report.violations.map(
    fault => `${fault.id}: ${fault.nodes.length}, first ${fault.nodes[0].html.slice(0, 200)}`)), done);"""


def faults(driver):
    """Each fault of the page that a browser shows, with the first element that has it."""
    driver.set_script_timeout(120)
    driver.execute_script(AXE.read_text(encoding="utf-8"))
    return driver.execute_async_script(RUN)
