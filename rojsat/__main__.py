"""`rojsat NAME words`: the one command of rojsat. It imports nothing but the module of the command that is called."""

from rojsat.config import dispatch

COMMANDS = {
    "data new": "rojsat.stages.new_data",
    "inspect": "rojsat.stages.inspect",
    "pretrain": "rojsat.stages.pretrain",
    "run": "rojsat.run",
    "evaluate": "rojsat.evaluate",
    "final": "rojsat.stages.final",
    "compare": "rojsat.compare",
    "tune": "rojsat.tune",
    "promote": "rojsat.promote",
    "ui": "rojsat.stages.ui",
    "maps": "rojsat.stages.maps",
    "predict": "rojsat.stages.predict",
    "export": "rojsat.stages.export",
    "page": "rojsat.stages.page",
    "sync": "rojsat.sync",
}
"""The module of each command, in the order in which a person needs them. A name may have two words."""


def main() -> None:
    """Run the command that the command line names, or list all."""
    dispatch.call(COMMANDS)


if __name__ == "__main__":
    main()
