"""Networks that give one vector of class scores an image."""
