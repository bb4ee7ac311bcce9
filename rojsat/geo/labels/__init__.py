"""Sources of labels: each module turns one kind of label into masks on the grids of the regions."""
