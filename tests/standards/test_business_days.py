"""Mirrors standards/business_days.py."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import OutsideSpan, SchemaError
from workbench.standards import BankDays, load_bank_days

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "bank_days.toml").read_text(encoding="utf-8"))
DAYS = load_bank_days()
HEADER = "date,name,status,source\n"


def test_official_feasts_and_bridges_are_closed_and_not_called_estimates() -> None:
    status = {row.day: row.status for row in DAYS.closed}
    assert {status[day] for day in CASES["official"]} == {"official"}
    assert {status[day] for day in CASES["bridges"]} == {"bridge"}
    assert not any(DAYS.is_open(day) for day in CASES["official"] + CASES["bridges"])


@pytest.mark.parametrize(("start", "count", "notion", "end"), CASES["additions"])
def test_days_are_added_as_counted_by_hand(start: date, count: int, notion: str, end: date) -> None:
    assert DAYS.add(start, count, notion) == end  # type: ignore[arg-type]


def test_feasts_that_began_late_do_not_close_earlier_years() -> None:
    assert DAYS.is_open(date(2022, 1, 14))
    assert not DAYS.is_open(date(2025, 1, 14))
    assert DAYS.is_open(date(2025, 10, 31))
    assert not DAYS.is_open(date(2026, 10, 31), "ouvrable")


def test_month_ends() -> None:
    assert DAYS.month_end(date(2024, 6, 5)) == date(2024, 6, 28)
    assert DAYS.month_end(date(2024, 6, 5), "ouvrable") == date(2024, 6, 29)
    assert DAYS.month_end(date(2024, 6, 5), "calendar") == date(2024, 6, 30)


def test_an_estimated_feast_near_the_span_is_named() -> None:
    near = DAYS.estimated_between(date(2024, 9, 12), date(2024, 9, 15))
    assert [row.day for row in near] == [date(2024, 9, 16)]
    assert DAYS.estimated_between(date(2024, 12, 2), date(2024, 12, 20)) == []


@given(
    st.dates(date(2019, 1, 1), date(2029, 12, 31)),
    st.integers(1, 60),
    st.sampled_from(["ouvre", "ouvrable", "calendar"]),
)
def test_adding_then_counting_gives_the_days_added(start: date, count: int, notion: str) -> None:
    end = DAYS.add(start, count, notion)  # type: ignore[arg-type]
    assert DAYS.is_open(end, notion)  # type: ignore[arg-type]
    assert DAYS.count_between(start, end, notion) == count  # type: ignore[arg-type]
    assert DAYS.count_between(end, start, notion) == -count  # type: ignore[arg-type]


@given(st.dates(date(2019, 1, 1), date(2029, 6, 30)), st.integers(0, 90))
def test_ordinals_subtract_to_the_count(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    table = DAYS.ordinals(start, end)
    assert len(table) == length + 1
    ordinals = table["ouvre_ordinal"]
    assert ordinals.iloc[-1] - ordinals.iloc[0] == DAYS.count_between(start, end)
    assert table["is_ouvre"].sum() - int(table["is_ouvre"].iloc[0]) == DAYS.count_between(start, end)


def test_outside_the_table_the_answer_is_refused() -> None:
    with pytest.raises(OutsideSpan, match=r"1999-01-04 is not covered.*2010-01-01 to 2030-12-31"):
        DAYS.is_open(date(1999, 1, 4))
    with pytest.raises(OutsideSpan, match="leave the calendar"):
        DAYS.add(date(2030, 12, 31), 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "2024-13-01,x,official,s\n", r"bank_days.csv:2: .* is no date"),
        (HEADER + "2024-01-01,x,sure,s\n", r"bank_days.csv:2: name, status or source"),
        (HEADER + "2024-01-01,x,official,s\n2024-01-01,y,official,s\n", r"bank_days.csv:3: 2024-01-01 is given twice"),
        (HEADER, "holds no closed day"),
        ("day,name\n", r"bank_days.csv:1: columns are"),
    ],
)
def test_a_table_that_does_not_hold_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bank_days.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        load_bank_days(path)


def test_a_feast_on_another_day_closes_that_day_and_opens_its_own() -> None:
    first, second = date(2026, 8, 26), date(2026, 8, 27)
    later = DAYS.moved({first: second, second: date(2026, 8, 28), date(2026, 8, 25): date(2026, 8, 24)})
    assert [later.is_open(date(2026, 8, day)) for day in (24, 25, 26, 27, 28)] == [True, True, True, False, False]
    assert (later.first_day, later.last_day, len(later.closed)) == (DAYS.first_day, DAYS.last_day, len(DAYS.closed))
    assert DAYS.moved({}) == DAYS


def test_a_table_that_ends_inside_a_year_covers_no_more_than_it_tells() -> None:
    for last, covered in ((date(2024, 1, 14), date(2024, 1, 14)), (date(2024, 11, 18), date(2024, 12, 31))):
        cut = BankDays(tuple(row for row in DAYS.closed if row.day <= last))
        assert cut.last_day == covered
        assert cut.count_between(covered, covered) == 0
    cut = BankDays(tuple(row for row in DAYS.closed if row.day <= date(2024, 1, 14)))
    with pytest.raises(OutsideSpan, match=r"2024-02-01 is not covered.*add the closed days"):
        cut.is_open(date(2024, 2, 1))


def test_a_table_that_ends_inside_a_year_asks_for_that_year_too() -> None:
    days = load_bank_days()
    inside = BankDays(tuple(row for row in days.closed if row.day <= date(2024, 7, 30)))
    with pytest.raises(OutsideSpan, match="add the closed days of 2024, or"):
        inside.reach(date(2024, 10, 1))
    with pytest.raises(OutsideSpan, match="add the closed days of 2024, 2025, or"):
        inside.reach(date(2025, 1, 10))
    year = days.last_day.year
    assert days.last_day == date(year, 12, 31)
    with pytest.raises(OutsideSpan, match=f"add the closed days of {year + 1}, or"):
        days.reach(date(year + 1, 1, 10))
