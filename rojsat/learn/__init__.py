"""Learning: from the chip store to trained networks. Must not know rasterio, geopandas or any other geography."""
