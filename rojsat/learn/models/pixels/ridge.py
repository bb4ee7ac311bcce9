"""A line: ridge regression of the degree, or logistic regression with a ridge penalty; by scikit-learn."""

from collections.abc import Sequence

from sklearn.linear_model import LogisticRegression, Ridge

from rojsat.learn.models.pixel_model import PixelModel


def build(
    outputs: int, *, seed: int = 0, window: int = 1, windows: Sequence[int] = (), alpha: float = 1.0
) -> PixelModel:
    """Build the estimator.

    Args:
        outputs: 1: a regressor of the degree; 2: a classifier of zero and non-zero, or of stands.
        seed: of the solver.
        window: see `PixelModel`.
        windows: see `PixelModel`.
        alpha: weight of the squared coefficients, of standardised channels; above 0.

    Raises:
        ValueError: for more outputs, another window or windows, or no penalty.
    """
    if outputs not in (1, 2):
        raise ValueError(f"ridge has 1 output (degree) or 2 (zero, non-zero), not {outputs}")
    if alpha <= 0:
        raise ValueError(f"model.options.alpha={alpha}: the penalty is above 0")
    if outputs == 1:
        return PixelModel(Ridge(alpha=alpha, random_state=seed), window, windows)
    return PixelModel(LogisticRegression(C=1 / alpha, max_iter=1000, random_state=seed), window, windows)
