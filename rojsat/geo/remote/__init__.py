"""Scenes on servers: asks STAC APIs for them and brings the parts that are needed, checked, to this machine."""
