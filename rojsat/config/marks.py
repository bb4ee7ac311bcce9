"""What a key of the experiment decides and which values it can have: metadata of the fields of `rojsat.config.schema`.

What a key decides is read by `rojsat.config.decides`, which values it can have by `rojsat.config.checks`: `least`,
`most` (both may be reached), `above`, `below` (neither may), of numbers and of the members of lists; `among`, the
variable that holds the names that there are, as `learn/machine:DEVICES` below `rojsat/`.
"""

RESULT = {"decides": "result"}
"""Another value may give other numbers: other report, other fingerprint, other name."""

SEARCHABLE = RESULT | {"searchable": True}
"""A result that a search may vary: training sees it, and validation stays the same."""

MACHINE = {"decides": "machine"}
"""Where the data lie, who does the work and how fast."""

RECORD = {"decides": "record"}
"""What is shown or kept of a run."""

SEARCH = {"decides": "search"}
"""What `rojsat.tune` tries and how it chooses; nothing of a single run."""

EVALUATION = {"decides": "evaluation"}
"""Which folds and seeds `rojsat.evaluate` trains; nothing of a single run."""

PRETRAINING = {"decides": "pretraining"}
"""What `rojsat pretrain` trains on; nothing of a single run, which starts from the weights that came of it."""

SOURCE = {"decides": "source"}
"""What an experiment is composed of: names of its files, and values that other keys refer to."""
