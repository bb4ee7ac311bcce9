"""What a run prints first and last: three lines on what it does, and the block of what came of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import torch

from rojsat.chips import findings
from rojsat.config import compose, decides, ranks, variants
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files, run_block
from rojsat.learn import pretrained_regions
from rojsat.learn.assembly import Assembled
from rojsat.learn.learners.network import NetworkLearner
from rojsat.tracking import links, recorder
from rojsat.tracking.links import Run


def opening(assembled: Assembled, folder: Path) -> list[str]:
    """Four lines: network and parameters, chips and regions of every part, where samples are, device and results.

    Weights that the network starts from, and labels that validation or test lack, are a line more each.
    """
    experiment, inputs, audit = assembled.settings, assembled.data.source.inputs, assembled.data.audit
    channels = f"{len(inputs)} channels ({', '.join(experiment.inputs.channels)})"
    if experiment.inputs.features != ["channels"]:
        channels += f", reads {' + '.join(experiment.inputs.features)}"
    epochs = f"{assembled.learner.epochs} epoch{'' if assembled.learner.epochs == 1 else 's'}"
    parts = (
        f"{word} {audit.chips[part]} chips of {audit.regions[part]} region{'' if audit.regions[part] == 1 else 's'}"
        for part, word in findings.WORDS.items()
    )
    count = torch.get_num_threads()
    threads = f", {count} thread{'' if count == 1 else 's'}" if assembled.device.type == "cpu" else ""
    shared = ranks.count(experiment.train)
    share = f"; {shared} processes share the training" if shared > 1 else ""
    return [
        f"{folder.name}: {experiment.model.name}{_parameters(assembled)}, {channels}, {epochs}, seed {experiment.seed}",
        f"{', '.join(parts)}; split by {experiment.split.name}, {'LEAKS' if audit.leaks else 'clean'}",
        *filter(None, [assembled.data.reading]),
        f"on {assembled.device}{threads}{share}; results: {_local(folder)}, MLflow: {_local(recorder.address())}",
        *filter(None, [weights(assembled)]),
        *(f"warning: {finding}" for finding in audit.warnings if finding.kind in findings.OF_LABELS),
    ]


def weights(assembled: Assembled) -> str:
    """The sentence that says what of which weights a network starts from; empty: random ones, or no network."""
    return assembled.learner.weights if isinstance(assembled.learner, NetworkLearner) else ""


def warnings(assembled: Assembled) -> list[str]:
    """What a reader must know: findings of the audit, and evaluated regions whose images the weights know."""
    settings, split = assembled.settings, assembled.data.split
    known = pretrained_regions.sentences(settings.model.weights, settings.data.name, split)
    return [*map(str, assembled.data.audit.warnings), *known]


def _parameters(assembled: Assembled) -> str:
    """`, 1,942,289 parameters` of a network; a model that has no fixed number of them gets no words."""
    if not isinstance(assembled.learner, NetworkLearner):
        return ""
    count = sum(parameter.numel() for parameter in assembled.learner.network.parameters())
    return f", {count:,} parameters"


def _local(place: Path | str) -> str:
    """A path or address without the folder of the repository."""
    return str(place).replace(f"{compose.ROOT}/", "")


def ending(experiment: Experiment, folder: Path) -> str:
    """The block of a finished run, from the files of its report."""
    summary, made_by = report_files.read_summary(folder), json.loads((folder / "run.json").read_text())
    is_fold = folder != compose.report_folder(experiment)
    then = "" if is_fold else run_block.next_command(summary, list(words(experiment)))
    return run_block.ended(summary, made_by, folder=_local(folder), about=about(experiment), then=then)


def about(experiment: Experiment) -> list[str]:
    """What the files of an experiment and its variants say that they are, a sentence each."""
    changed = (f"Changed: {_first_sentence(f'variant/{name}')}" for name in variants.names(experiment.variant))
    return [_first_sentence(experiment.exp), *changed]


def _first_sentence(name: str) -> str:
    """The first sentence of the header of a file of `experiments/`."""
    text = " ".join(compose.header(name).splitlines())
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]


def words(experiment: Experiment) -> Iterator[str]:
    """The words of a command line that asks for the experiment, without its split and its seed.

    In one process, with batches as large as those of all processes that share the training together.
    """
    shared = ranks.count(experiment.train)
    if shared > 1:
        alone = {"train.devices": 1, "train.nodes": 1, "train.batch_size": shared * experiment.train.batch_size}
        experiment = compose.with_values(experiment, alone)
    chosen = [f"variant={experiment.variant}"] if variants.names(experiment.variant) else []
    plain = compose.load(experiment.exp, chosen)
    if experiment.size != plain.size:
        chosen.append(f"size={experiment.size}")
        plain = compose.load(experiment.exp, chosen)
    if experiment.data.name != plain.data.name:
        is_file = experiment.data.name in compose.names("data")
        chosen.append(f"{'data' if is_file else 'data.name'}={experiment.data.name}")
        plain = compose.load(experiment.exp, chosen)
    yield from (f"exp={experiment.exp}", *chosen)
    before = decides.parameters(plain)
    for key, value in decides.parameters(experiment).items():
        if value != before.get(key) and key != "seed" and not key.startswith("split."):
            text = str(value).replace("'", "").replace(" ", "")
            yield f"{key}={text}"


def fenced(block: str) -> str:
    """A block as Markdown that keeps its columns."""
    return f"```text\n{block}\n```"


def where(run: Run) -> str:
    """Where to look at a run; of a database elsewhere, which no known server shows, its address and the run's id."""
    address = recorder.address()
    if address.startswith("http"):
        return f"MLflow:  {run.link}\nruns:    {run.table}"
    if not links.is_local(recorder.STORE):
        return f"MLflow:  run {run.id} in {address}"
    return f"MLflow:  {run.link}\nruns:    {run.table}\n         (after `make ui`, if the runs are on this machine)"
