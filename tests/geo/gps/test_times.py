import datetime
import zoneinfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.geo.gps import times

STOCKHOLM = "Europe/Stockholm"


def utc(*texts):
    return np.array(texts, "M8[ms]")


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2019-08-01T10:00:00", "2019-08-01T08:00"),  # summer time
        ("2019-12-01 10:00", "2019-12-01T09:00"),  # winter time
        ("2019-10-27T02:30:00", "2019-10-27T01:30"),  # twice: the second
        ("2019-03-31T02:30:00", "2019-03-31T01:00"),  # never: the first moment after
        ("2019-08-01T10:00:00Z", "2019-08-01T10:00"),
        ("2019-08-01T10:00:00.123456+02:00", "2019-08-01T08:00:00.123"),
        ("2019-08-01", "2019-07-31T22:00"),  # the last numbers are no zone
        ("1901-12-13T20:45:52.2073437Z", "1901-12-13T20:45:52.207"),
    ],
)
def test_text_is_of_its_own_zone_or_of_the_one_named(stated, moment):
    alone, _ = times.read(pa.array([stated]), STOCKHOLM)
    mixed, failed = times.read(pa.array([stated, "  2019-08-01T10:00:00+05:30 ", None, "", "yesterday"]), STOCKHOLM)
    assert alone[0] == mixed[0] == np.datetime64(moment)
    assert mixed[1] == np.datetime64("2019-08-01T04:30")
    assert np.isnat(mixed[2:]).all()
    assert failed.tolist() == [False] * 4 + [True]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_of_any_unit_are_read_with_and_without_zone(unit):
    moment = datetime.datetime(2019, 8, 1, 10)
    plain, aware = pa.array([moment, None], pa.timestamp(unit)), pa.array([moment], pa.timestamp(unit, STOCKHOLM))
    assert times.read(plain, STOCKHOLM)[0][0] == np.datetime64("2019-08-01T08:00")
    assert np.isnat(times.read(plain, STOCKHOLM)[0][1])
    assert times.read(aware, "UTC")[0][0] == aware.cast(pa.timestamp("ms")).to_numpy(zero_copy_only=False)[0]


def test_dates_dictionaries_and_columns_of_nothing_are_read():
    assert times.read(pa.array([datetime.date(2019, 8, 1)]), "UTC")[0] == utc("2019-08-01")
    assert times.read(pa.array(["2019-08-01"]).dictionary_encode(), "UTC")[0] == utc("2019-08-01")
    assert np.isnat(times.read(pa.nulls(3), "UTC")[0]).all()
    with pytest.raises(ValueError, match="holds int64; times must be .* as 1564653600: they look like seconds since"):
        times.read(pa.array([1564653600]), "UTC")


@given(st.datetimes(datetime.datetime(1980, 1, 6), datetime.datetime(2037, 12, 31)), st.booleans())
@settings(deadline=None)
def test_any_clock_of_stockholm_goes_there_and_back(moment, text):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    column = pa.array([moment.isoformat(), "2019-08-01T10:00Z"]) if text else pa.array([moment])
    utc_time = times.read(column, STOCKHOLM)[0][0]
    zone = zoneinfo.ZoneInfo(STOCKHOLM)
    shown = utc_time.astype("M8[us]").item().replace(tzinfo=datetime.UTC).astimezone(zone).replace(tzinfo=None)
    assert shown == moment or (
        shown.minute == 0 and shown - moment <= datetime.timedelta(hours=1)
    )  # a time that the clock skips


@given(st.lists(st.text(max_size=30)), st.sampled_from(["UTC", STOCKHOLM, "Pacific/Auckland"]))
@settings(deadline=None)
def test_any_text_is_a_time_or_none(words, zone):
    moments, failed = times.read(pa.array(words, pa.string()), zone)
    assert moments.dtype == "M8[ms]" and len(moments) == len(failed) == len(words)
    assert not (failed & ~np.isnat(moments)).any()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("43678.375", "Excel's days"),
        ("1564650000", "seconds since 1970"),
        ("1564650000000", "milliseconds since 1970"),
        ("01/08/2019 09:00", "of day and month either"),
        ("1.8.19", "of day and month either"),
        ("09:00:00", "have no day"),
        ("yesterday", "write them as 2019-08-01T09:30:00Z"),
    ],
)
def test_times_that_cannot_be_read_get_advice_that_fits(text, words):
    _, failed = times.read(pa.array([text]), "UTC")
    assert failed.all() and words in times.advice(text)
