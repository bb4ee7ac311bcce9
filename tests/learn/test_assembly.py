import dataclasses

import numpy as np
import pytest
import torch

from rojsat.chips import boxes
from rojsat.chips.audit import LeakError
from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.config.lookup import UnknownNameError
from rojsat.learn import assembly, choices, epoch_steps
from rojsat.learn.data.samples import Samples
from rojsat.learn.data.stream import StreamedSamples
from tests.support import stores

SMALL = [
    *("model.options.encoder=resnet18", "model.options.depth=2", "model.options.decoder=[16,8]"),
    *("train.epochs=2", "train.device=cpu", "optimizer.lr=0.001"),
]


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    return Chips(stores.write_small(tmp_path_factory.mktemp("chips")))


@pytest.fixture(scope="module")
def hot_chips(tmp_path_factory):
    return Chips(stores.write_small(tmp_path_factory.mktemp("hot"), heat={"1": 10.0, "5": 3.0}))


def assembled(chips, *overrides, exp="unet_dates", small=True):
    return assembly.assemble(compose.load(exp, [*(SMALL if small else []), *overrides]), chips)


def untimed(epochs):
    return [dataclasses.replace(epoch, seconds=0, resumed=False) for epoch in epochs]


def test_a_segmenter_learns_and_predicts_every_part_and_role(chips, tmp_path):
    experiment = assembled(chips)
    assert len(experiment.data.source.inputs) == 13
    assert experiment.data.split["part"].value_counts().to_dict() == {"train": 12, "val": 6, "test": 6}
    assert "regions" in [leak.kind for leak in experiment.data.audit.leaks]  # tagged, and trained all the same
    epochs = list(experiment.train(tmp_path))
    assert len(epochs) == 2
    result = experiment.evaluate("test")
    assert result.predictions.shape == (6, stores.SIZE, stores.SIZE)
    assert list(result.rows["date"].unique()) == ["2019-08-04"]
    assert not result.known[:, 3, :4].any()  # cloud
    best = [epoch for epoch in epochs if epoch.best][-1]
    assert experiment.evaluate("val").metrics["mse"] == pytest.approx(best.metrics["val/mse"], rel=1e-6)
    control = experiment.evaluate("control")
    assert not control.known.any()
    assert np.isfinite(control.predictions).all()
    assert experiment.data.example().shape == (2, 13, 16, 16)
    assert experiment.data.source.inputs == list(experiment.data.source.channels)


def test_the_same_experiment_twice_gives_the_same_bits(chips, tmp_path):
    first, second = (assembled(chips) for _ in range(2))
    assert untimed(first.train(tmp_path / "a")) == untimed(second.train(tmp_path / "b"))
    assert first.evaluate("test").metrics == second.evaluate("test").metrics
    assert first.fingerprint == second.fingerprint


def test_broken_off_and_assembled_again_it_goes_on_with_the_same_bits(chips, tmp_path):
    uninterrupted = untimed(assembled(chips).train(tmp_path / "uninterrupted"))
    next(assembled(chips).train(tmp_path / "parts"))
    again = list(assembled(chips).train(tmp_path / "parts"))
    assert [epoch.resumed for epoch in again] == [True, False]
    assert untimed(again) == uninterrupted


def test_a_classifier_learns_from_stands(chips, tmp_path):
    experiment = assembled(chips, "train.epochs=1", exp="resnet18_s2", small=False)
    list(experiment.train(tmp_path))
    result = experiment.evaluate("test")
    assert result.predictions.shape == (6, 2)
    assert set(result.targets) == {0, 1}
    assert {"accuracy", "f1_need", "recall_clear"} <= set(result.metrics)
    assert experiment.description()["classes"] == ["clear", "need"]


def test_several_dates_are_stacked(chips):
    dates = "inputs.dates=['2019-08-01','2019-08-03']"
    experiment = assembled(chips, dates, "inputs.channels=[boa]", "split.name=hashed", "split.options={}")
    assert experiment.data.samples["train"].images.shape[1] == 2 * len(stores.BANDS)
    assert len(experiment.data.split) == 6
    assert experiment.data.audit.leaks == ()
    assert next(experiment.learner.network.parameters()).shape[1] == 16


@pytest.mark.slow
@pytest.mark.parametrize(
    "exp, variant", [("temporal_pixel_net", "none"), ("temporal", "none"), ("temporal", "boosting")]
)
def test_all_dates_of_a_region_are_one_sample(tmp_path, exp, variant):
    chips = Chips(stores.write_small(tmp_path / "chips", margin=16))
    words = ["inputs.window=16", "inputs.windows_per_chip=2", "inputs.jitter=0.1", "split.options.folds=3"]
    small = ["train.epochs=1", "train.device=cpu", "inputs.channels=[tci]"]
    experiment = assembled(chips, *words, *small, f"variant={variant}", exp=exp, small=False)
    train = experiment.data.samples["train"]
    assert len(experiment.data.split) == 6  # regions, of four dates
    assert train.images.shape[1] == len(experiment.data.source.inputs) == 4 * (3 + 3)
    seen, sine, cosine = train[1, 0][0].unflatten(0, (4, 6))[:, 3:].unbind(dim=1)
    assert set(seen.unique().tolist()) == {0, 1}  # jitter is for channels
    torch.testing.assert_close(sine**2 + cosine**2, seen)
    (epoch,) = experiment.train(tmp_path / "run")
    assert experiment.evaluate("val").metrics["mse"] == pytest.approx(epoch.metrics["val/mse"], rel=1e-5)
    result, without = experiment.evaluate("test"), experiment.without_image("test")
    assert len(result.predictions) == 2 and np.isfinite(result.predictions[result.known]).all()
    assert all(np.array_equal(each.known, result.known) for each in without.values())
    assert np.isfinite(experiment.evaluate("control").predictions).any()
    assert set(experiment.reads(result.metrics)["permuted"]) == {"tci"}


def test_networks_of_one_date_are_refused_for_all_dates(chips):
    with pytest.raises(ValueError, match="model.name=unet takes no series of dates"):
        assembled(chips, "inputs.dates=[all]")


WINDOW = ["inputs.frame=window", "inputs.window=16", "inputs.flips=[horizontal,vertical,transpose]"]


@pytest.fixture(scope="module")
def surrounded(tmp_path_factory):
    return Chips(stores.write_small(tmp_path_factory.mktemp("surrounded"), margin=15))


@pytest.mark.slow
def test_in_the_frame_window_a_segmenter_learns_from_windows_and_predicts_complete_chips(surrounded, tmp_path):
    experiment = assembled(surrounded, *WINDOW, "inputs.erase=0.3")
    train = experiment.data.samples["train"]
    assert (train.draws, train[1, 0][0].shape) == (4 * 12, (13, 16, 16))
    best = [epoch for epoch in experiment.train(tmp_path) if epoch.best][-1]
    result, side = experiment.evaluate("val"), stores.SIZE + 30
    assert result.predictions.shape == (6, side, side)
    is_predicted = result.seen & boxes.mask(result.rows, side, side)
    assert np.isfinite(result.predictions[is_predicted]).all()
    assert result.metrics["mse"] == pytest.approx(best.metrics["val/mse"], rel=1e-5)
    controls = experiment.controls()
    assert 0 < controls.seen.sum() <= len(controls.rows) * stores.SIZE**2  # their surroundings are something else
    in_box = assembled(surrounded)
    assert in_box.data.samples["val"].images.shape[-1] == stores.SIZE
    assert int(in_box.data.samples["val"].known.sum()) == int(result.known.sum())
    assert experiment.data.split.drop(columns="part").equals(in_box.data.split.drop(columns="part"))
    seen = train.images.movedim(1, -1)[torch.from_numpy(train.seen)]
    assert seen.mean(dim=0).abs().max() < 0.05  # statistics are those of box and surroundings


@pytest.mark.slow
def test_in_the_frame_window_a_classifier_sees_a_stand_and_its_outline(surrounded, tmp_path):
    channels = "inputs.channels=[s2,outline]"
    experiment = assembled(surrounded, *WINDOW, channels, "train.epochs=1", exp="resnet18_s2", small=False)
    assert experiment.data.samples["train"].draws == 12
    list(experiment.train(tmp_path))
    assert experiment.evaluate("test").predictions.shape == (6, 2)
    assert set(experiment.evaluate("test").rows["width"]) == {16}


def test_negatives_and_stacked_dates_work_in_the_frame_window(surrounded):
    dates = "inputs.dates=['2019-08-01','2019-08-03']"
    regions = ("split.name=regions", "split.options.val=['1']", "split.options.test=['3']")
    train = assembled(surrounded, *WINDOW, dates, *regions, "inputs.negatives=[stand]").data.samples["train"]
    assert train[1, 0][0].shape == (26, 16, 16)
    added = torch.from_numpy((train.rows["role"] == "stand").to_numpy(copy=True))
    assert added.any()
    assert (train.targets[added][train.known[added]] == 0).all()
    assert not train.known[added][:, :15].any()  # surroundings


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("inputs.frame=windov", "Did you mean 'window'"),
        ("inputs.channels=[tci,outline]", "in segmentation the channel outline shows where the box is"),
        ("inputs.windows_per_chip=0", "inputs.windows_per_chip is 1 or more"),
        ("inputs.window=17", r"needs chips with 16 pixels of surroundings.* these have 15: .* data\.chips\.margin"),
    ],
)
def test_frames_that_cannot_be_are_refused(surrounded, override, message):
    with pytest.raises(ValueError, match=message):
        assembled(surrounded, *WINDOW, override)


def test_an_estimator_on_pixels_runs_in_the_same_way(chips, tmp_path):
    experiment = assembled(
        chips, "variant=boosting", "model.outputs=2", "loss.name=cross_entropy", exp="deeplab_dates", small=False
    )
    epochs = list(experiment.train(tmp_path))
    assert experiment.learner.epochs == len(epochs) == 1
    assert set(epochs[0].metrics) == {f"val/{name}" for name in experiment.evaluate("test").metrics}
    exported = experiment.export(tmp_path / "model")
    assert (exported.kind, exported.shape) == ("pixels", (-1, 13, -1, -1))
    assert exported.settings["channels"] == experiment.data.source.inputs


@pytest.mark.parametrize("variant", ["ridge", "random_forest", "index_rule", "boosting", "box_size", "all_need"])
def test_every_estimator_and_frame_predictor_is_a_classifier_of_stands_too(chips, tmp_path, variant):
    experiment = assembled(chips, f"variant={variant}", exp="resnet18_s2", small=False)
    (epoch,) = experiment.train(tmp_path)
    assert epoch.metrics["val/accuracy"] == experiment.evaluate("val").metrics["accuracy"]
    assert experiment.evaluate("test").predictions.shape == (6, 2)


def test_position_of_stands_is_refused(chips):
    with pytest.raises(ValueError, match="choose constant or box_size"):
        assembled(chips, "variant=position", exp="resnet18_s2", small=False)


def test_only_training_is_flipped_and_statistics_are_those_of_training(chips):
    experiment = assembled(chips)
    assert experiment.data.samples["train"].augmentation is not None
    assert experiment.data.samples["val"].augmentation is None
    train = experiment.data.samples["train"]
    seen = train.images.movedim(1, -1)[torch.from_numpy(train.seen)]
    assert seen.mean(dim=0).abs().max() < 0.05


@pytest.mark.parametrize(
    ("override", "error", "message"),
    [
        ("model.name=unett", UnknownNameError, "Did you mean 'unet'"),
        ("model.options.debth=3", UnknownNameError, "Did you mean 'depth'"),
        ("loss.name=mse", UnknownNameError, "masked_mse"),
        ("loss.name=cross_entropy", ValueError, "model.outputs=2"),
        ("loss.name=pinball", ValueError, "model.head.name=quantiles"),
        ("loss.name=ordinal", ValueError, "model.head.name=ordinal"),
        ("model.head.name=poisson", ValueError, "is fitted by loss.name=poisson, not masked_mse"),
        ("model.head.name=ordinl", UnknownNameError, "Did you mean 'ordinal'"),
        ("model.head.options.edges=[0.5]", UnknownNameError, "edges"),
        ("model.options.quantiles=[0.05,0.5,0.95]", ValueError, "loss.name=pinball"),
        ("model.options.quantiles=[0.05,0.95]", ValueError, "at least one on each side"),
        ("model.options.quantiles=0.5", ValueError, "is a list of numbers"),
        ("split.name=date", UnknownNameError, "Did you mean 'dates'"),
        ("optimizer.name=adm", UnknownNameError, "Did you mean 'adam'"),
        ("schedule.name=stp", UnknownNameError, "Did you mean 'step'"),
        ("task=segmentation", None, ""),
    ],
)
def test_every_name_is_looked_up_before_anything_long_starts(override, error, message):
    settings = compose.load("unet_dates", [override])
    if error is None:
        assert choices.find(settings)
        return
    with pytest.raises(error, match=message):
        choices.find(settings)


def test_the_median_is_the_prediction_of_every_metric_and_the_outer_quantiles_are_kept(chips, tmp_path):
    experiment = assembled(chips, "variant=quantiles")
    epochs = list(experiment.train(tmp_path))
    best = [epoch for epoch in epochs if epoch.best][-1]
    val = experiment.evaluate("val")
    assert val.metrics["mse"] == pytest.approx(best.metrics["val/mse"], rel=1e-6)
    assert (val.lower < val.predictions).all() and (val.predictions < val.upper).all()
    assert (val.lower >= 0).all() and (val.upper <= 1).all()  # degrees
    assert assembled(chips).evaluate("val").lower is None


def test_two_heads_or_a_head_of_what_is_no_segmenter_are_refused():
    both = ["variant=ordinal", "model.options.bounded=true"]
    with pytest.raises(ValueError, match="model.options.bounded and model.head are two heads"):
        choices.find(compose.load("unet_dates", both))
    with pytest.raises(ValueError, match="model.head.name=bounded is of segmenters, and ridge is none"):
        choices.find(compose.load("unet_dates", ["variant=ridge", "model.head.name=bounded"]))
    with pytest.raises(ValueError, match="scale=training_regions"):
        choices.check(compose.load("unet", ["variant=poisson"]))
    choices.check(compose.load("unet", ["variant=poisson", "data=objects_27_unscaled"]))


@pytest.mark.parametrize("frame", ["box", "window"])
def test_an_evaluated_prediction_does_not_see_the_labels_of_its_part(surrounded, frame):
    experiment = assembled(surrounded, *(WINDOW if frame == "window" else ()))
    first, test = experiment.evaluate("test"), experiment.data.samples["test"]
    test.known = test.known & (torch.arange(test.known.numel()).reshape(test.known.shape) % 3 == 0)
    test.fitted = test.targets = torch.where(test.known, 1 - test.targets.clamp(min=0), -1.0)
    second = experiment.evaluate("test")
    assert second.metrics != first.metrics
    np.testing.assert_array_equal(second.predictions, first.predictions)


def test_the_option_of_quantiles_is_the_head_of_quantiles():
    option = ["model.options.quantiles=[0.05,0.5,0.95]", "model.options.bounded=true", "loss.name=pinball"]
    by_option, by_head = (choices.find(compose.load("unet_dates", words)) for words in (option, ["variant=quantiles"]))
    assert by_option.head.quantiles == by_head.head.quantiles == (0.05, 0.5, 0.95)
    assert by_option.build.keywords == by_head.build.keywords


@pytest.mark.slow
@pytest.mark.parametrize("head", ["bounded", "ordinal", "poisson", "negative_binomial"])
def test_a_segmenter_with_a_head_learns_and_its_degrees_are_evaluated_as_those_of_another(hot_chips, tmp_path, head):
    regions = ("split.name=regions", "split.options.val=['1']", "split.options.test=['3']")
    words = [f"model.head.name={head}"] if head == "bounded" else [f"variant={head}"]
    experiment, linear = assembled(hot_chips, *regions, *words), assembled(hot_chips, *regions)
    first, *_, last = experiment.train(tmp_path)
    assert last.metrics["train/loss"] < first.metrics["train/loss"]
    val, other = experiment.evaluate("val"), linear.evaluate("val")
    np.testing.assert_array_equal(val.targets, other.targets)
    assert val.metrics["prevalence"] == other.metrics["prevalence"]
    assert val.predictions.min() >= 0 and val.predictions.max() <= 1
    best = [epoch for epoch in (first, last) if epoch.best][-1]
    assert val.metrics["mse"] == pytest.approx(best.metrics["val/mse"], rel=1e-6)
    assert set(experiment.without_image("val")) == set(linear.without_image("val"))
    assert experiment.without_image("val")["position"].metrics == linear.without_image("val")["position"].metrics


def test_a_role_without_chips_names_the_roles_with_chips(chips):
    with pytest.raises(ValueError, match="clearing"):
        assembled(chips).evaluate("controls")


def test_chips_without_need_join_training_with_degree_0_and_the_audit_sees_them(chips):
    plain, experiment = (
        assembled(chips, "split.name=regions", "split.options.val=['1']", "split.options.test=['3']", *more)
        for more in ([], ["inputs.negatives=[stand]"])
    )
    train = experiment.data.samples["train"]
    added = (train.rows["role"] == "stand").to_numpy(copy=True)
    assert set(train.rows["region"][added]) == {"100", "102", "104"}  # those labelled clear
    assert len(train) == len(plain.data.samples["train"]) + added.sum()
    assert (train.targets[added][train.known[added]] == 0).all()
    assert torch.equal(train.known[added], torch.from_numpy(train.seen[added]))
    assert experiment.data.audit.chips["train"] == len(train)
    assert set(experiment.data.split.loc[experiment.data.split["role"] == "stand", "part"]) == {"train"}
    for part in ("val", "test"):
        assert torch.equal(experiment.data.samples[part].targets, plain.data.samples[part].targets)


REGIONS = ["split.name=regions", "split.options.val=['1']", "split.options.test=['3']"]


def beside(chips, metres):
    """The chips, those of region 0 so many metres west of region 3's."""
    table = chips.index
    step, turn, easting, *more = table.loc[table["region"] == "3", "transform"].iloc[0]
    easting -= step * stores.SIZE + metres
    for row in table.index[table["region"] == "0"]:
        table.at[row, "transform"] = [step, turn, easting, *more]
        table.loc[row, ["easting", "northing"]] = easting, more[-1]
    return chips


@pytest.fixture
def own_chips(chips):
    return Chips(chips.path)


def test_a_split_by_regions_that_leaks_is_refused_before_training_unless_allowed(own_chips):
    assert not assembled(own_chips, *REGIONS).data.audit.leaks
    near = beside(own_chips, 60)
    with pytest.raises(LeakError, match=r"only 60 m apart \(regions 0, 3\).*split.drop_near=true"):
        assembled(near, *REGIONS)
    assert not assembled(near, *REGIONS, "split.distance=50").data.audit.leaks
    assert [leak.kind for leak in assembled(near, *REGIONS, "split.allow_leaks=true").data.audit.leaks] == ["near"]


def test_regions_too_near_can_be_left_out_of_training(own_chips):
    experiment = assembled(beside(own_chips, 60), *REGIONS, "split.drop_near=true")
    assert set(experiment.data.samples["train"].rows["region"]) == {"2", "4", "5"}
    table = experiment.data.split
    assert set(table.loc[table["part"] == "unused", "region"]) == {"0"}


def test_labels_among_the_inputs_are_refused(own_chips, monkeypatch):
    plain = Chips.channels

    def leaking(chips, chip, names):
        planes = plain(chips, chip, names)
        return np.concatenate([planes[:-1], np.maximum(chips.mask(chip), 0)[None]])

    monkeypatch.setattr(Chips, "channels", leaking)
    with pytest.raises(LeakError, match="follow the label.*: savi .*inputs.channels"):
        assembled(own_chips, *REGIONS)


def test_the_same_pixels_under_two_names_are_refused(own_chips, monkeypatch):
    plain = Chips.channels

    def copied(chips, chip, names):
        return plain(chips, f"0_{chip.removeprefix('3_')}" if chip.startswith("3_") else chip, names)

    monkeypatch.setattr(Chips, "channels", copied)
    with pytest.raises(LeakError, match="nearly the same pixels.*in training and test, under several names: 0, 3"):
        assembled(own_chips, *REGIONS)


def test_a_threshold_from_all_regions_is_a_warning(own_chips):
    own_chips.recipe["labels"] = {"source": "gps"}
    warnings = {each.kind: each for each in assembled(own_chips, *REGIONS).data.audit.warnings}
    assert warnings["threshold"].names == ("1", "3")


@pytest.mark.parametrize("role", ["clearing", "stnad"])
def test_chips_without_need_are_of_another_role_that_is_there(chips, role):
    with pytest.raises(ValueError, match="another role|beside|Did you mean 'stand'"):
        assembled(chips, f"inputs.negatives=[{role}]")


def test_a_probability_cannot_be_chosen_by_the_error_of_a_degree(chips):
    with pytest.raises(UnknownNameError, match="train.monitor"):
        choices.find(compose.load("unet_dates", ["variant=discrete", "train.monitor=rmse"]))


def test_channels_of_a_name_are_those_of_every_date_in_the_order_of_the_input(chips):
    dates = "inputs.dates=['2019-08-01','2019-08-03']"
    source = assembled(chips, dates, "inputs.channels=[B08,tci]", "split.name=hashed", "split.options={}").data.source
    assert source.positions("B08") == [0, 4]
    assert [source.inputs[number].split()[0] for number in source.positions("tci")] == [*source.channels[1:]] * 2


def test_what_a_network_and_an_estimator_read_is_evaluated_on_the_test_part(chips, tmp_path):
    for exp, more, groups in (
        ("unet_dates", ["train.epochs=1"], ["tci", "s2"]),
        ("resnet18_s2", ["train.epochs=1"], ["s2"]),
        ("unet_dates", ["variant=boosting", "model.options.max_iter=5"], ["tci", "s2"]),
    ):
        experiment = assembled(chips, *more, exp=exp, small=more == ["train.epochs=1"] and exp == "unet_dates")
        list(experiment.train(tmp_path / f"{exp}{len(more)}"))
        test = experiment.evaluate("test")
        reads = experiment.reads(test.metrics)
        assert list(reads["permuted"]) == groups and reads["intact"] == test.metrics
        assert set(reads["moved"]) == set(reads["shuffled"]) == set(reads["constant"]) == set(test.metrics)
        assert experiment.evaluate("test").metrics == test.metrics  # the samples stay as they are
        if not experiment.learner.uses_context:
            assert reads["moved"]["mse"] == pytest.approx(test.metrics["mse"])


def test_statistics_of_batch_normalisation_are_estimated_again_only_if_asked(chips, tmp_path):
    plain, first, second = (
        assembled(chips, f"train.update_bn={value}", "model.options.bounded=true")
        for value in ("false", "true", "true")
    )
    weights = []
    for number, experiment in enumerate((plain, first, second)):
        list(experiment.train(tmp_path / str(number)))
        weights.append(experiment.learner.network.state_dict())
    changed = {key.rpartition(".")[2] for key in weights[0] if not torch.equal(weights[0][key], weights[1][key])}
    assert changed == {"running_mean", "running_var", "num_batches_tracked"}
    assert all(torch.equal(weights[1][key], weights[2][key]) for key in weights[1])
    degrees = first.evaluate("test").predictions
    assert degrees.min() >= 0 and degrees.max() <= 1
    assert plain.fingerprint != first.fingerprint


def test_what_a_network_reads_is_evaluated_in_the_frame_window_too(surrounded):
    segmenter = assembled(surrounded, *WINDOW)
    test = segmenter.evaluate("test").metrics
    reads = segmenter.reads(test)
    assert set(reads["moved"]) == set(reads["permuted"]["s2"]) == set(test)
    assert all(np.isfinite(reads[name]["mse"]) for name in ("shuffled", "constant", "moved"))
    outlined = "inputs.channels=[s2,outline]"
    stands = assembled(surrounded, *WINDOW, outlined, exp="resnet18_s2", small=False)
    test = stands.evaluate("test").metrics
    assert stands.reads(test)["moved"] == test  # its windows go with the box


FROM_PACKAGE = ("variant=lite0", "train.epochs=1", "train.device=cpu", "optimizer.lr=0.001", "model.freeze=encoder")


@pytest.mark.slow
def test_weights_of_the_register_are_reported_and_a_frozen_encoder_keeps_them(chips, tmp_path):
    experiment = assembled(chips, *FROM_PACKAGE, small=False)
    sentence = experiment.learner.weights
    assert "first layer wavelength (3 of 13 channels have weights of bands: tci.r, tci.g, tci.b" in sentence
    before = {key: value.clone() for key, value in experiment.learner.network.state_dict().items()}
    assert len(list(experiment.train(tmp_path))) == 1
    moved = {
        key for key, value in experiment.learner.network.state_dict().items() if not torch.equal(value, before[key])
    }
    assert moved and not any(key.startswith("network.encoder.") for key in moved)
    twin = assembled(chips, "variant=lite0,scratch", *FROM_PACKAGE[1:], small=False).learner
    assert twin.weights == ""
    assert twin.network.state_dict().keys() == before.keys()


def test_channels_in_another_order_than_the_weights_are_refused(chips):
    with pytest.raises(ValueError, match="would mix them up"):
        assembled(chips, *FROM_PACKAGE, "model.first_layer=rgb_first", "inputs.channels=[B02,B03,B04]", small=False)


STREAMED = "train.in_memory_gib=1e-6"
"""Samples take more, so that they are streamed in the smallest blocks."""


def broken_off(experiment, folder, steps, monkeypatch):
    """Train until some steps are done, with a checkpoint after each; then break off."""
    step, done = epoch_steps.Step.__call__, []

    def counted(self, batch, is_due):
        if len(done) == steps:
            raise KeyboardInterrupt
        done.append(1)
        return step(self, batch, is_due)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(epoch_steps.Step, "__call__", counted)
        list(experiment.train(folder))


@pytest.mark.slow
def test_an_experiment_is_streamed_from_the_store_and_goes_on_within_an_epoch_with_the_same_bits(tmp_path, monkeypatch):
    chips = Chips(stores.write_small(tmp_path / "chips", dates=8))
    words = (STREAMED, "inputs.flips=[horizontal]", "train.batch_size=4", "train.update_bn=true")
    memory, experiment = assembled(chips, words[1]), assembled(chips, *words)
    assert memory.data.reading.endswith("GiB, in memory") and type(memory.data.samples["train"]) is Samples
    assert "more than train.in_memory_gib=1e-06: streamed from the store" in experiment.data.reading
    assert type(experiment.data.samples["train"]) is StreamedSamples
    uninterrupted = untimed(experiment.train(tmp_path / "uninterrupted"))
    broken = assembled(chips, *words, "train.checkpoint_minutes=1e-9")
    steps = len(experiment.data.samples["train"]) // 4 + 2  # two steps into the second epoch
    broken_off(broken, tmp_path / "parts", steps, monkeypatch)
    again = assembled(chips, *words, "train.workers=2")
    assert untimed(again.train(tmp_path / "parts")) == uninterrupted
    expected, resumed = (each.evaluate("test") for each in (experiment, again))
    np.testing.assert_array_equal(expected.predictions, resumed.predictions)
    assert expected.metrics == resumed.metrics
    assert experiment.evaluate("val").predictions.shape[0] == len(experiment.data.samples["val"])
    assert len(experiment.evaluate("train").rows) == 16  # a portion
    reads = experiment.reads(expected.metrics)
    assert reads["intact"].keys() == expected.metrics.keys() and set(reads["permuted"]) == {"tci", "s2"}
    assert set(experiment.without_image("test")) == {"constant", "all_need", "position"}


def test_what_is_fitted_at_once_stays_in_memory_and_says_so(chips):
    experiment = assembled(
        chips, STREAMED, "variant=boosting", "split.options={val:['1'],test:['3']}", exp="unet_roi6", small=False
    )
    assert type(experiment.data.samples["train"]) is Samples
    assert experiment.data.reading.endswith("networks alone, without inputs.negatives, take a stream")
