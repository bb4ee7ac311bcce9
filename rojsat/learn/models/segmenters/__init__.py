"""Networks that give one plane of scores an output on the grid of the image."""
