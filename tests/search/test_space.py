import pytest

from rojsat.config import compose
from rojsat.search import space


def read(*words):
    return space.read(compose.load("unet_roi6", list(words)))


def test_the_learning_rate_is_searched_on_a_log_scale_unless_set_otherwise():
    (rate,) = read()
    assert (rate.key, rate.log) == ("optimizer.lr", True)
    assert space.start(compose.load("unet_roi6"), [rate]) == {"optimizer.lr": compose.load("unet_roi6").optimizer.lr}


def test_a_key_is_taken_out_and_others_come_in_on_the_command_line():
    words = ["tune.space.optimizer.lr=null", "tune.space.train.batch_size={low: 2, high: 16}"]
    words += ["tune.space.inputs.channels.choices=[[tci],[tci,s2]]", "tune.space.model.options.depth={low: 2, high: 4}"]
    ranges = {key_range.key: key_range for key_range in read(*words)}
    assert sorted(ranges) == ["inputs.channels", "model.options.depth", "train.batch_size"]
    assert ranges["inputs.channels"].choices == (["tci"], ["tci", "s2"])
    assert ranges["train.batch_size"].is_integer


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("tune.space.optimizer.lrr={low: 1, high: 2}", "'optimizer.lrr' does not exist. Did you mean 'optimizer.lr'"),
        ("tune.space.optimizer.lr.high=abc", "low and high are numbers"),
        ("tune.space.optimizer.lr.high=0.000001", "low < high"),
        ("tune.space.optimizer.lr.low=0", "0 < low with log"),
        ("tune.space.optimizer.lr.hihg=1", "hihg does not exist"),
        ("tune.space.optimizer.lr=3", "a range is"),
        ("tune.space.train.batch_size={low: 1.5, high: 16}", "whole number"),
        ("tune.space.train.batch_size.choices=[8,many]", "train.batch_size: 'many' is no whole number"),
        ("tune.space.train.batch_size.choices=[16,32]", "own value 4 is the first trial"),
        ("tune.space.split.name.choices=[dates]", "compared by"),
        ("tune.space.train.monitor.choices=[loss,r2]", "compared by"),
        ("tune.space.optimizer.lr=null", "tune.space is empty"),
        ("optimizer.lr=1.0", "own value 1.0 is the first trial"),
        ("tune.space.train.batch_size.choices=[0,8]", "train.batch_size=0: it is 1 or more"),
        ("tune.trails=3", "Did you mean 'tune.trials'"),
    ],
)
def test_what_cannot_be_tried_is_refused(word, message):
    with pytest.raises(compose.ConfigError, match=message.replace("(", r"\(")):
        read(word)


def test_values_are_put_into_a_copy():
    experiment = compose.load("unet_roi6")
    changed = space.apply(experiment, {"optimizer.lr": 0.5, "model.options.depth": 2})
    assert (changed.optimizer.lr, changed.model.options["depth"]) == (0.5, 2)
    assert experiment.optimizer.lr != 0.5


def test_a_search_gives_a_run_no_other_name():
    assert compose.run_name(compose.load("unet_roi6", ["tune.trials=3", "tune.seeds=[5]"])) == "unet_roi6"
