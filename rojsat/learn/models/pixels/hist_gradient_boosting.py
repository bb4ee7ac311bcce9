"""Histogram gradient boosting of decision trees, by scikit-learn: strong on tables, blind to context."""

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from rojsat.learn.models.pixel_model import PixelModel


def build(
    outputs: int,
    *,
    seed: int = 0,
    window: int = 1,
    max_iter: int = 200,
    learning_rate: float = 0.1,
    max_leaf_nodes: int = 31,
    l2_regularization: float = 0.0,
) -> PixelModel:
    """Build the estimator.

    Args:
        outputs: 1: a regressor of the degree; 2: a classifier of zero and non-zero, or of stands.
        seed: of the estimator.
        window: see `PixelModel`.
        max_iter: trees.
        learning_rate: shrinkage of each tree.
        max_leaf_nodes: leaves of a tree.
        l2_regularization: of the leaves' values.

    Raises:
        ValueError: for more outputs, or another window.
    """
    if outputs not in (1, 2):
        raise ValueError(f"hist_gradient_boosting has 1 output (degree) or 2 (zero, non-zero), not {outputs}")
    kind = HistGradientBoostingRegressor if outputs == 1 else HistGradientBoostingClassifier
    estimator = kind(
        max_iter=max_iter,
        learning_rate=learning_rate,
        max_leaf_nodes=max_leaf_nodes,
        l2_regularization=l2_regularization,
        early_stopping=False,  # it would draw its own validation pixels from the training regions
        random_state=seed,
    )
    return PixelModel(estimator, window)
