"""Mirrors cash/judging/feast_moves.py."""

from typing import Any

import numpy as np
import pandas as pd

from tests.cash import made_plans
from workbench.cash.judging.feast_moves import feasts_elsewhere

PLAN = made_plans.plan(np.zeros((6, 3)))  # from Thursday 26 September 2024 to 3 October


def moved(days: int, *feasts: tuple[str, str, str, str]) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    """Spans after the move, and what is told of it, days as text."""
    table = pd.DataFrame(feasts, columns=["name", "start", "end", "status"])
    table = table.assign(start=pd.to_datetime(table["start"]), end=pd.to_datetime(table["end"]))
    others, told = feasts_elsewhere(table, PLAN, days)
    spans = others[["start", "end"]].map(lambda day: str(day.date())).itertuples(index=False, name=None)
    return list(spans), [(name, str(a.date()), str(b.date())) for name, a, b in told.itertuples(index=False, name=None)]


def test_a_fast_whose_end_is_announced_moves_at_its_beginning_only() -> None:
    ramadan, fitr = (
        ("ramadan", "2024-09-27", "2024-10-25", "estimated"),
        ("fitr", "2024-10-26", "2024-10-27", "official"),
    )
    assert moved(1, ramadan, fitr) == (
        [("2024-09-28", "2024-10-25"), ("2024-10-26", "2024-10-27")],
        [("ramadan", "2024-09-27", "2024-09-28")],
    )


def test_what_has_begun_stays_begun_and_nothing_moves_into_the_past() -> None:
    running = ("ramadan", "2024-09-01", "2024-09-30", "estimated")
    assert moved(1, running) == ([("2024-09-01", "2024-10-01")], [("ramadan", "2024-09-30", "2024-10-01")])
    tomorrow = ("adha", "2024-09-26", "2024-09-27", "estimated")
    assert moved(-1, tomorrow)[0] == [("2024-09-26", "2024-09-26")]
    assert moved(1, tomorrow)[1] == [("adha", "2024-09-26", "2024-09-27")]


def test_only_estimates_that_touch_the_weeks_on_one_of_both_dates_move() -> None:
    day_after, later = (
        ("adha", "2024-10-04", "2024-10-05", "estimated"),
        ("mawlid", "2024-10-06", "2024-10-06", "estimated"),
    )
    sure = ("fitr", "2024-09-30", "2024-10-01", "official")
    assert moved(-1, sure, day_after, later)[1] == [("adha", "2024-10-04", "2024-10-03")]
    assert moved(-1, sure, later)[1] == []
