"""Small made-up cash plans whose every amount a test can count: all figures are invented."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.plan.plan import CashPlan

AS_OF = date(2024, 9, 25)  # a Wednesday
ACCOUNTS = {
    "A1": ("Recettes 1", "011", "DR1"),
    "A2": ("Recettes 2", "022", "DR2"),
    "C": ("Central", "011", "head_office"),
}
SERIES = (("A1", "receipts_counters"), ("A2", "receipts_counters"), ("C", "payroll"))


def described(series: Any, accounts: Any = None) -> pd.DataFrame:
    """The table of series of accounts and lines; `accounts`: label, bank and directorate by number."""
    rows = [(number, *(accounts or ACCOUNTS)[number], line, "calendar_ridge", "won") for number, line in series]
    names = "account_number account_label bank_code directorate_code line_code model_name reason_code"
    return pd.DataFrame(rows, columns=names.split())


def opening(**balances: int | None) -> pd.DataFrame:
    """Opening balances in centimes; None: not known."""
    states = ["missing" if balance is None else "proven" for balance in balances.values()]
    return pd.DataFrame(
        {
            "account_number": list(balances),
            "value_centimes": pd.array(list(balances.values()), "Int64"),
            "state_code": states,
            "statement_date": pd.to_datetime([None if state == "missing" else "2024-09-30" for state in states]),
        }
    )


def plan(
    estimated: Any,
    known: Any = None,
    override: Any = None,
    series: Any = SERIES,
    balances: Any = None,
    spread: float = 0.0,
) -> CashPlan:
    """A plan of weekdays after `AS_OF` from centimes (H, n); four paths: the plan, −spread, +spread, +0 units a day and series."""
    mean = np.array(estimated, dtype=np.int64)
    tracks = [np.zeros_like(mean) if track is None else np.array(track, dtype=np.int64) for track in (known, override)]
    whole = (mean + tracks[0] + tracks[1]) / 100
    days = pd.bdate_range(pd.Timestamp(AS_OF) + pd.Timedelta(days=1), periods=len(mean))
    paths = np.stack([whole + sign * spread for sign in (-1, 0, 0, 1)]).astype(np.float32)
    balances = {"A1": 1000, "A2": 2000, "C": 50_000} if balances is None else balances
    return CashPlan(
        AS_OF, "MAD", days, days[min(len(days), 65) - 1].date(), described(series), tracks[0], mean, tracks[1], paths,
        whole * 0.9, opening(**balances), 10_000,
    )  # fmt: skip
