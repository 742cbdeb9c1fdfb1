"""Mirrors standards/movable_feasts.py."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import SchemaError
from workbench.standards import load_bank_days, load_movable_feasts

FEASTS = load_movable_feasts()
HEADER = "name,start,end,status,source\n"


def test_each_year_has_its_feasts_and_its_month() -> None:
    for name, least in (("ramadan", 17), ("fitr", 17), ("adha", 17), ("mawlid", 17)):
        assert sum(feast.name == name for feast in FEASTS) >= least
    months = [feast for feast in FEASTS if feast.name == "ramadan"]
    assert {(feast.end - feast.start).days + 1 for feast in months} <= {29, 30}


def test_feasts_agree_with_the_closed_days_of_banks() -> None:
    banks = load_bank_days()
    closed = {row.day: row for row in banks.closed}
    for feast in FEASTS:
        if feast.name == "ramadan" or feast.start > banks.last_day:
            continue
        assert "Aïd" in closed[feast.start].name
        if feast.status == "official":
            assert closed[feast.start].status == "official"


def test_announced_feasts_are_official_and_the_fast_ends_on_the_eve() -> None:
    found = {(feast.name, feast.start.year): feast for feast in FEASTS}
    assert found["fitr", 2025].start == date(2025, 3, 31)
    assert found["fitr", 2025].status == found["adha", 2024].status == "official"
    assert found["ramadan", 2025].end == date(2025, 3, 30)
    assert {feast.status for feast in FEASTS if feast.start > date(2026, 6, 1)} == {"estimated"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("fitr,2025-03-32,2025-04-01,official,x\n", "a day of the feast is no date"),
        ("noel,2025-12-25,2025-12-25,official,x\n", "name, days, status or source of a feast does not hold"),
        ("fitr,2025-04-01,2025-03-31,official,x\n", "name, days, status or source of a feast does not hold"),
        (
            "fitr,2025-03-31,2025-04-01,official,x\nfitr,2025-04-01,2025-04-02,official,x\n",
            "movable_feasts.csv:3: fitr begins before the last one has ended",
        ),
    ],
)
def test_a_row_that_does_not_hold_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "movable_feasts.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        load_movable_feasts(path)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "movable_feasts.csv"
    path.write_text("name,day\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="columns are"):
        load_movable_feasts(path)
