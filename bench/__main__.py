"""Run every measurement: `python -m bench [FOLDER]`, JSON of each in FOLDER (default reports/bench)."""

import sys
from pathlib import Path

from bench import (
    cloud_mask,
    cutting,
    decoding,
    gps_points,
    index_growth,
    input_pipeline,
    jobs,
    prediction,
    regions,
    run_storage,
    serving,
    start_up,
    step_speed,
    stream,
    tracking,
    training_loop,
)
from bench.scale import __main__ as scale
from bench.silent_errors import table


def main() -> None:
    """Measure, print a table each, write the JSON."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench")
    cloud_mask.main(folder / "cloud_mask.json")
    cutting.main(folder / "cutting.json")
    decoding.main(folder / "decoding.json")
    gps_points.main(folder / "gps_points.json")
    index_growth.main(folder / "index_growth.json")
    input_pipeline.main(folder / "input_pipeline.json")
    jobs.main(folder / "jobs.json")
    step_speed.main(folder / "step_speed.json")
    regions.main(folder / "regions.json", largest=100_000)
    run_storage.main(folder / "run_storage.json")
    serving.main(folder / "serving.json")
    prediction.main(folder / "prediction.json")
    start_up.main(folder / "start_up.json")
    stream.main(path=folder / "stream.json")
    tracking.main(folder / "tracking.json")
    training_loop.main(path=folder / "training_loop.json")
    table.main([str(folder)])
    scale.main([], write=False, path=folder / "scale.json")


if __name__ == "__main__":
    main()
