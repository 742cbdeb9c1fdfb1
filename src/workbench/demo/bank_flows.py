"""The lines of the made-up office's accounts, month by month: receipts as they reach the banks, payments, own transfers, fees.

What the office received is booked to the centime, some days later; stamps and compensations never reach a bank. Synthetic.
"""

from collections import defaultdict

import numpy as np

from workbench.demo.accounts import (
    CENTRAL,
    COUNTERS,
    OPERATORS,
    SMALLEST_FLOOR,
    TRANSFERS,
    TREASURY,
    Account,
    accounts_of,
    disbursements_index,
    receipts_index,
)
from workbench.demo.bank_days import bank_day, one_bank_day, week_ends
from workbench.demo.customers import MUNICIPALITY, STATE, Customers
from workbench.demo.disbursements import disbursements, lines_of
from workbench.demo.faults import Faults
from workbench.demo.placements import placement_lines
from workbench.demo.places import DIRECTORATES, Array, Columns, agency_code, directorate_code, month_of, month_start
from workbench.demo.receipts import (
    CASH,
    CHEQUE,
    DEBIT,
    ELECTRONIC,
    OPERATOR,
    STAMP,
    TRANSFER,
)

_DAYS_TO_BANK = (1, 2, 1, 2, 0, 0)  # bank days from the receipt to the account, by channel
_ACCOUNT_OF = (COUNTERS, OPERATORS, OPERATORS, COUNTERS, TRANSFERS, TRANSFERS)
_SINGLE_FROM = TRANSFER  # channels below it are deposited in one sum a day
FEE = 4950  # centimes a quarter with tax, illustrative
_STEP = SMALLEST_FLOOR  # own transfers are of round amounts, so that an account ends at its floor or a little below
_LATE_FUNDING = 6  # the directorate whose account is fed two days after its first payments: in debit each month
_LAST_QUARTER_MONTH = 2


class BankBook:
    """The accounts, their balances, and what is on its way to them. Months are asked for one after another."""

    def __init__(self, office: Customers, faults: Faults) -> None:
        self.office, self.faults = office, faults
        self.accounts: list[Account] = accounts_of(office.monthly_ht)
        self.balances = np.array([account.opening for account in self.accounts], np.int64)
        self._not_in_value: Columns = _stacked([])  # booked already, and not yet to be disposed of
        self._coming: dict[int, list[Columns]] = defaultdict(list)

    def month(self, month: int, payments: Columns) -> Columns:
        """The lines booked in a month, sorted by account, day and order of writing; the balances move on to its end."""
        if payments:
            for part in (*_deposits(payments, self.faults), *_bounces(payments)):
                self._file(part)
        parts = [*self._coming.pop(month, []), *disbursements(self.office, month), *self._fees(month)]
        parts += placement_lines(self.office, month)
        lines = _stacked(parts)
        parts += self._fundings(month, lines)
        parts += self._sweeps(month, _stacked(parts))
        lines = _stacked(parts)
        order = np.lexsort((np.arange(len(lines["amount"])), lines["booking"], lines["account"]))
        lines = self.faults.in_lines({name: column[order] for name, column in lines.items()}, month)
        np.add.at(self.balances, lines["account"], lines["amount"])
        return lines

    def in_course(self) -> Columns:
        """Lines on their way to the accounts after the last month asked for."""
        return _stacked([part for parts in self._coming.values() for part in parts])

    def _file(self, part: Columns) -> None:
        months = month_of(part["booking"])
        for value in np.unique(months).tolist():
            self._coming[value].append({name: column[months == value] for name, column in part.items()})

    def _fees(self, month: int) -> list[Columns]:
        if month % 3 != _LAST_QUARTER_MONTH:
            return []
        day = bank_day(np.array([month_start(month + 1)]), -1)  # the last of the month
        owners = [
            account.index for account in self.accounts if account.currency == "MAD" and account.role != "treasury"
        ]
        quarter = f"T{month // 3 % 4 + 1} {2022 + month // 12}"
        reference = np.array([f"FTC{month + 1:03d}{n:02d}" for n in owners])
        return [lines_of(np.array(owners), np.repeat(day, len(owners)), -FEE, "fee", quarter, reference)]

    def _fundings(self, month: int, lines: Columns) -> list[Columns]:
        """What each directorate needs for its payments of the month comes from the first central account; the two are levelled."""
        parts = []
        for d in range(DIRECTORATES):
            account = self.accounts[disbursements_index(d)]
            mine = lines["account"] == account.index
            need = account.floor - int(self.balances[account.index]) - int(lines["amount"][mine].sum())
            day = (
                one_bank_day(month_start(month) + 1) if d != _LATE_FUNDING else one_bank_day(month_start(month) + 9, 2)
            )
            parts += self._own(CENTRAL[0], account.index, _down(need), day, f"ALI{month + 1:03d}{d:02d}")
        first, second = (int(self.balances[place]) for place in CENTRAL)
        half = _down(abs(first - second) // 2)
        giver, taker = CENTRAL if first > second else CENTRAL[::-1]
        parts += self._own(giver, taker, half, one_bank_day(month_start(month)), f"EQU{month + 1:03d}")
        return parts

    def _sweeps(self, month: int, lines: Columns) -> list[Columns]:
        """Each week's end, receipts accounts give what they hold in value above their floor to a central one; the Treasury does
        at month end."""
        parts: list[Columns] = []
        known = _stacked([self._not_in_value, lines])
        usable = np.maximum(known["booking"], known["value"])
        balances, since = self.balances.copy(), month_start(0)
        np.subtract.at(balances, self._not_in_value["account"], self._not_in_value["amount"])
        days = week_ends(month_start(month), month_start(month + 1))
        for day in days:
            now = (usable >= since) & (usable <= day)
            np.add.at(balances, known["account"][now], known["amount"][now])
            since = day + np.timedelta64(1, "D")
            for account in self.accounts:
                is_due = account.role == "receipts" or (account.role == "treasury" and day == days[-1])
                if not is_due or self.faults.is_idle(account.index, month):
                    continue
                above = int(balances[account.index]) - account.floor
                if (amount := _up(above) if account.floor else _down(above)) > 0:
                    reference = f"NIV{str(day)[2:].replace('-', '')}{account.index:02d}"
                    parts += self._own(account.index, CENTRAL[account.index % 2], amount, day, reference)
                    balances[account.index] -= amount
        later = usable >= month_start(month + 1)
        self._not_in_value = {name: column[later] for name, column in known.items()}
        return parts

    def _own(self, giver: int, taker: int, amount: int, day: np.datetime64, reference: str) -> list[Columns]:
        if amount <= 0:
            return []
        days = np.array([day], "datetime64[D]")
        one, other = self.accounts[giver], self.accounts[taker]
        return [
            lines_of(giver, days, -amount, "own_out", other.label.upper(), reference, other.rib),
            lines_of(taker, days, amount, "own_in", one.label.upper(), reference, one.rib),
        ]


def _up(centimes: int) -> int:
    return -(-centimes // _STEP) * _STEP


def _down(centimes: int) -> int:
    return centimes // _STEP * _STEP


def _stacked(parts: list[Columns]) -> Columns:
    if not parts:
        return lines_of(0, np.array([], "datetime64[D]"), 0, "fee")
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def account_of_receipt(payments: Columns) -> Array:
    """The account that a receipt reaches: the Treasury for the State's and municipalities' transfers, else the directorate's."""
    channel = np.minimum(payments["channel"], TRANSFER)
    own = receipts_index(payments["center"] // 12, np.array(_ACCOUNT_OF)[channel])  # type: ignore[arg-type]
    is_public = (payments["channel"] == TRANSFER) & np.isin(payments["segment"], (STATE, MUNICIPALITY))
    return np.where(is_public, TREASURY, own)


def booking_of_receipt(payments: Columns, faults: Faults) -> Array:
    """The day a receipt reaches its account."""
    days = np.array(_DAYS_TO_BANK)[np.minimum(payments["channel"], TRANSFER)]
    late = faults.days_held(payments["center"] // 4, payments["day"], payments["channel"] == CASH)
    booked: Array = bank_day(payments["day"] + late.astype("timedelta64[D]"), days)
    return booked


def _deposits(payments: Columns, faults: Faults) -> list[Columns]:
    in_bank = payments["channel"] < STAMP
    rows = {name: column[in_bank] for name, column in payments.items()}
    account, booking = account_of_receipt(rows), booking_of_receipt(rows, faults)
    single = rows["channel"] >= _SINGLE_FROM
    return [
        *_daily_sums(rows, account, booking, ~single),
        *_transfers(rows, account, booking, single),
    ]


def _daily_sums(rows: Columns, account: Array, booking: Array, chosen: Array) -> list[Columns]:
    """One line an account, day and channel; cash is deposited by each agency."""
    found = []
    for channel, kind in (
        (CASH, "cash"),
        (OPERATOR, "operator"),
        (ELECTRONIC, "electronic"),
        (CHEQUE, "cheque"),
        (DEBIT, "direct_debit"),
    ):
        mine = np.flatnonzero(chosen & (rows["channel"] == channel))
        if not len(mine):
            continue
        unit = rows["center"][mine] // (4 if channel == CASH else 12)
        key = np.stack([account[mine], unit, booking[mine].astype(np.int64)])
        groups, place = np.unique(key, axis=1, return_inverse=True)
        sums = np.zeros(groups.shape[1], np.int64)
        np.add.at(sums, place.reshape(-1), rows["amount"][mine])
        received = np.zeros(groups.shape[1], np.int64)
        np.maximum.at(received, place.reshape(-1), rows["day"][mine].astype("datetime64[D]").astype(np.int64))
        name = agency_code if channel == CASH else directorate_code
        codes = np.array([name(int(unit)) for unit in groups[1]])
        days = groups[2].astype("datetime64[D]")
        stamps = np.char.replace(days.astype("U10"), "-", "")
        reference = np.char.add(np.char.add("VRS", codes), np.char.add(stamps, f"{channel}"))
        issued = received.astype("datetime64[D]")  # a sum is known when the last receipt of it came in
        found.append(lines_of(groups[0], days, sums, kind, codes, reference, issued=issued))
    return found


def _transfers(rows: Columns, account: Array, booking: Array, chosen: Array) -> list[Columns]:
    if not chosen.any():
        return []
    names = np.array([f"CLIENT {n:08d}" for n in rows["customer"][chosen].tolist()])
    references = np.array([f"R{n:012d}" for n in rows["number"][chosen].tolist()])
    received = rows["day"][chosen]
    return [lines_of(account[chosen], booking[chosen], rows["amount"][chosen], "transfer", names, references, names, received)]  # fmt: skip


def _bounces(payments: Columns) -> list[Columns]:
    """What comes back is debited on its day, one line each."""
    back = ~np.isnat(payments["bounced"])
    found = []
    for channel, kind in ((CHEQUE, "cheque_back"), (DEBIT, "debit_back")):
        mine = {name: column[back & (payments["channel"] == channel)] for name, column in payments.items()}
        if len(mine["number"]):
            references = np.array([f"R{n:012d}" for n in mine["number"].tolist()])
            day = bank_day(mine["bounced"])
            found.append(lines_of(account_of_receipt(mine), day, -mine["amount"], kind, references, references))
    return found
