"""A forest of random decision trees, by scikit-learn."""

from collections.abc import Sequence

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from rojsat.learn.models.pixel_model import PixelModel


def build(
    outputs: int,
    *,
    seed: int = 0,
    window: int = 1,
    windows: Sequence[int] = (),
    trees: int = 100,
    min_samples_leaf: int = 10,
    max_features: float = 1 / 3,
    pixels: int = 20_000,
) -> PixelModel:
    """Build the estimator.

    Args:
        outputs: 1: a regressor of the degree; 2: a classifier of zero and non-zero, or of stands.
        seed: of draws of pixels and features.
        window: see `PixelModel`.
        windows: see `PixelModel`.
        trees: of the forest.
        min_samples_leaf: pixels, or stands, that a leaf has at least.
        max_features: share of the features that a split chooses from; a third for regression (Breiman 2001).
        pixels: at most so many are drawn to fit it; more take minutes.

    Raises:
        ValueError: for more outputs, or another window or windows.
    """
    if outputs not in (1, 2):
        raise ValueError(f"random_forest has 1 output (degree) or 2 (zero, non-zero), not {outputs}")
    kind = RandomForestRegressor if outputs == 1 else RandomForestClassifier
    estimator = kind(
        n_estimators=trees, min_samples_leaf=min_samples_leaf, max_features=max_features, random_state=seed
    )
    return PixelModel(estimator, window, windows, pixels=pixels)
