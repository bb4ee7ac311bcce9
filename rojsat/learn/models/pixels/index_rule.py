"""One threshold on one channel, as a forester would set one on an index: a decision tree of a single split.

Channel, threshold and side follow from the training pixels: those whose two means have the least squared error.
"""

from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from rojsat.learn.models.pixel_model import PixelModel


def build(outputs: int, *, seed: int = 0) -> PixelModel:
    """Build the estimator; of stands it reads the means of the channels alone.

    Args:
        outputs: 1: the mean degree on each side of the threshold; 2: the share of non-zero, or of need among stands.
        seed: decides between equal splits.

    Raises:
        ValueError: for more outputs.
    """
    if outputs not in (1, 2):
        raise ValueError(f"index_rule has 1 output (degree) or 2 (zero, non-zero), not {outputs}")
    kind = DecisionTreeRegressor if outputs == 1 else DecisionTreeClassifier
    return PixelModel(kind(max_depth=1, random_state=seed), deviations=False)
