"""The truth of the made-up office and of the faults planted in it, for tests to compare with. Nothing else reads it.

Amounts are centimes; accounts are named by their RIB.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.demo.accounts import Account
from workbench.demo.billing import TAKEN_OVER, VAT_CHANGE
from workbench.demo.customers import MEAN_LAG, PAID, Customers
from workbench.demo.faults import Faults
from workbench.demo.places import CUT_OVERS, Columns, agency_code, center_code, month_text
from workbench.demo.receipt_days import truth as receipt_days
from workbench.demo.receipts import Month
from workbench.schemas.columns import CHANNELS, SEGMENTS


class AnswerKey:
    """Totals of each month, the settings that made them, and what was planted."""

    def __init__(self, office: Customers, accounts: Sequence[Account], faults: Faults) -> None:
        self.office, self.accounts, self.faults = office, accounts, faults
        self.months: dict[str, dict[str, Any]] = {}
        self.statements: dict[str, Any] = {}
        self.provisions: dict[str, Any] = {}  # what is set aside and done about bills that stay unpaid
        self.treasury: dict[str, Any] = {}  # what the registers of the treasury hold of the months to come

    def add(self, month: Month, payments: Columns, lines: Columns) -> None:
        """The totals of a month: bills, receipts by channel, credits, write-offs, lines of the banks by currency."""
        channel = np.zeros(len(CHANNELS), np.int64)
        if payments:
            np.add.at(channel, payments["channel"], payments["amount"])
        currency = np.array([account.currency for account in self.accounts])[lines["account"]]
        self.months[month_text(month.index)] = {
            "invoices": len(month.invoices["number"]),
            "billed_ht": _sum(month.invoices, "ht"),
            "billed_ttc": _sum(month.invoices, "ttc"),
            "receipts": {name: int(amount) for name, amount in zip(CHANNELS, channel, strict=True)},
            "credited_ttc": _sum(month.credits, "ttc"),
            "written_off": _sum(month.write_offs, "ttc"),
            "bank_lines": len(lines["amount"]),
            "bank_movements": {
                name: int(lines["amount"][currency == name].sum()) for name in np.unique(currency).tolist()
            },
        }

    def write(self, path: Path, closings: Sequence[int]) -> None:
        """Write the key; `closings` are the true balances of the accounts at the end."""
        rib = [account.rib for account in self.accounts]
        planted = {
            name: [row | {"account": rib[row["account"]]} if "account" in row else row for row in rows]
            for name, rows in self.faults.planted.items()
        }
        standing = self.faults.standing()
        standing["idle_account"]["account"] = rib[standing["idle_account"]["account"]]
        truth = {
            "synthetic": True,
            "seed": self.office.seed,
            "segments": {
                name: {"mean_lag_days": MEAN_LAG[place], "paid_share": PAID[place]}
                for place, name in enumerate(SEGMENTS)
            },
            "cut_overs": [
                {"agency": agency_code(cut.agency), "day": str(cut.day), "manager": center_code(cut.manager)}
                for cut in CUT_OVERS
            ],
            "vat_change": str(VAT_CHANGE),
            "taken_over_factor": TAKEN_OVER,
            "receipt_days": receipt_days(self.office.large_payer),
            "closings": dict(zip(rib, map(int, closings), strict=True)),
            "months": self.months,
            "treasury": self.treasury,
            "provisions": self.provisions,
            "faults": self.statements | standing | planted,
        }
        path.write_text(json.dumps(truth, indent=1, sort_keys=True), encoding="utf-8")


def _sum(rows: Columns, name: str) -> int:
    return int(rows[name].sum()) if rows else 0
