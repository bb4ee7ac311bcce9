"""The embedded data set: a simulated world, its scenes, regions and GPS tracks."""
