"""XML of a product that is cut short, and XML that is not ESA's."""

import pytest

from rojsat.geo.sources.safe import xml_root

LEVELS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
BOMB = f'<!DOCTYPE a [<!ENTITY e0 "ha">{LEVELS}]><a>&e11;</a>'


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (BOMB.encode(), "declares entities.*do not use it"),
        (BOMB.encode("utf-16"), "declares entities.*do not use it"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>', "declares entities.*do not use it"),
        (b"<a><b>", "no complete XML file.*get the product again"),
        (b'<?xml version="1.0" encoding="none"?><a/>', "no complete XML file.*get the product again"),
    ],
    ids=["bomb", "bomb in UTF-16", "another file", "cut short", "unknown encoding"],
)
def test_the_advice_is_to_get_a_cut_product_again_and_not_to_use_one_that_is_not_of_esa(xml, words):
    with pytest.raises(ValueError, match=f"MTD.xml {words}|MTD.xml is {words}") as refused:
        xml_root.parse(xml, "MTD.xml")
    assert ("again" in str(refused.value)) == ("again" in words)


def test_a_sound_file_is_parsed():
    assert xml_root.parse("<a><b>ö</b></a>".encode(), "MTD.xml").findtext("b") == "ö"
