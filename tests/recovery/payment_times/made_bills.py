"""Synthetic bills: customers with habits of their own, some of whom turn to electronic bills; a dispute that only hindsight knows."""

import numpy as np
import pandas as pd


def made_bills(count: int = 600, customers: int = 25, days: int = 500, seed: int = 0) -> pd.DataFrame:
    """Bills of `days` days from 2022-01-03, each settled; a disputed one takes 15 days more."""
    rng = np.random.default_rng(seed)
    habit = rng.normal(26, 8, customers)
    customer = rng.integers(0, customers, count)
    issued = np.sort(rng.integers(0, days, count))
    electronic = issued > rng.integers(100, 900, customers)[customer]
    disputed = rng.random(count) < 0.2
    lag = habit[customer] - 5 * electronic + 15 * disputed + rng.normal(0, 5, count)
    first = np.datetime64("2022-01-03")
    issue_date = (first + issued).astype("datetime64[s]")
    return pd.DataFrame(
        {
            "customer_code": [f"C{each:02d}" for each in customer],
            "issue_date": issue_date,
            "settled_date": issue_date + np.clip(np.rint(lag), 0, 70).astype("timedelta64[D]"),
            "amount_centimes": rng.integers(2_000, 12_000, count),
            "is_electronic": electronic,
            "was_disputed": disputed,
        }
    )
