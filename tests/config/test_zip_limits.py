"""Limits of what is unpacked."""

import zipfile

import pytest

from rojsat.config import zip_limits


def member(size, packed):
    info = zipfile.ZipInfo("a.xml")
    info.file_size, info.compress_size = size, packed
    return info


@pytest.mark.parametrize(
    ("size", "packed", "message"),
    [
        (65 << 20, 60 << 10, "unpacks to 65 MiB from 60 KiB"),
        (65 << 30, 65 << 30, "unpacks to 65 GiB, more than the 64 GiB"),
        (63 << 20, 60 << 10, None),
        (65 << 20, 1 << 20, None),
    ],
)
def test_what_unpacks_to_too_much_is_refused(size, packed, message):
    if message is None:
        zip_limits.check([member(size, packed)], "a.zip")
        return
    with pytest.raises(ValueError, match=message):
        zip_limits.check([member(size, packed)], "a.zip")


def test_a_text_too_large_for_memory_is_refused():
    zip_limits.check_text(64 << 20, "MTD.xml")
    with pytest.raises(ValueError, match="MTD.xml has 65 MiB, more than the 64 MiB"):
        zip_limits.check_text(65 << 20, "MTD.xml")
