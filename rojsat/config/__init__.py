"""The experiment: names, keys, schema, variants, and the folders that follow from them."""
