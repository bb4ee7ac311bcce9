"""Maps: predictions on the ground, as rasters and as a list of stands. Knows neither torch nor MLflow."""
