import pyproj
import pytest

from rojsat.geo.vectors import coordinate_operations


@pytest.mark.parametrize(
    ("code", "at", "refused"),
    [
        (
            4806,
            (-3.5, 45.5),
            True,
        ),  # Rome meridian: PROJ knows an operation for Sardinia, and takes a ballpark one here
        (4806, (-3.0, 40.0), False),
        (3021, (1500000, 6500000), False),
        (3006, (600000, 6500000), False),
        (4326, (15, 58), False),
    ],
)
def test_the_operation_that_is_used_at_a_place_counts(code, at, refused):
    fault = coordinate_operations.fault(pyproj.CRS(code), pyproj.CRS(4326), at)
    assert (fault is not None and "allpark" in fault) == refused
