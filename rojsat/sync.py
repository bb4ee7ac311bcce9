"""Send what waits since a tracking server went away: `python -m rojsat.sync`. Status 1 if something still waits."""

import sys

from rojsat.tracking import recorder


def main() -> int:
    """Send all that is for the server of MLFLOW_TRACKING_URI, say what is left, give the exit status."""
    recorder.sync()
    left = recorder.waiting()
    for run, (address, count) in left.items():
        does = (
            "does not answer" if address == recorder.address() else f"is another server: MLFLOW_TRACKING_URI={address}"
        )
        print(f"rojsat.sync: {count} records of run {run} wait for {address}, which {does}", file=sys.stderr)
    if not left:
        print("nothing waits")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
