"""What a country costs and how long it takes: `python -m bench.scale [KEY=NUMBER ...] [--write] [--json FILE]`.

Prints the tables of docs/scale.md from the unit costs and assumptions in this folder, with some of them replaced:
`python -m bench.scale stands=100000 price_core_hour=0.02`. `--write` puts the tables and the figure of the checked-in
numbers into docs.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench import tables
from bench.scale import figure, page, quantities, walls
from rojsat.config import compose

PAGE = compose.ROOT / "docs" / "scale.md"


def main(words: Sequence[str], write: bool, path: Path) -> None:
    """Simulate, print the tables, write the JSON, and the page if asked to.

    Raises:
        ValueError: if a word is no quantity, or the page is to be written with other numbers than the checked-in ones.
    """
    if write and words:
        raise ValueError("--write writes the checked-in numbers: change bench/scale/*.yaml, or leave one of the two")
    of = quantities.values(words)
    by_name = page.tables(of, walls.simulations(of))
    for name, rows in by_name.items():
        print(f"\n{name}\n\n{page.markdown(rows)}", end="")
    tables.write(path, {"quantities": of, **by_name})
    if write:
        PAGE.write_text(page.fill(PAGE.read_text(), by_name))
        figure.draw(of, PAGE.parent / "pictures")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("words", nargs="*", metavar="KEY=NUMBER")
    parser.add_argument("--write", action="store_true", help="put the tables and the figure into docs")
    parser.add_argument("--json", type=Path, default=Path("reports/bench/scale.json"))
    arguments = parser.parse_args()
    try:
        main(arguments.words, arguments.write, arguments.json)
    except ValueError as error:
        parser.error(str(error))
