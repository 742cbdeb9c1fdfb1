"""Mirrors intake/formats/cells.py."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import AmountError, AmountNotExact
from workbench.intake.formats.cells import SERIAL, Marks, amounts, converted, day_in, serial_day
from workbench.money import SPACES, read_centimes

FRENCH = Marks(",", SPACES, ("%d/%m/%Y",))
DOTTED = Marks(",", ".", ("%d.%m.%Y", "%d.%m.%y"))


def texts(*values: str | None) -> pa.Array:
    return pa.array(values, pa.string())


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.one_of(st.none(), st.text("0123456789., \u00a0\u202f+-x", max_size=12)), max_size=5),
    st.sampled_from([FRENCH, DOTTED, Marks(".", ",", ("%d",)), Marks(".", "", ("%d",))]),
)
def test_a_column_reads_as_its_texts_one_by_one(written: list[str | None], marks: Marks) -> None:
    made, faults = amounts(texts(*written), marks)
    expected: list[int | None] = []
    codes = {}
    for row, text in enumerate(written):
        try:
            expected.append(None if text is None else read_centimes(text, marks.decimal, marks.thousands))
        except AmountError as error:
            expected.append(None)
            codes[row] = "amount_not_exact" if isinstance(error, AmountNotExact) else "amount_unreadable"
    assert made.to_pylist() == expected
    assert {fault.row: fault.code for fault in faults} == codes


def test_dates_in_the_formats_declared_and_iso_with_a_time() -> None:
    made, faults = converted(
        texts("31.12.2024", "31.12.24", "2024-12-31T23:59:00", None, "31/12/2024", "31.02.2024"), "due_date", DOTTED
    )
    assert made.to_pylist() == [date(2024, 12, 31)] * 3 + [None] * 3
    assert [(f.row, f.code, f.value) for f in faults] == [
        (4, "date_unreadable", "31/12/2024"),
        (5, "date_unreadable", "31.02.2024"),
    ]


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (1, date(1900, 1, 1)),
        (59, date(1900, 2, 28)),
        (61, date(1900, 3, 1)),
        (45322, date(2024, 1, 31)),
        (2958465, date(9999, 12, 31)),
    ],
)
def test_serial_days(serial: int, day: date) -> None:
    assert serial_day(serial) == day
    assert converted(texts(str(serial)), "valid_to_date", Marks(",", "", (SERIAL,)))[0].to_pylist() == [day]


def test_days_that_no_serial_has() -> None:
    made, faults = converted(texts("60", "0", "2958466", "-5", "3.5"), "due_date", Marks(",", "", (SERIAL,)))
    assert (made.null_count, len(faults)) == (5, 5)


def test_numbers_truths_and_instants() -> None:
    assert converted(texts("12,5", "-3", "1e5"), "target_value", FRENCH)[0].to_pylist() == [12.5, -3.0, None]
    assert [f.code for f in converted(texts("12,5", "9" * 19), "fiscal_year", FRENCH)[1]] == ["number_unreadable"] * 2
    made, faults = converted(texts("Oui", "0", "peut-être"), "is_interim", FRENCH)
    assert (made.to_pylist(), [f.code for f in faults]) == ([True, False, None], ["truth_unreadable"])
    made, _ = converted(texts("2024-01-31T10:00:00+01:00", "2024-01-31 10:00", "31/01/2024"), "entered_at", FRENCH)
    assert made.to_pylist() == [datetime(2024, 1, 31, hour, tzinfo=UTC) for hour in (9, 10, 0)]


def test_the_first_date_of_a_sentence() -> None:
    assert (
        day_in("Postes ouverts à la date clé : 31.01.2024, société 1000", DOTTED.date_formats) == "2024-01-31T00:00:00"
    )
    assert day_in("Tous les postes", DOTTED.date_formats) is None
    assert day_in(None, DOTTED.date_formats) is None


def test_a_day_that_nobody_means_is_a_fault_and_no_end_is_one_of_a_register_alone() -> None:
    days = Marks(",", "", ("%d/%m/%Y",))
    read, faults = converted(texts("01/02/0023", "31/12/9999", "01/02/2023"), "booking_date", days)
    assert (read.to_pylist(), [fault.row for fault in faults]) == ([None, None, date(2023, 2, 1)], [0, 1])
    assert converted(texts("31/12/9999"), "valid_to_date", days)[1] == []


def test_a_rib_kept_as_a_number_is_no_name_of_an_account() -> None:
    rib = "011780000002110000000481"
    written = texts("1,1780000002110E+22", rib.lstrip("0"), rib, "00101-00780-21100000016", "12345678901234567890123")
    written = pa.concat_arrays(
        [written, texts("310810101402900000000000", "011519000001205000534921", "310810101402900442000000")]
    )
    faults = converted(written, "account_identifier", FRENCH)[1]
    assert [(fault.row, fault.code) for fault in faults] == [
        (0, "rib_kept_as_number"),
        (1, "rib_kept_as_number"),
        (5, "rib_kept_as_number"),
    ]


def test_an_instant_keeps_its_hour_in_any_format_and_numbers_their_groups() -> None:
    marks = Marks(",", SPACES, ("%d/%m/%Y", "%d/%m/%Y %H:%M"))
    made, faults = converted(texts("05/01/2024 10:30", "05/01/2024", "2024-01-05T08:00+01:00"), "entered_at", marks)
    assert (made.to_pylist(), faults) == (
        [datetime(2024, 1, 5, 10, 30, tzinfo=UTC), datetime(2024, 1, 5, tzinfo=UTC), datetime(2024, 1, 5, 7, tzinfo=UTC)], [],
    )  # fmt: skip
    assert converted(texts("1 000 000,5", "0,9", "10 00"), "target_value", marks)[0].to_pylist() == [
        1000000.5,
        0.9,
        None,
    ]
    assert converted(texts("1 000", "12"), "statement_lag_days", marks)[0].to_pylist() == [1000, 12]
