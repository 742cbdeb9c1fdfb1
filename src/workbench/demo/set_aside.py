"""What the made-up office does about bills that stay unpaid: notices, lawsuits, provisions at each closing. Planted truth.

Everything here is synthetic, and follows from the number of a bill: nothing is drawn, so that nothing else of the office moves. Closings are June and
December; that of the last day is left to do, and its truth goes to the answer key.
"""

from pathlib import Path
from typing import Any

import numpy as np

from workbench.demo.customers import BUSINESS, Customers
from workbench.demo.places import Array, Columns, civil, month_start
from workbench.demo.receipts import Month
from workbench.demo.registers import workbook
from workbench.schemas.columns import SEGMENTS

# More than so many months past due, percent of what is owed before tax. Illustrative, as in data/reference/allowance_rates.csv.
PRIVATE_RATES = ((6, 25), (12, 50), (24, 100))
PUBLIC_RATES = ((6, 0), (12, 10), (24, 30))
NOTICE_AFTER, NOTICE_EVERY = 60, 3  # days past due; one bill in so many
LAWSUIT_AFTER, LATE_LAWSUIT_AFTER = 150, 430  # days from the first provision: in time, and too late
LAWSUIT_LASTS = 300
DECIDED_EVERY, DECIDED_PERCENT, DECIDED_BEFORE = (
    97,
    80,
    10,
)  # one provisioned private bill in so many; percent; days before its closing
ADMITTED_EVERY = 50  # one private customer in so many owns all its debts, in May
DELAYED_EVERY = 10  # one provisioned bill of the State in so many waits by the State's own doing
KEPT = 2  # provisions left in the books on settled bills, at the last closing told
_NAMES = ("number", "customer", "segment", "issue", "due", "ht", "ttc")
_ACTS = {
    "notice": "Mise en demeure",
    "lawsuit": "Action en justice",
    "admitted": "Reconnaissance de dette",
    "delay": "Fait de l'administration",
}


class SetAside:
    """Follows what is owed on each bill, month by month, and writes the registers of enforcement and provisions at the end."""

    def __init__(self, office: Customers) -> None:
        self.office = office
        self.steps: list[tuple[Any, ...]] = []
        self.rows: list[tuple[Any, ...]] = []
        self.decisions: list[tuple[Any, ...]] = []
        self.booked: dict[str, dict[str, int]] = {}
        self.kept: list[str] = []
        self.due: dict[str, dict[str, int]] = {}
        self._bills: Columns = {}
        self._rest = np.zeros(0, np.int64)
        self._back: list[tuple[Array, Array, Array]] = []  # bill, amount, day: receipts that will bounce
        self._first: dict[int, np.datetime64] = {}  # first closing of the unbroken run of each bill
        self._held: dict[int, int] = {}
        self._noticed: set[int] = set()
        self._sued: dict[int, np.datetime64] = {}
        self._part: dict[int, int] = {}
        self._pending: list[tuple[np.datetime64, int]] = []

    def add(self, month: Month, bills: Columns, receipts: Columns) -> None:
        """A month: its bills and receipts with what was planted in them, its credits and write-offs; then what the office does at its end."""
        end = month_start(month.index + 1) - 1
        new = {name: bills[name] for name in _NAMES}
        rest = np.where(np.isnat(bills["cancelled"]), bills["ttc"], 0)
        self._bills = {n: np.concatenate([self._bills[n], new[n]]) for n in _NAMES} if self._bills else new
        self._rest = np.concatenate([self._rest, rest])
        order = np.argsort(self._bills["number"], kind="stable")
        self._bills, self._rest = {n: c[order] for n, c in self._bills.items()}, self._rest[order]
        if receipts:
            named = {n: c[receipts["is_named"]] for n, c in receipts.items()}
            self._count(named["invoice"], -named["amount"])
            back = ~np.isnat(named["bounced"])
            self._back.append((named["invoice"][back], named["amount"][back], named["bounced"][back]))
        for rows in (month.credits, month.write_offs):
            if rows:
                self._count(rows["invoice"], -rows["ttc"])
        self._bounce(end)
        self._drop_settled()
        self._act(month.index, end)

    def _count(self, bill: Array, amount: Array) -> None:
        place = np.searchsorted(self._bills["number"], bill)
        known = place < len(self._rest)
        known[known] = self._bills["number"][place[known]] == bill[known]
        np.add.at(self._rest, place[known], amount[known])

    def _bounce(self, end: np.datetime64) -> None:
        later = []
        for bill, amount, day in self._back:
            now = day <= end
            self._count(bill[now], amount[now])
            later.append((bill[~now], amount[~now], day[~now]))
        self._back = [one for one in later if len(one[0])]

    def _drop_settled(self) -> None:
        coming = np.concatenate([bill for bill, _, _ in self._back]) if self._back else np.zeros(0, np.int64)
        kept = (self._rest > 0) | np.isin(self._bills["number"], coming)
        self._bills, self._rest = {n: c[kept] for n, c in self._bills.items()}, self._rest[kept]

    def _act(self, month: int, end: np.datetime64) -> None:
        owed = self._rest > 0
        number, since = self._bills["number"], _since(self._bills)
        for place in np.flatnonzero(owed & (since + NOTICE_AFTER < end) & (number % NOTICE_EVERY == 0)).tolist():
            bill = int(number[place])
            if bill not in self._noticed:
                self._noticed.add(bill)
                self._step("notice", end - bill % 20, place)
        self._go_to_court(end)
        if month % 12 == 4:
            private = owed & (self._bills["segment"] <= BUSINESS) & (self._bills["customer"] % ADMITTED_EVERY == 0)
            for customer in np.unique(self._bills["customer"][private]).tolist():
                self.steps.append(
                    (_code("A", customer * 1000 + month), f"{customer:08d}", None, _ACTS["admitted"], civil(end), None)
                )
        if month % 6 == 5:
            self._close(end, is_last=month == self.office.months - 1, is_last_told=month + 6 >= self.office.months - 1)

    def _step(self, kind: str, day: np.datetime64, place: int, closed: Any = None) -> None:
        bill, customer = int(self._bills["number"][place]), int(self._bills["customer"][place])
        number = _code(kind[0].upper(), bill)
        self.steps.append((number, f"{customer:08d}", _code("F", bill), _ACTS[kind], civil(day), closed))

    def _go_to_court(self, end: np.datetime64) -> None:
        waiting = []
        for day, bill in self._pending:
            if day > end:
                waiting.append((day, bill))
                continue
            place = int(np.searchsorted(self._bills["number"], bill))
            if place < len(self._rest) and self._bills["number"][place] == bill and self._rest[place] > 0:
                over = day + LAWSUIT_LASTS
                ends = civil(over) if bill % 5 == 0 and over <= np.datetime64(self.office.last_day) else None
                self._step("lawsuit", day, place, ends)
                self._sued[bill] = day
        self._pending = waiting

    def _close(self, end: np.datetime64, is_last: bool, is_last_told: bool) -> None:
        """The allowances of a closing: booked, or for the last day told to the answer key alone."""
        percent = _percent(self._bills, end)
        self._decide(percent, end, is_last)
        number = self._bills["number"]
        percent = np.array(
            [self._part.get(bill, old) for bill, old in zip(number.tolist(), percent.tolist(), strict=True)], np.int64
        )
        owed = np.maximum(self._rest, 0)
        ht = (owed * self._bills["ht"] * 2 + self._bills["ttc"]) // (self._bills["ttc"] * 2)
        amount = (ht * percent + 50) // 100
        sums = {name: int(amount[self._bills["segment"] == n].sum()) for n, name in enumerate(SEGMENTS)}
        if is_last:
            self.due = {"allowance_centimes": sums}
            return
        held = {int(bill): int(one) for bill, one in zip(number[amount > 0], amount[amount > 0], strict=True)}
        left = [bill for bill in self._held if bill not in set(number.tolist())][:KEPT] if is_last_told else []
        self.kept += [_code("F", bill) for bill in left]
        held |= {bill: self._held[bill] for bill in left}
        self._first = {bill: self._first.get(bill, end) for bill in held}
        for bill in held:
            if bill not in self._held:
                self._answer(bill, end)
        self.booked[str(end)] = sums
        self.rows += [(_code("F", bill), civil(end), one / 100, "MAD") for bill, one in sorted(held.items())]
        self._held = held

    def _decide(self, percent: Array, end: np.datetime64, is_last: bool) -> None:
        private = (self._bills["segment"] <= BUSINESS) & (percent > 0) & (self._rest > 0)
        chosen = private & (self._bills["number"] % DECIDED_EVERY == 0)
        for bill in self._bills["number"][chosen].tolist():
            if bill not in self._part and not is_last:
                self._part[bill] = DECIDED_PERCENT
                day = civil(end - DECIDED_BEFORE)
                self.decisions.append(
                    (_code("F", bill), day, f"0.{DECIDED_PERCENT}", "Comité fictif", "Débiteur sans biens connus")
                )

    def _answer(self, bill: int, end: np.datetime64) -> None:
        """What a new provision sets going: one in four goes to court in time, one in four too late."""
        after = {0: LAWSUIT_AFTER, 1: LATE_LAWSUIT_AFTER}.get(bill % 4)
        if after is not None:
            self._pending.append((end + after, bill))
        place = int(np.searchsorted(self._bills["number"], bill))
        if SEGMENTS[self._bills["segment"][place]] == "state" and bill % DELAYED_EVERY == 0:
            self._step("delay", end - 30, place)

    def write(self, inbox: Path) -> dict[str, Any]:
        """Write the registers; their truth, for the answer key."""
        header = ("N°", "Client", "Facture", "Acte", "Ouvert le", "Clos le")
        if self.steps:
            workbook(inbox / "REGISTRE_POURSUITES.xlsx", header, sorted(self.steps, key=lambda row: (row[4], row[0])))
        if self.rows:
            workbook(inbox / "REGISTRE_PROVISIONS.xlsx", ("Facture", "Arrêté du", "Provision HT", "Devise"), self.rows)
        if self.decisions:
            said = ("Facture", "Décidé le", "Taux", "Décidé par", "Motif")
            workbook(inbox / "REGISTRE_DECISIONS_PROVISIONS.xlsx", said, self.decisions)
        return {
            "booked_centimes": self.booked,
            "due": self.due,
            "kept_on_settled_bills": self.kept,
            "lawsuit_clock": self._clock(),
            "steps": len(self.steps),
            "decisions": len(self.decisions),
        }

    def _clock(self) -> dict[str, int]:
        """Claims of the last closing told, by where they stand on the last day against twelve months from their first provision."""
        found = dict.fromkeys(("filed", "late", "running", "missed"), 0)
        for bill, first in self._first.items():
            limit = _months_later(np.array([first]), 12)[0]
            day = self._sued.get(bill)
            if day is not None:
                found["filed" if day <= limit else "late"] += 1
            else:
                found["running" if np.datetime64(self.office.last_day) <= limit else "missed"] += 1
        return found


def _code(letter: str, number: int) -> str:
    return f"{letter}{number:012d}"


def _since(bills: Columns) -> Array:
    return np.where(np.isnat(bills["due"]), bills["issue"], bills["due"])


def _percent(bills: Columns, end: np.datetime64) -> Array:
    found = np.zeros(len(bills["number"]), np.int64)
    for rates, mine in ((PRIVATE_RATES, bills["segment"] <= BUSINESS), (PUBLIC_RATES, bills["segment"] > BUSINESS)):
        for months, percent in rates:
            found[mine & (_months_later(_since(bills), months) < end)] = percent
    return found


def _months_later(days: Array, months: int) -> Array:
    month = days.astype("datetime64[M]")
    aimed = month + months
    last = (aimed + 1).astype("datetime64[D]") - 1
    found: Array = np.minimum(aimed.astype("datetime64[D]") + (days - month.astype("datetime64[D]")), last)
    return found
