from datetime import date

import pytest

from rojsat.geo.finland import forest_standard_xml, stand_histories
from tests.geo.finland.conftest import document, stand
from tests.support.finnish_files import operation


def histories(xml, *stands, **options):
    return stand_histories.of(forest_standard_xml.read(xml(document(*stands))), **options)


RECORDS = stand(
    "records", "04", operations=operation("3", completed="2010-01-01") + operation("3", completed="2022-01-01")
)


@pytest.mark.parametrize(
    ("operations", "tended", "quiet"),
    [
        ("", None, ("2010-01-01", "2022-01-01")),
        (operation(completed="2017-05-01"), "2017-05-01", ("2010-01-01", "2022-01-01")),
        (operation(proposed="2017"), None, ("2010-01-01", "2022-01-01")),
        (
            operation("660", completed="2012-05-01")
            + operation(completed="2017-05-01")
            + operation(completed="2014-05-01"),
            "2017-05-01",
            ("2014-05-01", "2022-01-01"),
        ),
        (operation("523", completed="2012-05-01"), None, ("2012-05-01", "2022-01-01")),
        (
            operation(completed="2017-05-01") + operation("3", completed="2018-01-01"),
            "2017-05-01",
            ("2010-01-01", "2018-01-01"),
        ),
    ],
)
def test_a_stand_has_its_latest_tending_and_the_quiet_around_it(xml, operations, tended, quiet):
    of_stands, aside = histories(xml, stand("1", "T2", operations=operations), RECORDS)
    history = of_stands["1"]
    assert (history.tended, (history.quiet_from, history.quiet_until)) == (tended, quiet)
    assert aside == {"records": "development class 04"}


def test_a_tending_beside_another_operation_on_its_day_is_left_aside(xml):
    both = operation(completed="2017-05-01") + operation("3", completed="2017-05-01")
    assert histories(xml, stand("1", operations=both), RECORDS)[1]["1"].startswith("other operation")


def test_a_file_is_complete_up_to_its_last_operation_or_the_day_that_is_stated(xml):
    of_stands, _ = histories(xml, stand("1"), RECORDS, until=date(2024, 6, 1))
    assert of_stands["1"].quiet_until == "2024-06-01"
    with pytest.raises(ValueError, match="no operation is completed"):
        histories(xml, stand("1", operations=operation(proposed="2020")))
