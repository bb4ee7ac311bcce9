"""Writes FIT files by hand: header, definitions, messages and checksums as the FIT SDK lays them out."""

import struct

NIBBLES = [0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401]
NIBBLES += [0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400]
NOWHERE, NEVER = 0x7FFFFFFF, 0xFFFFFFFF
EPOCH = 631065600
"""1989-12-31T00:00:00Z as Unix time."""


def checksum(content):
    total = 0
    for byte in content:
        for nibble in (byte & 15, byte >> 4):
            total = (total >> 4) & 0x0FFF ^ NIBBLES[total & 15] ^ NIBBLES[nibble]
    return total


def definition(local, message, fields):
    """Define a local message: numbers, sizes and base types of its fields."""
    return struct.pack("<BBBHB", 0x40 | local, 0, 0, message, len(fields)) + b"".join(bytes(field) for field in fields)


def fit(records, sessions=(), *, crc=None, extra=b""):
    """A FIT file.

    Args:
        records: latitude and longitude in degrees, or None, and Unix time, or None, of each.
        sessions: Unix times at which they start.
        crc: checksum that it states; None: the right one.
        extra: bytes put behind the messages.
    """
    body = definition(0, 0, [(0, 1, 0)]) + struct.pack("<BB", 0, 4)  # file_id of an activity
    body += definition(1, 20, [(253, 4, 0x86), (0, 4, 0x85), (1, 4, 0x85), (3, 1, 0x02)])  # record, with heart rate
    for lat, lon, time in records:
        semicircles = [NOWHERE if degrees is None else round(degrees * 2**31 / 180) for degrees in (lat, lon)]
        body += struct.pack("<BIiiB", 1, NEVER if time is None else time - EPOCH, *semicircles, 120)
    body += definition(2, 18, [(2, 4, 0x86)])  # session
    body += b"".join(struct.pack("<BI", 2, start - EPOCH) for start in sessions) + extra
    header = struct.pack("<BBHI4s", 14, 0x20, 2100, len(body), b".FIT")
    header += struct.pack("<H", checksum(header))
    return header + body + struct.pack("<H", checksum(header + body) if crc is None else crc)
