"""What a file of a data set leaves open: each `???` in it, with the question that stands above it."""

from pathlib import Path

MARK = "# QUESTION:"
"""Begins the comment that asks; comments below it belong to it."""

OPEN = "???"
"""Stands where the answer belongs."""


def of(path: Path) -> list[str]:
    """The open questions of a file, `line 12, label: need or clear?`, in their order.

    A question is answered where no `???` stands below it any more; the comment may stay.
    """
    questions, asked = [], ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip().removeprefix("- ")
        if text.startswith(MARK):
            asked = text.removeprefix(MARK).strip()
        elif text.startswith("#"):
            asked = f"{asked} {text.lstrip('# ')}" if asked else ""
        elif text.partition(" #")[0].endswith(OPEN):
            questions.append(f"line {number}, {text.partition(':')[0]}: {asked or 'no value yet'}")
            asked = ""
        elif text:
            asked = ""
    return questions
