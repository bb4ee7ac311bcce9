"""Histogram gradient boosting of decision trees, by scikit-learn: strong on tables, blind to context."""

from collections.abc import Sequence
from functools import partial

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from rojsat.learn.models.pixel_model import PixelModel
from rojsat.learn.models.quantiles import MEDIAN, check


def build(
    outputs: int,
    *,
    seed: int = 0,
    window: int = 1,
    windows: Sequence[int] = (),
    max_iter: int = 200,
    learning_rate: float = 0.1,
    max_leaf_nodes: int = 31,
    l2_regularization: float = 0.0,
    quantiles: Sequence[float] = (),
) -> PixelModel:
    """Build the estimator.

    Args:
        outputs: 1: a regressor of the degree; 2: a classifier of zero and non-zero, or of stands.
        seed: of the estimator.
        window: see `PixelModel`.
        windows: see `PixelModel`.
        max_iter: trees.
        learning_rate: shrinkage of each tree.
        max_leaf_nodes: leaves of a tree.
        l2_regularization: of the leaves' values.
        quantiles: of the degree, an estimator each, fitted by the pinball loss; the median is the prediction. None: one
            estimator of the mean.

    Raises:
        ValueError: for more outputs, another window or windows, or quantiles that are not possible, see
            `quantiles.check`.
    """
    if outputs not in (1, 2):
        raise ValueError(f"hist_gradient_boosting has 1 output (degree) or 2 (zero, non-zero), not {outputs}")
    kind = HistGradientBoostingRegressor if outputs == 1 else HistGradientBoostingClassifier
    make = partial(
        kind,
        max_iter=max_iter,
        learning_rate=learning_rate,
        max_leaf_nodes=max_leaf_nodes,
        l2_regularization=l2_regularization,
        early_stopping=False,  # it would draw its own validation pixels from the training regions
        random_state=seed,
    )
    if not quantiles:
        return PixelModel(make(), window, windows)
    check(quantiles, outputs)
    by_quantile = {quantile: make(loss="quantile", quantile=quantile) for quantile in quantiles}
    return PixelModel(by_quantile.pop(MEDIAN), window, windows, quantiles=by_quantile)
