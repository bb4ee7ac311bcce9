"""Makes what `dvc.yaml` and `experiments/pipeline.yaml` list, and compares its metrics with those in git."""
