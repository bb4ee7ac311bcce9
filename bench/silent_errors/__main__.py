"""Try planted mistakes: `python -m bench.silent_errors [CASE ...] [FOLDER]`; `list` names them.

Prints what comes of each through rojsat's commands and through a short script on rasterio, geopandas and pandas, and
writes `silent_errors.json`, `.csv` and `.md` into FOLDER (default reports/bench).
"""

import os
import sys

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

from bench.silent_errors import table

if __name__ == "__main__":
    table.main(sys.argv[1:])
