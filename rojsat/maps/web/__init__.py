"""The page of a map, `map.html`: one file that a browser opens without a network."""
