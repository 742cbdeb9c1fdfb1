"""A log of plans as a person writes it: amounts by bank day ahead, for one plan and line."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.standards import BankDays, ClosedDay

CALENDAR = BankDays(
    (ClosedDay(date(2025, 1, 1), "a", "official", "x"), ClosedDay(date(2026, 1, 1), "b", "official", "x"))
)


def day_rows(origin: date, plan: Sequence[int], line_code: str = "suppliers", **columns: Sequence[Any]) -> pd.DataFrame:
    """Rows of the `forecasts` log for the bank days after an origin; the plan is all estimated, its bands are the plan unless given."""
    days = [CALENDAR.add(origin, ahead) for ahead in range(1, len(plan) + 1)]
    frame = pd.DataFrame({"target_date": pd.to_datetime(days), "horizon_days": range(1, len(plan) + 1)})
    frame = frame.assign(
        plan_id=f"plan-{origin.isoformat()}",
        origin_date=pd.Timestamp(origin),
        made_at=pd.Timestamp(origin, tz="UTC"),
        is_made_again=False,
        line_code=line_code,
        currency_code="MAD",
        period_code="day",
        known_centimes=0,
        override_centimes=0,
        plan_centimes=list(plan),
        naive_mad=float("nan"),
        **{name: [amount / 100 for amount in plan] for name in QUANTILES},
    )
    for name, values in columns.items():
        frame[name] = list(values)
    frame["estimated_centimes"] = frame["plan_centimes"] - frame["override_centimes"] - frame["known_centimes"]
    centimes = [name for name in frame if name.endswith(("_centimes", "_days"))]
    return frame.astype(dict.fromkeys(centimes, "Int64"))


QUANTILES = ("mean_mad", "median_mad", "q025_mad", "q10_mad", "q90_mad", "q975_mad")


def came(days: Sequence[date], amounts: Sequence[int], line_code: str = "suppliers") -> pd.DataFrame:
    """What came in value: `line_code`, `currency_code`, `flow_date`, `amount_centimes`."""
    frame = pd.DataFrame({"line_code": line_code, "currency_code": "MAD", "flow_date": pd.to_datetime(list(days))})
    return frame.assign(amount_centimes=pd.array(list(amounts), dtype="Int64"))


def bank_days(origin: date, count: int) -> list[date]:
    """The `count` bank days after an origin."""
    return [CALENDAR.add(origin, ahead) for ahead in range(1, count + 1)]
