import pytest

from rojsat.chips import map_sheets


@pytest.mark.parametrize(
    ("east", "north", "names"),
    [
        # the railway station of Helsinki; the corner of four sheets; the far north-west
        (385_784, 6_672_298, ["L4", "L41", "L413", "L4133", "L4133B", "L4133B3"]),
        (500_000, 6_666_000, ["L5", "L51", "L511", "L5111", "L5111A", "L5111A1"]),
        (499_999, 6_665_999, ["K4", "K44", "K444", "K4444", "K4444H", "K4444H4"]),
        (260_000, 7_670_000, ["W3", "W33", "W334", "W3342", "W3342B", "W3342B1"]),
    ],
)
def test_a_point_lies_in_the_sheet_that_its_name_leads_to(east, north, names):
    assert [map_sheets.tm35_name(east, north, scale) for scale in map_sheets.SCALES] == names
    for scale, name in zip(map_sheets.SCALES, names, strict=True):
        west, south, *size = bounds(name)
        assert tuple(size) == map_sheets.SCALES[scale]
        assert west <= east < west + size[0] and south <= north < south + size[1]


def bounds(name):
    """West, south, width and height of a sheet, from the parts of its name."""
    west, south, width, height = 500_000 + 192_000 * (int(name[1]) - 5), 6_570_000, 192_000, 96_000
    south += 96_000 * "KLMNPQRSTUVWX".index(name[0])
    for part in name[2:]:
        number = "12345678".find(part) if part.isdigit() else "ABCDEFGH".index(part)
        width, height = width / (2 if part.isdigit() else 4), height / 2
        west, south = west + width * (number // 2), south + height * (number % 2)
    return west, south, width, height


@pytest.mark.parametrize(
    ("position", "message"),
    [((385_784, 6_672_298, 20_000), "possible are 200000, 100000"), ((385_784, 6_000_000, 25_000), "beyond the map")],
)
def test_another_scale_and_points_beyond_finland_are_refused(position, message):
    with pytest.raises(ValueError, match=message):
        map_sheets.tm35_name(*position)
