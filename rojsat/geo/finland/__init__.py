"""Finnish stand data in their own formats, and labels of stands by rule."""
