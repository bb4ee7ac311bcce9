"""rojsat learns where young forest needs clearing from Sentinel-2 images."""
