"""One word for one thing, the field's own: text, messages, comments and names hold none of the words refused here."""

import functools
import io
import keyword
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rojsat.config import compose

REFUSED = {
    # in text, comments, messages, and names split into their words: what to write instead
    r"\bpasses\b|\b(?:a|one|each|every|per|the|this|that|kept|best|first|last|same|few|more|many|\d+) pass\b": (
        "epochs, best epoch; overpass of a satellite"
    ),
    r"\bfrom chance\b": "random initialisation, trained from scratch",
    r"(?<!\.)\b(?:br(?:ings?|inging|ought)|gather(?:s|ed|ing)?)\b": "downloads, sends, fetches, collects",
    r"\banew\b": "again, from scratch; as advice: the command itself",
    r"\blearnt\b|\bnever (?:seen|saw|shown)\b|\b(?:it|they) (?:saw|learnt)\b": "trained on, not trained on",
    r"\bneedy\b": "predicts need",
    r"\balarms?\b": "false positives, false positive rate",
    r"\bprob(?:es?|ed|ing)\b": "control area",
    r"\bjudg(?:es?|ed|ing)\b": "evaluated",
    r"\btold\b(?! apart)|\bsaid\b": "reported, printed, named",
    r"\bspoil(?:s|t|ed|ing)?\b": "corrupted",
    r"\blaid\b|\blay(?:s|ing)? over\b|(?<![\w.\"'])change=": "variant=, applied to",
    r"\bcrown(?:ed|ing)?\b|\bduels?\b": "promote, comparison; (tree crowns are fine)",
    r"\bmeasur(?:es?|ed|ing) (?:a|the|each|every) (?:model|network)\b": "evaluate",
    r"\bwhole\b(?! numbers?\b)|\bhalf[- ]made\b": "complete, incomplete",
    r"\blength of the study\b|\bsize[= `]+paper\b|(?<!on )\bpaper\b|\bmake long\b|\blong (?:runs|trainings)\b": (
        "full, size=full"
    ),
    r"\bfirst_layer: study\b": "first_layer: rgb_first",
}

REFUSED_NAMES = {
    r"Planes": "Samples: a plane is a 2-D array",
    r"Order": "Sampler",
    r"_?long": "full",
}

TEXTS = (
    "*.md",
    "docs/**/*.md",
    "*/README.md",
    "experiments/**/*.yaml",
    "Makefile",
    "dvc.yaml",
    "bench/**/*.py",
    "*.cfg",
)

HISTORY = ("CHANGELOG.md", "results/README.md")
"""Name an old word where a reader must know it, in backticks."""

VAGUE = frozenset(
    "found one place mine said there here theirs ours made wanted whole twice told given taken".split()  # noqa: SIM905
)
"""Names that do not say what they hold: a variable bears its subject, `test_rows`, not `mine`."""

BAR = 5
"""Vague names per 1000 lines at most; good code bases have 0.0 to 0.2."""


def rooms() -> dict[str, list[Path]]:
    """The files that are read, by the entry of the package or the pattern that they come from."""
    package = compose.ROOT / "rojsat"
    entries = sorted(path for path in package.iterdir() if not path.name.startswith("__pyc"))
    files = {
        f"rojsat/{entry.name}": [entry]
        if entry.is_file()
        else sorted(path for kind in ("py", "md", "html", "yaml") for path in entry.rglob(f"*.{kind}"))
        for entry in entries
    }
    return files | {pattern: sorted(compose.ROOT.glob(pattern)) for pattern in TEXTS}


ROOMS = rooms()


def phrases(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it is a name, of all that a reader of the file reads."""
    text = path.read_text()
    if path.suffix != ".py":
        if path.relative_to(compose.ROOT).as_posix() in HISTORY:
            text = re.sub(r"`[^`\n]*`", "``", text)
        yield from ((number, line, False) for number, line in enumerate(joined(text), 1))
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            call = token.line[token.end[1] : token.end[1] + 1] == "("
            yield token.start[0], token.string + "(" * call, True
        elif token.type in (tokenize.STRING, tokenize.COMMENT):
            yield from ((token.start[0] + number, line, False) for number, line in enumerate(joined(token.string)))


def joined(text: str) -> list[str]:
    """The lines of a text, each followed by a tab and the first words of the next: a phrase may span two lines."""
    lines = text.splitlines()
    follow = [" ".join(re.sub(r"^[\s#>*]+", "", line).split()[:3]) for line in [*lines[1:], ""]]
    return [f"{line}\t{words}" for line, words in zip(lines, follow, strict=True)]


def words(name: str) -> str:
    """`_keptPass_rows` as `kept pass rows`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").strip().lower()


@functools.cache
def matches(text: str) -> dict[str, str]:
    """Refused words that begin before the tab of a text, with what to write instead; most names stand many times."""
    faults = {}
    for pattern, instead in REFUSED.items():
        match = re.search(pattern, text.replace("\t", " "), re.IGNORECASE)
        if match and match.start() <= len(text.partition("\t")[0]):
            faults[match.group().lower()] = instead
    return faults


def refused(path: Path) -> list[str]:
    """What the file says that it must not, with line and what to write instead."""
    faults = {}
    for line, text, is_name in phrases(path):
        checked = words(text.rstrip("(")) if is_name else text
        faults |= {(line, word): instead for word, instead in matches(checked).items()}
        for pattern, instead in REFUSED_NAMES.items() if is_name else ():
            if re.fullmatch(pattern, text):
                faults[line, text] = instead
    return [f"{path.relative_to(compose.ROOT)}:{line}: {word!r}: {instead}" for (line, word), instead in faults.items()]


@pytest.mark.parametrize("room", ROOMS)
def test_the_words_are_the_fields_own(room):
    faults = [fault for path in ROOMS[room] for fault in refused(path)]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('"""Seven passes."""', "passes"),
        ("kept_pass = 1", "kept pass"),
        ("# weights start from chance", "from chance"),
        ("def crown(): ...", "crown"),
        ("from rojsat.learn.data.inputs import Planes", "Planes"),
        ('print("it is a whole")', "whole"),
        ('"""Masks are of the\nlength of the study."""', "length of the study"),
        ("study.long", "long"),
    ],
)
def test_a_refused_word_is_noticed_wherever_it_stands(tmp_path, monkeypatch, text, word):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text(text + "\n")
    assert [repr(word) in fault for fault in refused(tmp_path / "a.py")][:1] == [True]


def test_the_same_letters_in_another_sense_are_fine(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    text = 'def f(): pass\n"""Each overpass; files of other formats pass; whole numbers."""\nlabel.long()\n'
    (tmp_path / "a.py").write_text(text)
    assert refused(tmp_path / "a.py") == []


def vague(folder: Path) -> tuple[Counter[str], float]:
    """How often each vague name stands in the folder, and all of them per 1000 lines."""
    count, lines = Counter[str](), 0
    for path in folder.rglob("*.py"):
        text = path.read_text()
        lines += text.count("\n")
        hypothesis = re.search(r"^from hypothesis import .*\bgiven\b", text, re.MULTILINE) is not None
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and token.string in VAGUE and not (hypothesis and token.string == "given"):
                count[token.string] += 1
    return count, 1000 * count.total() / lines


@pytest.mark.parametrize("folder", ["rojsat", "tests", "bench"])
def test_variables_bear_their_subject(folder):
    count, rate = vague(compose.ROOT / folder)
    assert rate < BAR, f"{rate:.1f} per 1000 lines: {dict(count)}"
