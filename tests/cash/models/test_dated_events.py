"""Mirrors cash/models/dated_events.py: an event mends the history of who could know it, and says so."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cash.panels import as_date, panel, weekly
from workbench.cash.models.dated_events import DatedEvent, Kind, load_events, mended
from workbench.cash.models.panel import Panel
from workbench.errors import SchemaError

CASE = tomllib.loads((Path(__file__).parent.parent / "cases" / "forecast_selection.toml").read_text())["level"]
HEADER = "line_code,account_number,kind,start_date,end_date,status,label_fr,label_en,source\n"


def event(kind: Kind, start: date, end: date | None = None, line: str = "line", account: str = "") -> DatedEvent:
    return DatedEvent(line, account, kind, start, end, "illustrative", "", "", "test")


def at(history: Panel, row: int) -> date:
    return as_date(history.days[row])


def test_a_level_is_brought_to_what_it_is_since_the_break() -> None:
    history = panel([*CASE["before"], *CASE["after"]])
    fit, (note,) = mended(history, [event("tariff", at(history, 4))], year=CASE["year"])
    assert fit.values[:, 0].tolist() == [*CASE["brought"], *CASE["after"]]
    assert (note.code, note.amount) == ("level_brought", CASE["factor"])


def test_a_planted_break_is_found_again() -> None:
    planted = 0.4
    values = weekly(500)
    values[380:] *= planted
    history = panel(values)
    fit, (note,) = mended(history, [event("break", at(history, 380))])
    assert note.amount == pytest.approx(planted, rel=0.03)
    assert fit.values[:380].mean() == pytest.approx(values[380:].mean(), rel=0.02)


def test_a_year_after_a_break_the_history_before_it_is_left_out() -> None:
    history = panel(weekly(400))
    fit, (note,) = mended(history, [event("break", at(history, 150))])
    assert np.isnan(fit.values[:150]).all()
    assert not np.isnan(fit.values[150:]).any()
    assert note.code == "before_break_left_out"
    kept, (note,) = mended(history, [event("tariff", at(history, 150))])
    assert not np.isnan(kept.values).any()
    assert note.code == "level_brought"


def test_too_recent_or_to_come_changes_nothing_and_is_told() -> None:
    history = panel(weekly(400))
    for start, code in ((at(history, 390), "too_recent"), (at(history, 399) + timedelta(days=30), "to_come")):
        fit, (note,) = mended(history, [event("break", start)])
        assert np.array_equal(fit.values, history.values)
        assert note.code == code


def test_days_of_an_outlier_and_of_a_suspension_are_left_out() -> None:
    history = panel(weekly(400))
    kinds: list[Kind] = ["outlier", "suspension"]
    for kind in kinds:
        fit, (note,) = mended(history, [event(kind, at(history, 100), at(history, 104))])
        assert np.flatnonzero(np.isnan(fit.values[:, 0])).tolist() == [100, 101, 102, 103, 104]
        assert note.code == f"{kind}_left_out"


def test_a_suspension_that_still_holds_is_a_level() -> None:
    values = weekly(400)
    values[300:] *= 0.5
    history = panel(values)
    _, (note,) = mended(history, [event("suspension", at(history, 300))])
    assert note.code == "level_brought"
    assert note.amount == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize(
    ("line", "account", "name", "is_concerned"),
    [
        ("works", "", "works", True),
        ("works", "", "0115|works", True),
        ("works", "0115", "0115|works", True),
        ("works", "0115", "0116|works", False),
        ("works", "0115", "works", False),
        ("all", "", "taxes", True),
        ("works", "", "taxes", False),
    ],
)
def test_whom_an_event_concerns(line: str, account: str, name: str, is_concerned: bool) -> None:
    assert event("break", date(2021, 1, 4), line=line, account=account).concerns(name) is is_concerned


@given(st.integers(1, 399), st.sampled_from(["break", "tariff", "suspension", "outlier"]))
def test_no_event_changes_what_came_since_nor_a_series_that_it_does_not_concern(row: int, kind: Kind) -> None:
    values = np.column_stack([weekly(400, 1), weekly(400, 2)])
    history = panel(values)
    fit, _ = mended(history, [event(kind, at(history, row), line="line0")])
    assert np.array_equal(fit.values[:, 1], values[:, 1])
    assert np.array_equal(fit.values[row + 1 :, 0], values[row + 1 :, 0])
    assert np.array_equal(history.values, values)


def test_the_table_of_the_house_says_that_its_rows_are_illustrative() -> None:
    events = load_events()
    assert {one.kind for one in events} == {"break", "tariff", "suspension", "outlier"}
    assert all(one.status == "official" or one.source.startswith("Illustratif") for one in events)
    assert {one.start for one in events if one.kind == "break"} == {date(2024, 10, 1), date(2024, 11, 1)}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("works,,break,2024-13-01,,official,a,b,c", ":2: « 2024-13-01 » is no date"),
        ("works,,collapse,2024-01-01,,official,a,b,c", "« collapse » is no kind of event"),
        ("works,,outlier,2024-02-01,2024-01-01,official,a,b,c", "ends on 2024-01-01, before it starts"),
        ("works,,break,2024-01-01,,perhaps,a,b,c", "line, status or source"),
        (",,break,2024-01-01,,official,a,b,c", "line, status or source"),
    ],
)
def test_a_row_that_does_not_hold_is_refused_by_its_line(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "events.csv"
    path.write_text(HEADER + row + "\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        load_events(path)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("line_code,kind\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="columns are"):
        load_events(path)


def test_an_event_of_another_series_is_not_told() -> None:
    history = panel(weekly(100))
    assert mended(replace(history, names=("taxes",)), [event("break", at(history, 50))])[1] == []
