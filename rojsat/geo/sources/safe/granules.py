"""The granules of ESA's products, one tile each: what they are and which images they hold."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from rojsat.chips.bands import RESOLUTION
from rojsat.geo.sources.safe import metadata
from rojsat.geo.sources.safe.product_files import Product

CLOUD = "CLDPRB"
"""Name of the cloud probability of Sen2Cor, percent, 20 m."""

_MAIN = re.compile(r"MTD_MSI(L1C|L2A)\.xml|S2[A-Z]_OPER_MTD_SAFL1C_.*\.xml")
_EARLY = re.compile(r"S2[A-Z]_USER_MTD_SAFL2A_.*\.xml")
_TILE = re.compile(r"(GRANULE/[^/]+)/(?:MTD_TL|S2[A-Z]_OPER_MTD_L1C_TL_.*)\.xml")
_IMAGE = re.compile(r"(?:.*_)?(B0[1-9]|B1[0-2]|B8A|SCL|TCI)(?:_([126]0)m)?")
_CLOUD = re.compile(r"(?:MSK_CLDPRB|.*_CLD)_20m")


@dataclass(frozen=True)
class Granule:
    """One tile of a product.

    Attributes:
        product: where it lies.
        folder: its folder in the product.
        facts: of the product.
        tile: of the tile.
    """

    product: Product
    folder: str
    facts: metadata.Metadata
    tile: metadata.Tile

    @property
    def is_own(self) -> bool:
        """Whether a user made it with Sen2Cor: baseline 99.99, or a name that says so."""
        by_name = re.match(r"S2[A-Z]_USER_|.*_N9999_", self.product.name) is not None
        return by_name or self.tile.of_user or self.facts.baseline == metadata.USER

    @property
    def processing(self) -> str:
        """Who processed it, in words: `baseline 05.09`."""
        return metadata.OWN if self.is_own else f"baseline {self.facts.baseline}"


def read(product: Product) -> Iterator[Granule]:
    """Read the XML files of a product.

    Yields:
        Its granules: one, or several before December 2016.

    Raises:
        ValueError: if an XML file is missing or broken, or the product is of a kind that is not read.
    """
    if any(_EARLY.fullmatch(file) for file in product.files):
        raise ValueError(
            f"{product.path}: this own Sen2Cor product is of a Sen2Cor before 2.4, which is not read; "
            "process the L1C again (L2A_Process)"
        )
    main = [file for file in product.files if _MAIN.fullmatch(file)]
    granules = [match for file in product.files if (match := _TILE.fullmatch(file))]
    if len(main) != 1 or not granules:
        raise ValueError(
            f"{product.path}: product {product.name} has {len(main)} main XML files (MTD_MSIL1C.xml, MTD_MSIL2A.xml), "
            f"which should be one, and {len(granules)} of tiles (GRANULE/*/MTD_TL.xml); get it again"
        )
    facts = metadata.product(product.read(main[0]), product.href(main[0]))
    for match in granules:
        yield Granule(product, match[1], facts, metadata.tile(product.read(match[0]), product.href(match[0])))


def images(granule: Granule, bands: Collection[str]) -> dict[str, str]:
    """Find the images of native resolution of a granule.

    Args:
        granule: the tile.
        bands: bands to find; the others may lack.

    Returns:
        Their files in the product by what they hold: `B02`, `SCL`, `TCI`, `CLDPRB`.

    Raises:
        ValueError: if the XML lists the file of one of the bands, but it is not there.
    """
    paths = [PurePosixPath(file) for file in granule.product.files if file.endswith(".jp2")]
    files = {path.stem: str(path) for path in paths if path.is_relative_to(f"{granule.folder}/IMG_DATA")}
    listed = {name for name in granule.facts.images if f"T{granule.tile.tile}_" in name}
    image_files = {}
    for stem in sorted(files.keys() | listed):
        match = _IMAGE.fullmatch(stem)
        if match is None or match[2] not in (None, str(RESOLUTION[match[1]])) or match[1] not in {*bands, "SCL", "TCI"}:
            continue
        if stem not in files:
            raise ValueError(f"{granule.product.path} lacks {granule.folder}/…/{stem}.jp2, which its XML lists")
        image_files[match[1]] = files[stem]
    for path in paths:
        if path.is_relative_to(f"{granule.folder}/QI_DATA") and _CLOUD.fullmatch(path.stem):
            image_files[CLOUD] = str(path)
    return image_files
