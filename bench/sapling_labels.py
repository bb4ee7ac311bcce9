"""What Tapio's thresholds make of measured sapling plots: `python -m bench.sapling_labels FILE DAY [OUT.gpkg]`.

FILE is a GeoPackage or CSV of plots (`rojsat.geo.finland.sapling_plots`), DAY that of the image, 2023-07-01. Prints the
plots by label and reason. OUT gets the circles of the labelled plots, to be named in `data.regions` with the role
`stand` and `labels.source: polygons`.
"""

import sys
from datetime import date
from pathlib import Path

from bench import tables
from rojsat.geo.finland import sapling_labels, sapling_plots
from rojsat.geo.vectors import vector_files


def main(path: Path, day: date, out: Path | None) -> None:
    """Label the plots, print the counts, write the circles.

    Raises:
        ValueError: as their reader, and if `out` exists.
    """
    if out is not None and out.exists():
        raise ValueError(f"{out} exists already; name another file")
    labels = sapling_labels.label(sapling_plots.read(path), day)
    named = labels.fillna({"label": "unknown"}).groupby(["label", "reason"]).size()
    rows = [
        {"label": label, "strength": "strong" if label != "unknown" else "", "reason": reason, "plots": int(count)}
        for (label, reason), count in named.items()
    ]
    tables.show(f"{path.name}: {len(labels)} plots, image of {day}", rows)
    if out is not None:
        circles = labels[labels["label"].notna()].rename(columns={"plot": "region"})
        vector_files.write_geopackage(circles.drop(columns="stand"), out, layer="sapling_plots")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("name a file of sapling plots and a day: python -m bench.sapling_labels FILE 2023-07-01 [OUT.gpkg]")
    try:
        main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) == 4 else None)
    except ValueError as error:
        sys.exit(str(error))
