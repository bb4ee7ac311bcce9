"""How good predictions are: metrics, comparisons, and the files that a run writes. numpy and pandas."""
