"""Mistakes in products of ESA and in the folders that they lie in."""

import zipfile
from pathlib import Path

import numpy as np

from bench.silent_errors import by_hand, ground
from bench.silent_errors.ground import STAND_FILE
from bench.silent_errors.sandbox import Sandbox
from bench.silent_errors.trials import Trial, case
from rojsat.chips.bands import RESOLUTION, TOA


def _stands(sandbox: Sandbox) -> Path:
    path = sandbox.archive / "stands.gpkg"
    ground.stands().to_file(path)
    return path


def _band(product: Path, name: str = "B04_10m") -> Path:
    return next(product.rglob(f"*_{name}.jp2"))


def _mean(sandbox: Sandbox, *more: str, region: str = "n1") -> float:
    sandbox.make(ground.words("safe", sandbox.archive, [STAND_FILE], *more))
    return sandbox.mean(region)


@case(names="offset")
def offset_not_applied(sandbox: Sandbox) -> Trial:
    """A product of baseline 05.00, whose numbers are shifted by 1000, read without its offset."""
    product, stands = ground.write_product(sandbox.archive), _stands(sandbox)
    return Trial(ground.mean("n1"), lambda: _mean(sandbox), lambda: by_hand.stand_mean(_band(product), stands, "n1"))


@case(names="baseline|offset")
def baselines_mixed(sandbox: Sandbox) -> Trial:
    """Two dates, one before and one after the offset of baseline 04.00: their difference is no growth."""
    files = [
        ground.write_product(sandbox.archive, baseline=baseline, sensing=sensing)
        for baseline, sensing in (("02.13", "20190723T101031"), ("05.00", "20230723T101031"))
    ]
    stands = _stands(sandbox)

    def by_rojsat() -> float:
        sandbox.make(ground.words("safe", sandbox.archive, [STAND_FILE]))
        chips = sandbox.chips
        rows = chips.index[chips.index["region"] == "n1"].sort_values("date")
        first, last = (chips.read(str(chip)).plane("B04") for chip in rows["chip"])
        return float(np.nanmean(last) - np.nanmean(first))

    def by_script() -> float:
        first, last = (by_hand.stand_mean(_band(product), stands, "n1") for product in files)
        return last - first

    return Trial(0.0, by_rojsat, by_script)


@case(names="no data|nodata|unseen")
def nodata_of_the_product(sandbox: Sandbox) -> Trial:
    """Half of a stand lies beyond the edge of the swath, where the product stores 0."""
    by_band = {band: ground.reflectance(band, RESOLUTION[band]) for band in TOA}
    for plane in by_band.values():
        plane[:, : len(plane) * 14 // 60] = np.nan
    product, stands = ground.write_product(sandbox.archive, ground=by_band), _stands(sandbox)
    right = float(ground.reflectance("B04")[10:18, 14:18].mean())
    return Trial(
        right,
        lambda: _mean(sandbox, "data.options.bands=[B02, B03, B04, B08]"),
        lambda: by_hand.stand_mean(_band(product), stands, "n1", offset=-0.1),
    )


@case(names="saturat")
def saturated_pixels(sandbox: Sandbox) -> Trial:
    """A cloud has saturated four pixels of a stand: 65535 is no reflectance of 6.5."""
    by_band = {band: ground.reflectance(band, RESOLUTION[band]) for band in TOA}
    by_band["B04"][10:12, 10:12] = 6.4535
    product, stands = ground.write_product(sandbox.archive, ground=by_band), _stands(sandbox)
    inside = ground.reflectance("B04")[10:18, 10:18].copy()
    inside[:2, :2] = np.nan
    return Trial(
        float(np.nanmean(inside)),
        lambda: _mean(sandbox),
        lambda: by_hand.stand_mean(_band(product), stands, "n1", offset=-0.1),
    )


@case(names="cut short|corrupt|truncated")
def image_cut_short(sandbox: Sandbox) -> Trial:
    """The download of one band was interrupted: its JPEG 2000 file ends too early."""
    product, stands = ground.write_product(sandbox.archive), _stands(sandbox)
    path = _band(product)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return Trial(
        ground.mean("c1"),
        lambda: _mean(sandbox, region="c1"),
        lambda: by_hand.stand_mean(path, stands, "c1", offset=-0.1),
    )


@case(names="__MACOSX")
def zip_of_macos(sandbox: Sandbox) -> Trial:
    """A product zipped by the Finder of macOS, with its `__MACOSX` folder of `._` files."""
    product = ground.write_product(sandbox.archive)
    archive = product.with_name(f"{product.name}.zip")
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(product.rglob("*")):
            if path.is_file():
                member = path.relative_to(product.parent).as_posix()
                file.write(path, member)
                file.writestr(f"__MACOSX/{Path(member).parent}/._{path.name}", b"\0\5\x16\7")
    _remove(product)
    stands = _stands(sandbox)

    def by_script() -> float:
        with zipfile.ZipFile(archive) as file:
            names = [name for name in file.namelist() if name.endswith("_B04_10m.jp2")]
        return by_hand.stand_mean(Path(f"/vsizip/{archive}/{names[0]}"), stands, "n1", offset=-0.1)

    return Trial(ground.mean("n1"), lambda: _mean(sandbox), by_script)


@case(names=r"\._")
def files_of_exfat(sandbox: Sandbox) -> Trial:
    """A disk of another system holds a file `._X` beside every file and folder X."""
    product, stands = ground.write_product(sandbox.archive), _stands(sandbox)
    for path in sorted(product.rglob("*")):
        path.with_name(f"._{path.name}").write_bytes(b"\0\5\x16\7")
    (sandbox.archive / f"._{product.name}").write_bytes(b"\0\5\x16\7")

    def by_script() -> float:
        return by_hand.stand_mean(sorted(product.rglob("*_B04_10m.jp2"))[0], stands, "n1", offset=-0.1)

    return Trial(ground.mean("n1"), lambda: _mean(sandbox), by_script)


@case(names="link")
def folder_is_a_link(sandbox: Sandbox) -> Trial:
    """One of two products lies behind a symbolic link."""
    ground.write_product(sandbox.archive)
    elsewhere = sandbox.archive.parent / "disk"
    elsewhere.mkdir()
    ground.write_product(elsewhere, sensing="20190813T101031")
    (sandbox.archive / "more").symlink_to(elsewhere)
    _stands(sandbox)

    def by_rojsat() -> int:
        sandbox.make(ground.words("safe", sandbox.archive, [STAND_FILE]))
        return int(sandbox.chips.index["date"].nunique())

    return Trial(2, by_rojsat, lambda: len(list(sandbox.archive.rglob("*_B04_10m.jp2"))))


@case(names="unreadable|cannot be read|permission")
def unpacked_one_folder_deeper(sandbox: Sandbox) -> Trial:
    """A product was unpacked into a folder of its own name."""
    product = ground.write_product(sandbox.archive)
    outer = sandbox.archive / "outer"
    outer.mkdir()
    product.rename(outer / product.name)
    outer.rename(sandbox.archive / product.name)
    stands = _stands(sandbox)
    return Trial(
        ground.mean("n1"),
        lambda: _mean(sandbox),
        lambda: by_hand.stand_mean(_band(sandbox.archive), stands, "n1", offset=-0.1),
    )


@case(names="strip|baseline")
def one_strip_processed_again(sandbox: Sandbox) -> Trial:
    """A tile in two datastrips, the upper one processed again later: the lower one stays where it is."""
    halves = []
    for rows in (slice(0, 30), slice(30, 60)):
        by_band = {band: ground.reflectance(band, RESOLUTION[band]) for band in TOA}
        for band, plane in by_band.items():
            metres = RESOLUTION[band]
            plane[[row for row in range(len(plane)) if not rows.start <= row * metres // 10 < rows.stop]] = np.nan
        halves.append(by_band)
    upper, lower = halves
    common = {"extras": False}
    ground.write_product(sandbox.archive, ground=upper, baseline="02.13", generated="20190723T140000", **common)
    ground.write_product(
        sandbox.archive,
        ground=lower,
        baseline="02.13",
        strip="20190723T101404",
        generated="20190723T150000",
        **common,
    )
    ground.write_product(sandbox.archive, ground=upper, baseline="05.10", **common)
    stands = _stands(sandbox)

    def by_script() -> float:
        newest = sorted(sandbox.archive.glob("*.SAFE"))[-1]
        return by_hand.stand_mean(_band(newest), stands, "c1", offset=-0.1)

    bands = "data.options.bands=[B02, B03, B04, B08]"
    return Trial(ground.mean("c1"), lambda: _mean(sandbox, bands, region="c1"), by_script)


@case(names="L1C|cloud|top of the atmosphere")
def levels_mixed(sandbox: Sandbox) -> Trial:
    """Of one date there is L1C alone: its reflectance, of the top of the atmosphere, is no other date of L2A."""
    ground.write_product(sandbox.archive, extras=True)
    hazy = {band: ground.reflectance(band, RESOLUTION[band]) + 0.05 for band in TOA}
    ground.write_product(sandbox.archive, ground=hazy, level="L1C", sensing="20190813T101031", extras=True)
    stands = _stands(sandbox)

    def by_rojsat() -> float:
        sandbox.make(ground.words("safe", sandbox.archive, [STAND_FILE]))
        chips = sandbox.chips
        usable = chips.rows("stand", chips.expand("stand", ["B04"]))
        means = [chips.channels(str(chip), ["B04"]).mean() for chip in usable.loc[usable["region"] == "n1", "chip"]]
        return float(max(means) - min(means))

    def by_script() -> float:
        images = [path for path in sandbox.archive.rglob("*_B04*.jp2") if "QI_DATA" not in str(path)]
        means = [by_hand.stand_mean(path, stands, "n1", offset=-0.1) for path in images]
        return max(means) - min(means)

    return Trial(0.0, by_rojsat, by_script)


@case(
    names=r"cloud masks?: none|no cloud mask|clouds? (of|is|are)?[^|]*unknown|without (a )?(cloud|SCL)|no (SCL|cloud)"
)
def no_cloud_mask(sandbox: Sandbox) -> Trial:
    """L1C alone: nothing says where clouds are."""
    by_band = {band: ground.reflectance(band, RESOLUTION[band]) for band in TOA}
    for band, plane in by_band.items():
        plane[: len(plane) // 3, : len(plane) // 3] = 0.9 + 0.0 * RESOLUTION[band]
    product = ground.write_product(sandbox.archive, ground=by_band, level="L1C", scl=None)
    stands = _stands(sandbox)

    def by_rojsat() -> float:
        sandbox.make(ground.words("safe", sandbox.archive, [STAND_FILE]), ("raw", "masks", "chips", "inspect"))
        return sandbox.mean("n1", "toa.B04")

    return Trial(
        ground.mean("n1"), by_rojsat, lambda: by_hand.stand_mean(_band(product, "B04"), stands, "n1", offset=-0.1)
    )


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()
