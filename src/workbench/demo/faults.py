"""The faults planted in the made-up office, each with its truth: what a control must find, and nothing else.

Places are fixed by the number of months, so that the same office always has the same faults; an office of a few months has those
that fit. What was planted is told in `planted`, which only the answer key writes out.
"""

from typing import Any

import numpy as np

from workbench.demo.accounts import COUNTERS, OPERATORS, receipts_index
from workbench.demo.bank_days import bank_day
from workbench.demo.bank_kinds import KINDS, K
from workbench.demo.billing import MOST_BILLS_A_MONTH, WATER, WORKS
from workbench.demo.places import Array, Columns, agency_code, month_start
from workbench.demo.receipts import ELECTRONIC

CANCELLED_A_MONTH = 2
CANCELLED_AFTER = 6  # days
UNDATED_EVERY = 3  # months
UNALLOCATED_EVERY = 400  # one receipt in so many names no bill
DUPLICATES_A_MONTH = 2
DUPLICATE_AFTER = 3  # days
VALUE_ERRORS_EVERY = 3  # months
VALUE_ERROR_DAYS = 3  # bank days more than agreed
OFF_BY = 1  # centime
LAPPED_DAYS = 12


class Faults:
    """What is planted in an office of so many months, and where."""

    def __init__(self, months: int) -> None:
        self.months = months
        self.unbalanced = (receipts_index(1, COUNTERS), months // 3)  # account, month
        self.missing = (receipts_index(5, COUNTERS), months // 2)
        self.duplicate_fee = (0, _quarter_end(months // 3))
        self.idle_account, self.idle_from = receipts_index(4, OPERATORS), months * 2 // 3
        self.lapped_agency = 7
        self.lapped = (month_start(months // 2), month_start(min(months // 2 + 3, months)))
        self.planted: dict[str, list[dict[str, Any]]] = {
            "unallocated_receipts": [],
            "duplicate_payments": [],
            "cancelled_bills": [],
            "undated_bills": [],
            "value_date_errors": [],
            "duplicate_fees": [],
        }

    # ── bills

    def in_invoices(self, bills: Columns, month: int) -> Columns:
        """The bills of a month with those planted: a few issued twice by mistake, the second cancelled days later (`cancelled`); now and
        then one for works that bears no due date."""
        last = month_start(month + 1) - np.timedelta64(1, "D")
        twice = np.flatnonzero(bills["service"] == WATER)[:: max(len(bills["number"]) // 5, 1)][:CANCELLED_A_MONTH]
        copies = {name: column[twice] for name, column in bills.items()}
        copies["number"] = (month + 1) * MOST_BILLS_A_MONTH + MOST_BILLS_A_MONTH // 2 + np.arange(len(twice))
        whole = {name: np.concatenate([bills[name], copies[name]]) for name in bills}
        never = np.full(len(bills["number"]), np.datetime64("NaT", "D"))
        whole["cancelled"] = np.concatenate([never, np.minimum(copies["issue"] + CANCELLED_AFTER, last)])
        undated = np.flatnonzero(bills["service"] == WORKS)[:1] if month % UNDATED_EVERY == 0 else twice[:0]
        whole["due"] = whole["due"].copy()
        whole["due"][undated] = np.datetime64("NaT", "D")
        for number, amount in zip(copies["number"], copies["ttc"], strict=True):
            self.planted["cancelled_bills"].append({"invoice_id": f"F{number:012d}", "amount_centimes": int(amount)})
        for number in bills["number"][undated]:
            self.planted["undated_bills"].append({"invoice_id": f"F{number:012d}"})
        return whole

    # ── receipts

    def in_receipts(self, payments: Columns, month: int) -> Columns:
        """The receipts of a month with those planted: some name no bill, some bills are paid a second time a few days later."""
        if not payments:
            return payments
        first_of_next = month_start(month + 1)
        again = np.flatnonzero(
            (payments["channel"] == ELECTRONIC) & (payments["day"] + DUPLICATE_AFTER < first_of_next)
        )[::37][:DUPLICATES_A_MONTH]
        copies = {name: column[again] for name, column in payments.items()}
        copies["day"] = copies["day"] + np.timedelta64(DUPLICATE_AFTER, "D")
        base = int(payments["number"][-1]) + 1
        copies["number"] = base + np.arange(len(again))
        whole = {name: np.concatenate([payments[name], copies[name]]) for name in payments}
        whole["is_named"] = whole["is_named"].copy()
        count = len(payments["number"])
        whole["is_named"][min(UNALLOCATED_EVERY, count) // 2 : count : UNALLOCATED_EVERY] = False
        self._tell_receipts(payments, copies, again, whole)
        return whole

    def _tell_receipts(self, payments: Columns, copies: Columns, again: Array, whole: Columns) -> None:
        for one, two, amount in zip(payments["number"][again], copies["number"], copies["amount"], strict=True):
            self.planted["duplicate_payments"].append(
                {"payment_id": f"R{one:012d}", "again": f"R{two:012d}", "amount_centimes": int(amount)}
            )
        loose = ~whole["is_named"]
        for number, amount in zip(whole["number"][loose], whole["amount"][loose], strict=True):
            self.planted["unallocated_receipts"].append(
                {"payment_id": f"R{number:012d}", "amount_centimes": int(amount)}
            )

    def days_held(self, agency: Array, day: Array, is_cash: Array) -> Array:
        """Days that an agency keeps cash before it deposits it, beyond the rule: lapping, later receipts cover earlier ones."""
        first, last = self.lapped
        is_held = is_cash & (agency == self.lapped_agency) & (day >= first) & (day < last)
        return np.where(is_held, LAPPED_DAYS, 0)

    def is_idle(self, account: int, month: int) -> bool:
        """Whether nobody empties the account any more: a balance that sleeps."""
        return account == self.idle_account and month >= self.idle_from

    # ── bank lines

    def in_lines(self, lines: Columns, month: int) -> Columns:
        """The lines of a month as the banks write them, with the value dates and the fee planted."""
        return self._fee_twice(self._value_errors(lines, month), month)

    def _value_errors(self, lines: Columns, month: int) -> Columns:
        if month % VALUE_ERRORS_EVERY:
            return lines
        credits = np.flatnonzero((lines["kind"] == K["transfer"]) | (lines["kind"] == K["cheque"]))
        wrong = credits[len(credits) // 2 :][:1]
        value = lines["value"].copy()
        value[wrong] = bank_day(value[wrong], VALUE_ERROR_DAYS)
        for row in wrong.tolist():
            self.planted["value_date_errors"].append(
                {
                    "account": int(lines["account"][row]),
                    "kind": KINDS[lines["kind"][row]].name,
                    "reference": str(lines["reference"][row]),
                    "amount_centimes": int(lines["amount"][row]),
                    "booking_date": str(lines["booking"][row]),
                    "agreed_value_date": str(lines["value"][row]),
                    "value_date": str(value[row]),
                }
            )
        return {**lines, "value": value}

    def _fee_twice(self, lines: Columns, month: int) -> Columns:
        account, when = self.duplicate_fee
        fees = np.flatnonzero((lines["kind"] == K["fee"]) & (lines["account"] == account))
        if month != when or not len(fees):
            return lines
        row = int(fees[0])
        self.planted["duplicate_fees"].append(
            {
                "account": account,
                "reference": str(lines["reference"][row]),
                "amount_centimes": int(lines["amount"][row]),
                "booking_date": str(lines["booking"][row]),
            }
        )
        twice = {name: np.insert(column, row + 1, column[row]) for name, column in lines.items()}
        twice["is_in_books"][row + 1] = False
        return twice

    # ── the whole

    def standing(self) -> dict[str, Any]:
        """The faults that are no single line: an account left to sleep, an agency that holds cash back."""
        first, last = self.lapped
        return {
            "idle_account": {"account": self.idle_account, "since": str(month_start(self.idle_from))},
            "lapped_cash": {
                "agency": agency_code(self.lapped_agency),
                "first": str(first),
                "last": str(last - np.timedelta64(1, "D")),
                "days_held": LAPPED_DAYS,
            },
        }


def _quarter_end(month: int) -> int:
    """The first month from `month` on that ends a quarter."""
    return month + (2 - month % 3)
