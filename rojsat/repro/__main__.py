"""Make the pipeline side by side, compare its metrics with git, or train the full length.

python -m rojsat.repro [STAGE ...]                      stages of dvc.yaml and what they need, then the comparison
python -m rojsat.repro compare [COMMIT]                 the metrics of reports/quick beside those of a commit (HEAD)
python -m rojsat.repro full [RUN ...] [key=value ...]   what experiments/pipeline.yaml lists at size full; hours
"""

import argparse
import os
import sys
from pathlib import Path

from rojsat.config import compose
from rojsat.repro import differences, full, quick

LOG = Path("reports", "repro.log")
"""What DVC and the stages print."""


def main(words: list[str]) -> None:
    """Do what the words of the command line ask for.

    Raises:
        ValueError: what cannot be done, and why.
    """
    parser = argparse.ArgumentParser(
        prog="rojsat.repro", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="side by side; default: one a core")
    arguments = parser.parse_args(words)
    command, *rest = arguments.words or [""]
    root, log = compose.ROOT, compose.ROOT / LOG
    os.chdir(root)  # commands of dvc.yaml and of the list run there
    if command == "compare":
        print(differences.table(root, *rest[:1]))
    elif command == "full":
        overrides = [word for word in rest if "=" in word]
        full.run([word for word in rest if "=" not in word], overrides, arguments.jobs, log)
    else:
        quick.run(root, arguments.words, arguments.jobs, log)
        print(f"\n{differences.table(root)}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (ValueError, OSError) as error:
        print(f"rojsat.repro: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("rojsat.repro: interrupted; the same command goes on", file=sys.stderr)
        sys.exit(130)
