"""Mirrors pipeline/bank_ledger.py: what a booking writes is read back as the days that it booked."""

from collections import Counter
from pathlib import Path

from tests.intake.test_booking import line, statement
from workbench import store
from workbench.intake.booking import Rules, book
from workbench.pipeline import bank_ledger


def _bring(office: Path, *statements: object, **rules: str) -> None:
    with store.writer(office) as writer:
        ledger = bank_ledger.booked_days(writer, statements)  # type: ignore[arg-type]
        booking = book(statements, ledger, Rules(**rules))  # type: ignore[arg-type]
        bank_ledger.write(writer, booking, ledger, "test", None)


def test_days_read_back_are_the_days_booked_and_a_superseded_one_is_not(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    one = statement(1000, 0, 1, line(0, 500), line(0, 500), line(1, -200, "frais"))
    other = statement(1000, 0, 1, line(0, 900), line(1, -100))
    _bring(tmp_path, one)
    _bring(tmp_path, other, replace="avis rectificatif")
    with store.writer(tmp_path) as writer:
        days = bank_ledger.booked_days(writer, [one]).days["A-00", "MAD"]
        writer.abandon()
    assert [(day.opening, day.closing, day.version) for _, day in sorted(days.items())] == [
        (1000, 1900, 2),
        (1900, 1800, 2),
    ]
    assert sum((day.canonical for day in days.values()), Counter()) == Counter(each.canonical for each in other.lines)


def test_a_line_without_a_value_date_is_read_back_as_the_line_that_was_read(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    one = statement(0, 0, 0, line(0, 500)._replace(value_date=None))
    _bring(tmp_path, one)
    with store.writer(tmp_path) as writer:
        (day,) = bank_ledger.booked_days(writer, [one]).days["A-00", "MAD"].values()
        writer.abandon()
    assert day.canonical == Counter(each.canonical for each in one.lines)
