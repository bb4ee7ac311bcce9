"""Whether a Shapefile is complete: GDAL reads what is left of a truncated one without an error."""

from pathlib import Path


def check(path: Path) -> None:
    """Refuse a Shapefile whose parts are shorter than their headers state; files of other formats are accepted.

    The lengths stand where ESRI's description of 1998 (`.shp`: bytes 24 to 27, 16-bit words, big endian) and dBASE III
    (`.dbf`: records, bytes of the header, bytes a record, from byte 4, little endian) put them.

    Raises:
        ValueError: if a part is truncated, or states records without bytes.
    """
    if path.suffix.lower() != ".shp":
        return
    head = _head(path, 100)
    _compare(path, max(100, 2 * int.from_bytes(head[24:28], "big")))
    table = path.with_suffix(".dbf" if path.suffix == ".shp" else ".DBF")
    if table.exists():
        head = _head(table, 32)
        records, header, record = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
        if records and not record:
            raise ValueError(f"{table.name} states {records} records of 0 bytes; export the file again")
        _compare(table, max(32, header + records * record))


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _compare(path: Path, length: int) -> None:
    size = path.stat().st_size
    if size < length:
        raise ValueError(f"{path.name} is truncated: it has {size} of {length} bytes; copy it again")
