"""The tests; each mirrors its module."""
