"""The code that MLflow keeps with a model, one file a kind; it runs where there is no rojsat."""
