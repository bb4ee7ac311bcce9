"""Geography: from scenes, regions and GPS points to the chip store. Must not know torch."""
