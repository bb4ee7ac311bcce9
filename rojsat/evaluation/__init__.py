"""What predictions are worth: metrics, comparisons, and the files that a run leaves. numpy and pandas."""
