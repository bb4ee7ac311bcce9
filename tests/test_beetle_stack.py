"""Stacks of evaluations and the ceiling of labels, on made sites."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

from bench import label_ceiling, stack
from bench.label_ceiling import SiteLabels
from rojsat.evaluation import bootstrap, report_files

SIDE = 20
SITES = [f"s{number}" for number in range(12)]


def truth(site):
    """Damage of a site, and where it is known."""
    rng = np.random.default_rng(SITES.index(site))
    damage = rng.random((SIDE, SIDE)) < 0.4
    return damage, rng.random((SIDE, SIDE)) < 0.9


@pytest.fixture
def labels():
    return {
        site: SiteLabels(damage & known, ~damage & known) for site, (damage, known) in ((s, truth(s)) for s in SITES)
    }


def evaluation(root, name, noise, seed, sites=SITES):
    """Predictions of two folds, each site in two windows side by side."""
    rng = np.random.default_rng(seed)
    for fold in range(2):
        planes = {"prediction": [], "target": [], "known": []}
        rows = []
        for site in sites[fold::2]:
            damage, known = truth(site)
            logits = np.where(damage, 1, -1) + rng.normal(0, noise, damage.shape)
            for left in (0, SIDE // 2):
                columns = slice(left, left + SIDE // 2)
                planes["prediction"].append((1 / (1 + np.exp(-logits)))[:, columns].astype(np.float32))
                planes["target"].append(damage[:, columns].astype(np.float32))
                planes["known"].append(known[:, columns])
                rows.append({"region": site, "row": 0, "col": left, "height": SIDE, "width": SIDE // 2})
        folder = root / name / "folds" / f"{fold}_seed0"
        folder.mkdir(parents=True)
        arrays = {key: np.stack(value) for key, value in planes.items()}
        report_files.write_predictions(folder, "test", pd.DataFrame(rows), arrays | {"seen": arrays["known"]})
    return stack.read(name, root)


@pytest.fixture
def models(tmp_path):
    return [
        evaluation(tmp_path, name, noise, seed) for seed, (name, noise) in enumerate({"good": 1.0, "bad": 3.0}.items())
    ]


def iou(model, labels):
    return bootstrap.interval([stack.moments(model, labels, "every")], "iou").value


def test_predictions_stand_on_the_grid_of_their_site(models):
    damage, known = truth("s3")
    logits = models[0].logits["s3"]
    np.testing.assert_array_equal(np.isfinite(logits), known)
    assert ((logits > 0) == damage)[known].mean() > 0.8


def test_a_stack_of_a_good_and_a_bad_model_is_as_good_as_their_weights(models, labels):
    good, bad, mean, logistic = (
        iou(model, labels) for model in [*models, stack.mean(models), stack.logistic(models, labels)]
    )
    assert bad < mean < good < logistic
    table = list(stack.lines(models, labels))
    assert [line.split(" | ")[0] for line in table[2:]] == [
        "| need everywhere, no image",
        "| good",
        "| bad",
        "| stack, mean of logits",
        "| stack, logistic",
    ]


def test_no_label_of_a_site_chooses_how_it_is_predicted(models, labels):
    before = stack.logistic(models, labels).logits
    other = labels | {"s3": SiteLabels(labels["s3"].forest, labels["s3"].damage)}
    after = stack.logistic(models, other).logits
    np.testing.assert_array_equal(before["s3"], after["s3"])
    assert any(not np.array_equal(before[site], after[site], equal_nan=True) for site in SITES)


def test_models_are_compared_on_the_pixels_that_all_of_them_know(models, labels):
    hole = models[0].logits["s3"].copy()
    hole[:, :4] = np.nan
    lacking = int(np.isfinite(models[0].logits["s3"][:, :4]).sum())
    restricted, count = stack.common([stack.Model("hole", models[0].logits | {"s3": hole}), models[1]])
    assert count == lacking > 0
    assert all(np.isnan(model.logits["s3"][:, :4]).all() for model in restricted)
    assert np.isfinite(restricted[1].logits["s3"]).any()


def test_models_of_other_sites_and_without_predictions_are_refused(models, tmp_path):
    fewer = evaluation(tmp_path, "fewer", 1.0, 2, SITES[:-1])
    with pytest.raises(ValueError, match="not tested on the same sites"):
        stack.common([*models, fewer])
    with pytest.raises(ValueError, match="no predictions"):
        stack.read("nothing", tmp_path)


def square(moved=0):
    """A square of damage of 8 x 8 pixels in forest; `moved`: its first rows are forest in the later map."""
    damage = np.zeros((SIDE, SIDE), bool)
    damage[6:14, 6:14] = True
    forest = ~damage
    forest[6 : 6 + moved] = True
    return SiteLabels(damage, forest)


def test_labels_that_agree_leave_no_ceiling_and_a_border_moved_by_a_pixel_a_known_one():
    assert bootstrap.interval([label_ceiling.ceiling({"a": square()}, "all")], "iou").value == 1
    moved = {"a": square(moved=1)}
    inside, outside = 28, 36  # pixels of the damage at its border, and of the forest around
    assert moved["a"].border.sum() == inside + outside
    assert label_ceiling.shares(list(moved.values())) == {"all": 8 / 64, "border": 8 / inside, "further in": 0}
    expected = (64 - 8) / (64 + outside * 8 / inside)
    for way in label_ceiling.WAYS:
        row = label_ceiling.ceiling(moved, way).loc["a"]
        assert row["hits"] / (row["count"] - row["true_negatives"]) == pytest.approx(expected)


def test_labels_are_read_from_masks_and_forest(tmp_path):
    for kind, plane in (("masks", square().damage), ("forest", square(moved=1).forest)):
        (tmp_path / kind).mkdir()
        profile = {"driver": "GTiff", "dtype": "uint8", "width": SIDE, "height": SIDE, "count": 1, "crs": "EPSG:3857"}
        with rasterio.open(tmp_path / kind / "a.tif", "w", transform=from_origin(0, 0, 10, 10), **profile) as file:
            file.write(plane.astype("uint8") * 2, 1)
    (site,) = label_ceiling.sites(tmp_path).values()
    assert site.contradicted.sum() == 8 and site.known.all()
    with pytest.raises(ValueError, match=r"bench\.beetle"):
        label_ceiling.sites(tmp_path / "nowhere")
