"""The parts of the stage `evaluate`: what each fold leaves, its MLflow runs, and workers side by side."""
