"""The command line of every command: its `--help`, its `dry=true`, its errors and its exit status."""

import logging
import re
import signal
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rojsat.config import checks, compose, keys, lookup, meanings, plain_words, ranks
from rojsat.config.keys import ConfigError
from rojsat.config.schema import Experiment

OF_EXPERIMENT = "exp=NAME [key=value ...] [dry=true]"
"""The form of a command that runs an experiment."""

OF_DATA = "data=NAME [key=value ...] [dry=true]"
"""The form of a command that needs a data set alone."""


DATA = ("data.source", "data.root", "data.if_changed", "data.labels.source", "data.chips")
"""The keys that help shows for a command that needs a data set alone."""

WIDTH = 120
"""Of help, characters."""
_PLAIN = re.compile(r"[\w.\-]*")
"""A value that means itself in Hydra's syntax; others are quoted."""

OF_FOLDS = {"folds": "evaluate.folds", "seeds": "evaluate.seeds", "jobs": "evaluate.jobs"}
"""Short words of commands on evaluations over folds."""

OF_EVALUATION = {**OF_FOLDS, "local": "evaluate.local", "model": "evaluate.model", "trust": "evaluate.trust"}
"""Those of the command that makes one."""


@dataclass(frozen=True)
class Command:
    """How a command is called.

    Attributes:
        name: its module, `rojsat.run`.
        about: what it does; the docstring of its module.
        example: words of command lines, one a line.
        form: all words that it takes.
        keys: keys of its own that are none of an experiment, and what each is for.
        short: short words for keys of an experiment; the brackets of a list may be left out.
        shows: keys of an experiment, or beginnings of them, whose meanings help shows.
        lists: whether help describes every experiment and variant.
    """

    name: str
    about: str | None
    example: str
    form: str = OF_EXPERIMENT
    keys: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    shows: Sequence[str] = ()
    lists: bool = False

    @property
    def call(self) -> str:
        """How it was called: `rojsat run`, or `python -m rojsat.run`."""
        return sys.argv[0] if sys.argv[0].startswith("rojsat ") else f"python -m {self.name}"

    def unabridged(self, word: str) -> str:
        """A word of the command line, `seeds=0,1`, as the experiment has it, `evaluate.seeds=[0,1]`."""
        key, _, value = word.partition("=")
        if key not in self.short:
            return word
        if keys.is_list(self.short[key]):
            return f"{self.short[key]}={value if value.startswith('[') else f'[{value}]'}"
        return f"{self.short[key]}={value if _PLAIN.fullmatch(value) else repr(value)}"

    def usage(self) -> str:
        """What `--help` prints."""
        lines = [f"{self.call} {self.form}".strip(), "", (self.about or "").strip(), ""]
        lines += [f"Example: {self.call} {words}".strip() for words in self.example.split("\n")]
        shown = {**self.keys, **{word: f"short for {key}" for word, key in self.short.items()}}
        shown |= meanings.of(*(self.shows or (DATA if self.form == OF_DATA else ())))
        lines += ["", "Keys:", *_table(shown)] if shown else []
        if self.lists:
            lines += _listed("", "Experiments:")
            lines += _listed("variant", "Variants, variant=NAME or variant=NAME,NAME, composed over an experiment:")
        if "key=" in self.form:
            lines += ["", "Choices:", *_table({key: ", ".join(names) for key, names in self._choices().items()}), ""]
            lines += ["dry=true prints the composed experiment and what would run, and runs nothing."]
            lines += ["All keys, each with its unit and reason: experiments/default.yaml"]
        return "\n".join(lines)

    def _choices(self) -> dict[str, list[str]]:
        """The names that keys choose from, but those that help describes."""
        if self.form == OF_DATA:
            return {"data": compose.names("data")}
        groups = [group for group in compose.GROUPS if not (self.lists and group == "variant")]
        of_groups = {group: compose.names(group) for group in groups}
        return of_groups if self.lists or "exp=" not in self.form else {"exp": compose.names(), **of_groups}


def _table(rows: Mapping[str, str]) -> list[str]:
    """Keys with what they are, in two columns; each on as many lines as it takes."""
    start = max(map(len, rows)) + 5
    return [
        textwrap.fill(meaning, WIDTH, initial_indent=f"  {key}=".ljust(start), subsequent_indent=" " * start)
        for key, meaning in rows.items()
    ]


def _listed(group: str, title: str) -> list[str]:
    """The files of a group of `experiments/`, each with its header."""
    lines = ["", title]
    for name in compose.names(group):
        lines += [f"  {name}", *(f"      {line}" for line in compose.header(f"{group}/{name}").splitlines())]
    return lines


def plan(experiment: Experiment) -> list[str]:
    """The plan of a command that has no more to print."""
    return [f"name: {compose.run_name(experiment)}", f"results: {compose.report_folder(experiment)}"]


def words_without(*keys: str) -> list[str]:
    """The words of this process's command line, those of the form `key=value` with one of the keys left out."""
    return [word for word in sys.argv[1:] if word.partition("=")[0] not in keys]


_TAKES_KEYS_ALONE = re.compile(r"\[?(?:exp|data|size)=")
"""Forms of commands that take no plain words."""


def _terminated(number: int, frame: object) -> None:  # noqa: ARG001
    """What a job scheduler's SIGTERM does: the same as Ctrl-C."""
    raise KeyboardInterrupt(number)


def start(action: Callable[[list[str], bool], int | None], command: Command) -> None:
    """Run a command with the words of this process's command line.

    Exit status: what `action` returns, 0 if nothing; 2 an error that the user can cause or correct (`ValueError`,
    `OSError`), with its message; 130 Ctrl-C; 143 SIGTERM; 1 a fault of rojsat's, with its traceback.

    Args:
        action: takes the words, and whether `dry=true` is among them, which it must obey.
        command: how it is called.
    """
    words = [word for word in sys.argv[1:] if word not in ("dry=true", "dry=false")]
    if "--help" in words or "-h" in words:
        print(command.usage())
        return
    logging.basicConfig(format="%(message)s")
    logging.getLogger("rojsat").setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        if _TAKES_KEYS_ALONE.match(command.form):
            plain_words.check(words)
        status = action(words, "dry=true" in sys.argv[1:])
    except (ValueError, OSError) as error:
        print(f"{command.call}: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as error:
        print(f"{command.call}: interrupted; the same command goes on or starts again", file=sys.stderr)
        sys.exit(143 if error.args else 130)
    if status:
        sys.exit(status)


def execute(
    action: Callable[[Experiment], None], command: Command, plan: Callable[[Experiment], list[str]] = plan
) -> None:
    """Run a command on the experiment of this process's command line.

    Args:
        action: what it does.
        command: how it is called; where its form names no experiment, none is needed.
        plan: what `dry=true` prints after the experiment, instead of the action.
    """

    def run(words: list[str], dry: bool) -> None:
        if command.form == OF_EXPERIMENT and not any(word.startswith("exp=") for word in words):
            raise ConfigError(f"which experiment? exp=NAME, one of: {', '.join(compose.names())}")
        experiment = compose.parse([command.unabridged(word) for word in words])
        checks.check(experiment, all_folds="folds" in command.short)
        ranks.check(experiment.train, command.name)
        if not dry:
            checks.check_files(experiment)
            ranks.silence(experiment.train)
        if dry:
            print("\n".join([compose.written(experiment), *plan(experiment)]))
        else:
            action(experiment)

    start(run, command)


def split(words: Sequence[str], command: Command) -> tuple[list[str], dict[str, str]]:
    """Plain words, and the values of a command's own keys.

    Raises:
        UnknownNameError: a key that is none of them.
    """
    plain, values = [], {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            plain.append(word)
        elif key in command.keys:
            values[key] = value
        else:
            raise lookup.unknown(f"key of {command.name},", key, command.keys)
    return plain, values
