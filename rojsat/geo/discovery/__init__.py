"""What lies in a folder of somebody's own files: scenes, regions, GPS points."""
