"""A synthetic office with known hazards: weekly chances of payment by age, three amounts, slow centres, customers who never pay."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

FIRST = np.datetime64("2022-01-03")
BASE = np.array(
    [0.05, 0.15, 0.30, 0.25, 0.20, 0.15, 0.10, 0.08, 0.08, 0.06, 0.06, 0.06, 0.06]
)  # from week 12 on the last one
NEVER, CREDITED = 0.06, 0.002
AMOUNT = np.array([0.2, 0.0, -0.4])


@dataclass(frozen=True)
class Planted:
    """Tables of the store, and what was planted: `center_effect` by centre, on the scale of cloglog."""

    invoices: pd.DataFrame
    allocations: pd.DataFrame
    credit_notes: pd.DataFrame
    center_effect: pd.Series


def planted(count: int = 30_000, weeks: int = 60, centers: int = 12, seed: int = 0) -> Planted:
    """Bills of `weeks` weeks; everything that will happen to them is in the tables, whatever the date it happens on."""
    rng = np.random.default_rng(seed)
    effect = np.round(rng.normal(0, 0.25, centers), 3)
    week, center = rng.integers(0, weeks, count), rng.integers(0, centers, count)
    amount = rng.choice([10_000, 50_000, 200_000], count)
    scale = np.exp(AMOUNT[np.searchsorted([20_000, 100_000], amount, side="right")] + effect[center])
    rates = np.concatenate([BASE, np.full(200, BASE[-1])])
    reached = np.cumsum(-np.log1p(-rates))
    need = rng.exponential(size=count) / scale
    age = np.searchsorted(reached, need)
    lost = rng.geometric(CREDITED, count) - 1
    is_never = rng.random(count) < NEVER
    is_paid = ~is_never & (age <= lost)
    issued = FIRST + 7 * week + rng.integers(0, 5, count)
    paid_on = np.where(age == 0, FIRST + 7 * week + 4, FIRST + 7 * (week + age) + rng.integers(0, 5, count))
    names = np.array([f"F{number:06d}" for number in range(count)])
    invoices = pd.DataFrame({
        "invoice_id": names, "customer_code": [f"C{one:05d}" for one in rng.integers(0, count // 8, count)],
        "center_code": [f"K{one:02d}" for one in center], "segment_code": "household", "service_code": "water",
        "issue_date": issued.astype("datetime64[s]"), "due_date": (issued + 30).astype("datetime64[s]"),
        "amount_ttc_centimes": amount, "amount_ht_centimes": amount, "currency_code": "MAD",
        "source_invoice_id": pd.Series([None] * count, dtype="str"), "cancelled_date": pd.Series([pd.NaT] * count, dtype="datetime64[s]"),
    })  # fmt: skip
    paid = np.flatnonzero(is_paid)
    allocations = pd.DataFrame({
        "allocation_id": [f"A{one}" for one in paid], "payment_id": [f"P{one}" for one in paid], "invoice_id": names[paid],
        "allocation_date": paid_on[paid].astype("datetime64[s]"), "amount_centimes": amount[paid], "currency_code": "MAD",
    })  # fmt: skip
    gone = np.flatnonzero(~is_paid & (lost < 300))
    credit_notes = pd.DataFrame({
        "credit_note_id": [f"N{one}" for one in gone], "invoice_id": names[gone], "customer_code": "C", "credit_kind_code": "credit",
        "credit_date": (FIRST + 7 * (week + lost) + 6)[gone].astype("datetime64[s]"), "amount_ttc_centimes": amount[gone],
        "amount_ht_centimes": amount[gone], "currency_code": "MAD",
    })  # fmt: skip
    return Planted(
        invoices, allocations, credit_notes, pd.Series(effect, index=[f"K{one:02d}" for one in range(centers)])
    )
