"""HTTP: tiles of maps, predictions of areas as jobs. Knows neither torch nor MLflow: models run in other processes."""
