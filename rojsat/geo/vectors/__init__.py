"""Files of regions: read, checked and written."""
