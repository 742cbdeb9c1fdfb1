"""Mirrors intake/formats/fixed_width.py: records cut as a person would cut them, texts as Python would slice them."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.intake.formats.fixed_width import Records, cut


def rows(records: Records) -> list[tuple[int, str]]:
    return [(int(line), records.text(row)) for row, line in enumerate(records.lines)]


def test_lines_are_cut_filled_up_and_blank_ones_left_out() -> None:
    assert rows(cut("ABCDE\n\n  \nFGH\r\nIJKLMNO\r", 5)) == [
        (1, "ABCDE"),
        (4, "FGH  "),
        (5, "IJKLM"),
        (5, "NO   "),
    ]
    assert rows(cut("", 5)) == []


def test_records_as_wide_as_their_lines_are_a_view_and_no_copy() -> None:
    assert cut("ABCDE\nFGHIJ\nKLMNO\n", 5).codes.base is not None
    assert cut("ABCDEFGHIJ", 5).codes.strides[0] == 5


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), min_size=1, max_size=9)))
def test_texts_are_the_trimmed_slices_whatever_the_characters(lines: list[str]) -> None:
    records = cut("\n".join(lines), 9)
    every = np.arange(len(records.lines))
    wanted = [text[2:7].strip() or None for _, text in rows(records)]
    assert records.texts(every, 2, 7).to_pylist() == wanted
    assert records.texts(every[::-1], 2, 7).to_pylist() == wanted[::-1]


@pytest.mark.parametrize(
    ("text", "value"),
    [("00042", 42), ("   42", 42), ("     ", None), ("4 2  ", None), (" 4 2 ", None), ("+0042", None), ("4é042", None)],
)
def test_numbers_are_digits_after_blanks_and_nothing_else(text: str, value: int | None) -> None:
    numbers, good = cut(text.ljust(6, "x"), 6).number(np.array([0]), 0, 5) if text.strip() else ([0], [False])
    assert (int(numbers[0]) if good[0] else None) == value


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.integers(0, 99), st.integers(0, 99))
def test_days_of_the_calendar_are_dates_and_no_other_is(day: date, wrong_day: int, wrong_month: int) -> None:
    records = cut(f"{day:%d%m%y}\n{wrong_day:02d}{wrong_month:02d}{day:%y}\n", 6)
    days, good = records.dates(np.array([0, 1]), 0)
    assert days[0].item() == day
    assert good[0]
    try:
        wanted = date(day.year, wrong_month, wrong_day)
    except ValueError:
        assert not good[1]
    else:
        assert days[1].item() == wanted
        assert good[1]
    assert date(1970, 1, 1) + timedelta(days=int(days[0].astype(int))) == day
