from datetime import date

import numpy as np
import pandas as pd

from workbench.cash.models.panel import Panel
from workbench.cash.plan.plan_history import open_days
from workbench.cash.plan.plan_receipts import with_receivables
from workbench.standards import load_bank_days

BANK = load_bank_days()
AS_OF = date(2024, 9, 30)
DAYS = open_days(BANK, date(2022, 9, 1), AS_OF)
FUTURE = open_days(BANK, date(2024, 10, 1), date(2025, 9, 30))
CLOSED = np.array([row.day for row in BANK.closed], dtype="datetime64[D]")
NOW = np.datetime64(AS_OF, "D")


def office(seed: int = 3) -> tuple[Panel, np.ndarray]:
    """Two lines of receipts; what was billed moves the first one (no calendar can know it) and says nothing of the second."""
    rng = np.random.default_rng(seed)
    every = np.concatenate([DAYS, FUTURE])
    billed = 100 + 80 * rng.standard_normal(len(every) // 10 + 1).repeat(10)[: len(every)]
    first = np.maximum(billed[: len(DAYS)] + rng.normal(0, 5, len(DAYS)), 0)
    second = np.maximum(100 + rng.normal(0, 5, len(DAYS)), 0)
    return Panel(DAYS, np.stack([first, second], axis=1), ("told", "noise"), np.array([1, 1], np.int8)), billed


def expected(billed: np.ndarray, origins: int = 18) -> pd.DataFrame:
    """At every origin the receivables know what was billed of the first line, and say of the second what is not so."""
    every = np.concatenate([DAYS, FUTURE])
    rng = np.random.default_rng(9)
    parts = []
    for origin in [NOW, *(DAYS[-1 - 21 * count] for count in range(1, origins + 1))]:
        inside = (every > origin) & (every <= origin + np.timedelta64(91, "D"))
        for line, amounts in (("told", billed[inside]), ("noise", rng.uniform(0, 300, inside.sum()))):
            days = every[inside].astype("datetime64[s]")
            parts.append(
                pd.DataFrame(
                    {
                        "origin_date": origin.astype("datetime64[s]"),
                        "flow_date": days,
                        "line_code": line,
                        "mean_mad": amounts,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def test_a_line_is_told_by_the_one_that_has_missed_less() -> None:
    panel, billed = office()
    found = with_receivables(panel, expected(billed), NOW, FUTURE, CLOSED)
    assert found.race["chosen_code"].tolist() == ["receivables", "calendar"]
    assert found.race["origin_count"].tolist() == [6, 6]
    assert (found.race["wape_receivables"] < found.race["wape_calendar"]).tolist() == [True, False]
    assert found.is_used.tolist() == [True, False]
    inside = found.days
    assert (
        np.abs(found.mean[inside, 0] - billed[len(DAYS) :][inside]).mean() < 20
    )  # the residual is learnt from what calendars cannot tell
    assert FUTURE[inside][-1] <= NOW + np.timedelta64(91, "D")  # beyond what the receivables tell, the calendar alone


def test_the_future_of_an_origin_tells_nothing_of_the_race() -> None:
    panel, billed = office()
    table = expected(billed)
    later = table.assign(mean_mad=table["mean_mad"].where(table["origin_date"] < pd.Timestamp(AS_OF), 7.0))
    before, after = (with_receivables(panel, each, NOW, FUTURE, CLOSED).race for each in (table, later))
    pd.testing.assert_frame_equal(before, after)


def test_without_a_past_or_without_a_table_the_calendar_alone_says() -> None:
    panel, billed = office()
    none = with_receivables(panel, None, NOW, FUTURE, CLOSED)
    assert not none.is_used.any()
    only_now = expected(billed).query("origin_date == '2024-09-30'")
    assert not with_receivables(panel, only_now, NOW, FUTURE, CLOSED).is_used.any()
    few = with_receivables(panel, expected(billed, origins=4), NOW, FUTURE, CLOSED)
    assert (few.race["origin_count"] == 0).all()
    assert not few.is_used.any()
    only_past = expected(billed).query("origin_date < '2024-09-30'")
    assert not with_receivables(panel, only_past, NOW, FUTURE, CLOSED).is_used.any()
