"""Independent work many at a time, on this machine or on a Dask cluster. Knows nothing of what the work is."""
