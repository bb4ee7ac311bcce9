"""DVC's commands, each in a process of its own that has imported DVC already, see `tests.support.warm`."""

import json

from tests.support.warm import Child

_COMMAND = """
import json, os, sys
folder, environment = sys.argv[1], json.loads(sys.argv[2])
os.environ.update(environment)
os.chdir(folder)
from dvc.cli import main
sys.exit(main(sys.argv[3:]))
"""


def call(folder, *words, environment):
    """Run `dvc` with these words in a folder, which must end well; what it prints."""
    status, printed, errors = Child(_COMMAND, folder, json.dumps(environment), *words).end()
    assert status == 0, printed + errors
    return printed
