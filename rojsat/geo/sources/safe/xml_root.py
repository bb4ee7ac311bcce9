"""Parses the XML of a product: what is cut short, and what is not ESA's at all, is told apart."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ENTITY = "<!ENTITY"
"""Declares a piece of text that is put in wherever it is named; one that names others many times fills the memory."""

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def parse(xml: bytes, where: str) -> Element:
    """The root element of a file of metadata.

    Args:
        xml: the file.
        where: its name, for messages.

    Raises:
        ValueError: if it is no complete XML, or declares entities, as no file of ESA does.
    """
    if any(ENTITY.encode(encoding) in xml for encoding in ENCODINGS):
        raise ValueError(
            f"{where} declares entities, as files do that are made to fill the memory; no file of ESA declares any, so "
            "this is not the product that ESA made: do not use it, and delete it. If you need its date, get the "
            "product from the archive itself (dataspace.copernicus.eu)"
        )
    try:
        return ElementTree.fromstring(xml)
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the last two: of its encoding
        raise ValueError(f"{where} is no complete XML file ({error}); get the product again") from error
