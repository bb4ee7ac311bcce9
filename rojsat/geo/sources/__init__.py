"""Sources of scenes: each module writes one raw data set (a static STAC catalog and vectors)."""
