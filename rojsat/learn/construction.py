"""Makes the learner that an experiment chooses, with the initial weights of its model."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rojsat.config.schema import Experiment
from rojsat.learn import inference, machine, training, training_options
from rojsat.learn.choices import Choices
from rojsat.learn.data.sample_source import Source
from rojsat.learn.fabric import Fabric
from rojsat.learn.fine_tuning import by_depth, initial_network
from rojsat.learn.learners.frame import FrameLearner
from rojsat.learn.learners.learner import Learner
from rojsat.learn.learners.network import NetworkLearner
from rojsat.learn.learners.pixels import PixelLearner
from rojsat.learn.learners.stand import StandLearner


def learner(experiment: Experiment, chosen: Choices, source: Source, fabric: Fabric, unique: str) -> Learner:
    """The learner of an experiment.

    Args:
        experiment: composed.
        chosen: what its names stand for.
        source: of its samples.
        fabric: machine to run on.
        unique: fingerprint of all that decides the result.
    """
    return _LEARNERS[chosen.learner](experiment, chosen, source, fabric, unique)


def _network(experiment: Experiment, chosen: Choices, source: Source, fabric: Fabric, unique: str) -> NetworkLearner:
    """A network with weights initialised from the seed, and the loop that trains it."""
    model, train, rates = experiment.model, experiment.train, experiment.optimizer
    machine.seed_all(experiment.seed)
    start: dict[str, Any] = {"weights": model.weights, "first_layer": model.first_layer, "freeze": model.freeze}
    start |= source.layout
    network, sentence = initial_network(chosen.build, source.inputs, chosen.head.outputs, **start)
    loop = partial(
        training.fit,
        loss=chosen.loss,
        fabric=fabric,
        optimizer=by_depth(chosen.optimizer, network, len(source.inputs), lr=rates.lr, decay=rates.layer_decay),
        schedule=chosen.schedule,
        interval=experiment.schedule.interval,
        metrics=chosen.metrics,
        epochs=train.epochs,
        batch_size=train.batch_size,
        seed=experiment.seed,
        monitor=train.monitor,
        mode=train.mode,
        keep=training_options.keep(train),
        channels_last=train.channels_last,
        workers=train.workers,
        fingerprint=unique,
        activate=inference.activation(chosen.head),
        checkpoint_minutes=train.checkpoint_minutes,
        compiled=train.compile,
        sync_bn=train.sync_bn,
    )
    estimate = training_options.estimate(network, experiment, fabric.device)
    how: dict[str, Any] = {
        "head": chosen.head,
        "weights": sentence,
        "flips": tuple(experiment.inputs.test_time_flips),
        "pixels": train.pixels,
        "seed": experiment.seed,
    }
    return NetworkLearner(network, loop, train.epochs, train.batch_size, fabric.device, estimate, **how)


def _pixels(experiment: Experiment, chosen: Choices, *_: object) -> PixelLearner:
    """An estimator on pixels."""
    model = chosen.build(experiment.model.outputs, seed=experiment.seed)
    return PixelLearner(model, chosen.metrics, experiment.seed)


def _stands(experiment: Experiment, chosen: Choices, *_: object) -> StandLearner:
    """An estimator of stands."""
    outputs = experiment.model.outputs
    return StandLearner(chosen.build(outputs, seed=experiment.seed), chosen.metrics, outputs)


def _frame(experiment: Experiment, chosen: Choices, *_: object) -> FrameLearner:
    """A predictor that sees no image."""
    outputs = experiment.model.outputs
    return FrameLearner(chosen.build(outputs, task=experiment.task), chosen.metrics, outputs)


_LEARNERS: Mapping[type[Learner], Callable[..., Learner]] = {
    FrameLearner: _frame,
    NetworkLearner: _network,
    PixelLearner: _pixels,
    StandLearner: _stands,
}
