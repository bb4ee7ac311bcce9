"""The chip store, where geography and learning meet: reading, writing, channels, splits, audit. numpy, pandas, zarr."""
