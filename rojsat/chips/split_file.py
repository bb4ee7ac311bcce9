"""A split that a file states: a table with the part of every chip or region. Its hash tells its versions apart."""

import hashlib
from pathlib import Path

import pandas as pd

from rojsat.chips.roles import PARTS, UNUSED


def digest(path: str) -> str:
    """SHA-256 of a file.

    Raises:
        ValueError: there is none.
    """
    if not Path(path).is_file():
        raise ValueError(f"split file: {path} is no file; split.options.path names a CSV or Parquet file")
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def file(index: pd.DataFrame, *, path: str, sha256: str | None = None) -> pd.Series:
    """The parts that a file states, chip by chip, or region by region. `split/parts.csv` of a run is such a file.

    Args:
        index: columns `chip` and `region`.
        path: of a table, `.csv` or `.parquet`, with the columns `part` and `chip`, or `part` and `region`; chips count
            where it has both. It may hold more than `index` does.
        sha256: the hash that the file must have; None: any.

    Returns:
        "train", "val", "test" or `UNUSED` a row, with the index of `index`.

    Raises:
        ValueError: the file is not there, has another hash, lacks a column or a name, or states a part that is none or
            two parts of one name.
    """
    content = digest(path)
    if sha256 is not None and sha256 != content:
        raise ValueError(f"split file: {path} has the hash {content[:12]}, not {sha256[:12]}: it is another version")
    table = _read(path)
    if "part" not in table or not {"chip", "region"} & set(table.columns):
        raise ValueError(
            f"split file: {path} has no columns part and chip, or part and region, but {', '.join(map(str, table))}"
        )
    key = "chip" if "chip" in table else "region"
    stated = table.assign(**{key: table[key].astype(str)})[[key, "part"]].drop_duplicates()
    if wrong := sorted(set(stated["part"].astype(str)) - {*PARTS, UNUSED}):
        raise ValueError(f"split file: {path} states parts {wrong}; possible are {', '.join([*PARTS, UNUSED])}")
    if several := sorted(stated[key][stated[key].duplicated()]):
        raise ValueError(f"split file: {path} states two parts of {key} {several[0]} ({len(several)} such)")
    names = index[key].astype(str)
    if absent := sorted(set(names) - set(stated[key])):
        raise ValueError(
            f"split file: {path} states no part of {len(absent)} {key}s, {', '.join(absent[:5])} among them; "
            f"{UNUSED} leaves one out"
        )
    return names.map(stated.set_index(key)["part"]).astype(object)


def _read(path: str) -> pd.DataFrame:
    """The table, with names as text: region 007 is not region 7."""
    suffix = Path(path).suffix.lower()
    if suffix == ".csv":
        return pd.read_csv(path, dtype=str)
    if suffix == ".parquet":
        return pd.read_parquet(path)
    raise ValueError(f"split file: {path} ends in {suffix or 'nothing'}; it is read as .csv or .parquet")
