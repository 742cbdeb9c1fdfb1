"""What the books of the made-up office hold, as SAP lists a month and directorate: FBL5N (customers) and FBL3N (bank accounts).

The commercial system posts key accounts and businesses bill by bill; households go to one collective customer a centre, a sum a
day. So the lists add up to the commercial system's own files, to the centime. The books are kept in dirhams.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from workbench.demo.accounts import DOLLAR, EURO, Account
from workbench.demo.customers import HOUSEHOLD
from workbench.demo.disbursements import DOLLAR_RATE, EURO_RATE
from workbench.demo.places import DIRECTORATES, Columns, center_code, civil, directorate_code, month_start, month_text
from workbench.demo.receipts import Month
from workbench.demo.sap_lists import Entry, sap_list

ENGLISH_DIRECTORATE = DIRECTORATES - 1  # whose user works in English
# Document type, posting key, first number of its range.
_INVOICE, _RECEIPT, _CREDIT = ("DR", "01", 18_000_000_00), ("DZ", "15", 14_000_000_00), ("DG", "11", 16_000_000_00)
_WRITE_OFF, _BOUNCE = ("DA", "17", 17_000_000_00), ("DZ", "05", 14_000_000_00)
_BANK = "SA"
_BANK_RANGE = 1_000_000_00
Kind = tuple[str, str, int]


class SapFiles:
    """Writes the lists of each month; remembers the numbers given and the receipts that come back later."""

    def __init__(self, inbox: Path, accounts: Sequence[Account]) -> None:
        self.inbox, self.accounts = inbox, accounts
        self._given: dict[tuple[int, int], int] = defaultdict(int)
        self._back: list[Columns] = []

    def write(self, month: Month, payments: Columns, lines: Columns) -> None:
        """The lists of a month: `payments` with what was planted in them, `lines` of the banks."""
        made_on = civil(month_start(month.index + 1))
        owners = [directorate_code(d) for d in range(DIRECTORATES)]
        customers = self._customers(month, payments)
        for d, name in enumerate(owners):
            found = sorted(customers[d], key=lambda entry: (entry.owner, entry.day, entry.document))
            self._file("FBL5N", name, month.index, found, made_on, d == ENGLISH_DIRECTORATE)
        ledger = self._ledger(lines)
        for name in sorted(ledger):
            is_english = name == owners[ENGLISH_DIRECTORATE]
            self._file("FBL3N", name, month.index, ledger[name], made_on, is_english)

    def _file(
        self, transaction: str, name: str, month: int, entries: list[Entry], made_on: date, is_english: bool
    ) -> None:
        if entries:
            content = sap_list(transaction, entries, made_on, is_english)
            (self.inbox / f"{transaction}_{name}_{month_text(month)}.txt").write_bytes(content)

    def _number(self, first: int, year: int) -> int:
        self._given[first, year] += 1
        return first + self._given[first, year]

    # ── customers

    def _customers(self, month: Month, payments: Columns) -> dict[int, list[Entry]]:
        found: dict[int, list[Entry]] = defaultdict(list)
        bills = month.invoices
        parts = [
            (_INVOICE, bills | {"day": bills["issue"], "amount": bills["ttc"], "invoice": bills["number"]}),
            (_CREDIT, _minus(month.credits)),
            (_WRITE_OFF, _minus(month.write_offs)),
            (_RECEIPT, payments and payments | {"amount": -payments["amount"]}),
            (_BOUNCE, self._bounced(month.index, payments)),
        ]
        for kind, rows in parts:
            if rows and len(rows["day"]):
                for directorate, entry in self._entries(kind, rows):
                    found[directorate].append(entry)
        return found

    def _bounced(self, month: int, payments: Columns) -> Columns:
        """What comes back in the month, wherever it was received: the receipt is taken back."""
        if payments:
            back = ~np.isnat(payments["bounced"])
            self._back.append({name: column[back] for name, column in payments.items()})
        if not self._back:
            return {}
        waiting = {name: np.concatenate([part[name] for part in self._back]) for name in self._back[0]}
        now = waiting["bounced"] < month_start(month + 1)
        self._back = [{name: column[~now] for name, column in waiting.items()}]
        rows = {name: column[now] for name, column in waiting.items()}
        return rows | {"day": rows["bounced"]}

    def _entries(self, kind: Kind, rows: Columns) -> Iterator[tuple[int, Entry]]:
        yield from self._singles(kind, {name: column[rows["segment"] != HOUSEHOLD] for name, column in rows.items()})
        yield from self._sums(kind, {name: column[rows["segment"] == HOUSEHOLD] for name, column in rows.items()})

    def _singles(self, kind: Kind, rows: Columns) -> Iterator[tuple[int, Entry]]:
        code, key, first = kind
        named = rows.get("is_named", np.ones(len(rows["day"]), bool)).tolist()
        dues = rows["due"].tolist() if "due" in rows else [None] * len(named)
        columns = (rows[name].tolist() for name in ("customer", "center", "day", "amount", "invoice"))
        for customer, center, day, amount, invoice, is_named, due in zip(*columns, named, dues, strict=True):
            text = f"F{invoice:012d}" if is_named else ""
            number = self._number(first, day.year)
            owner = f"{customer:08d}"
            entry = Entry(owner, number, day.year, code, key, day, due, amount, text, center_code(center))
            yield center // 12, entry

    def _sums(self, kind: Kind, rows: Columns) -> Iterator[tuple[int, Entry]]:
        """Households: one line a centre and day, on the centre's collective customer; due on the day the bills of the day are."""
        if not len(rows["day"]):
            return
        code, key, first = kind
        stamps = np.stack([rows["center"], rows["day"].astype(np.int64)])
        groups, place = np.unique(stamps, axis=1, return_inverse=True)
        sums = np.zeros(groups.shape[1], np.int64)
        np.add.at(sums, place.reshape(-1), rows["amount"])
        dues: list[date | None] = [None] * len(sums)
        if "due" in rows:
            due = np.zeros(len(sums), "datetime64[D]")
            due[place.reshape(-1)] = rows["due"]
            dues = due.tolist()
        days = groups[1].astype("datetime64[D]").tolist()
        for center, day, amount, until in zip(groups[0].tolist(), days, sums.tolist(), dues, strict=True):
            if amount:
                name = center_code(center)
                number = self._number(first, day.year)
                yield center // 12, Entry(f"COL{name}", number, day.year, code, key, day, until, amount, "", name)

    # ── the general ledger

    def _ledger(self, lines: Columns) -> dict[str, list[Entry]]:
        """The lines of the banks that the office has booked: a fee that a bank took twice is in them once."""
        found: dict[str, list[Entry]] = defaultdict(list)
        kept = lines["is_in_books"]
        columns = (lines[name][kept].tolist() for name in ("account", "booking", "amount", "reference"))
        for place, day, amount, reference in zip(*columns, strict=True):
            account = self.accounts[place]
            value = amount * {EURO: EURO_RATE, DOLLAR: DOLLAR_RATE}.get(place, 100) // 100
            key = "40" if amount > 0 else "50"
            number = self._number(_BANK_RANGE, day.year)
            entry = Entry(account.ledger_code, number, day.year, _BANK, key, day, None, value, reference, account.unit)
            found[account.unit].append(entry)
        return found


def _minus(rows: Columns) -> Columns:
    return rows and rows | {"amount": -rows["ttc"]}
