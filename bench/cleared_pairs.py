"""The rule for stands that look cleared, on pairs of dates with a known answer: `python -m bench.cleared_pairs CHIPS`.

CHIPS is the chip store of a data set with labels of completed tendings (`data/processed/<name>`). A share says little
by itself: the two rows stand beside each other, and the number of stands of each is the prevalence.
"""

import sys
from pathlib import Path

from bench import tables
from rojsat.chips.reader import Chips
from rojsat.maps import cleared_pairs

if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        table = cleared_pairs.evaluate(Chips(path))
        tables.show(path.name, [{str(key): value for key, value in row.items()} for row in table.to_dict("records")])
