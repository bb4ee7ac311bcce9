"""Predictors that see the height and width of a frame and no image: what every number stands beside."""
