"""A small made-up office with known truth, written only as files, as its bank and its commercial system would send them.

Everything in it is synthetic: customers, amounts, accounts, dates. The same seed gives the same bytes. Planted errors and where
they are go to `answer_key.json`, which no function of the workbench reads.
"""

import calendar
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from workbench.demo.small_files import Account, write_registers, write_sales, write_statement

START_YEAR = 2022
SEGMENTS = (
    # code in the files, share of customers, mean bill in hundredths, months between bills, mean days to pay, share ever paid
    ("PART", 0.95, 25_000, 3, 35, 0.97),
    ("COM", 0.02, 480_000, 1, 45, 0.96),
    ("ETAT", 0.015, 900_000, 1, 170, 0.85),
    ("CNE", 0.015, 700_000, 1, 420, 0.60),
)
Progress = Callable[[int, int, str], None]
People = list[tuple[str, str, int, int]]  # customer, centre, segment, billing group


@dataclass(frozen=True)
class Bill:
    """A bill and what came of it: `paid` is None where nothing ever comes."""

    number: str
    customer: str
    center: str
    segment: str
    issued: date
    due: date
    ht: int
    ttc: int
    paid: date | None


def make_office(
    folder: Path, customers: int = 50_000, months: int = 36, seed: int = 1, progress: Progress | None = None
) -> None:
    """Write an office of `customers` customers and `months` months from January 2022 into `folder`."""
    rng = np.random.default_rng(seed)
    inbox = Path(folder) / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    end = _month_start(months) - timedelta(days=1)
    accounts = _accounts()
    write_registers(inbox, accounts)
    receipts: dict[tuple[int, date], int] = defaultdict(int)
    later: dict[int, list[Bill]] = defaultdict(list)
    people = _customers(rng, customers)
    without_bill: list[str] = []
    for month in range(months):
        if progress:
            progress(month, months, f"{_month_start(month):%Y-%m}")
        bills = _bills(rng, people, month)
        for bill in bills:
            if bill.paid is not None and bill.paid <= end:
                later[(bill.paid.year - START_YEAR) * 12 + bill.paid.month - 1].append(bill)
                receipts[int(bill.center[:2]) % 2, bill.paid] += bill.ttc
        paid = sorted(later.pop(month, []), key=lambda bill: bill.number)
        forgotten = {bill.number for bill in paid[::400]}
        without_bill += sorted(forgotten)
        write_sales(inbox, _month_start(month), bills, paid, forgotten)
    key = {"synthetic": True, "seed": seed, "receipts_without_bill": without_bill}
    key |= _statements(rng, inbox, accounts, months, receipts)
    described = f'synthetic = true\nname = "Office fictif"\nseed = {seed}\n'
    (Path(folder) / "office.toml").write_text(described, encoding="utf-8")
    (Path(folder) / "answer_key.json").write_text(json.dumps(key, indent=1, sort_keys=True), encoding="utf-8")


def _month_start(month: int) -> date:
    return date(START_YEAR + month // 12, month % 12 + 1, 1)


def _accounts() -> list[Account]:
    roles = (("A-01", "receipts", 30_000_000), ("A-02", "receipts", 20_000_000), ("A-00", "central", 900_000_000))
    return [Account(label, role, f"90{n}", f"{n:011d}", opening) for n, (label, role, opening) in enumerate(roles, 1)]


def _customers(rng: np.random.Generator, count: int) -> People:
    kinds = rng.choice(len(SEGMENTS), size=count, p=[segment[1] for segment in SEGMENTS])
    centers = rng.integers(0, 120, size=count)
    return [
        (f"{n:08d}", f"{center // 12 + 1:02d}{center % 12 + 1:02d}", int(kind), n % 3)
        for n, (kind, center) in enumerate(zip(kinds.tolist(), centers.tolist(), strict=True))
    ]


def _bills(rng: np.random.Generator, people: People, month: int) -> list[Bill]:
    first = _month_start(month)
    billed = [person for person in people if SEGMENTS[person[2]][3] == 1 or person[3] == month % 3]
    season = 1.25 if first.month in (7, 8) else 1.0
    sizes, lags, luck = rng.gamma(4.0, 0.25, len(billed)), rng.gamma(2.0, 0.5, len(billed)), rng.random(len(billed))
    draws = zip(billed, sizes.tolist(), lags.tolist(), luck.tolist(), strict=True)
    return [_bill(first, person, size * season, lag, chance) for person, size, lag, chance in draws]


def _bill(first: date, person: tuple[str, str, int, int], size: float, lag: float, chance: float) -> Bill:
    customer, center, kind, _ = person
    segment, _, mean, _, days, ever = SEGMENTS[kind]
    ht = max(100, int(mean * size))
    # VAT of water: 7 % to 2023; from 2024 households are exempt and the others pay 10 %.
    rate = 7 if first.year < 2024 else 0 if segment == "PART" else 10
    issued = first + timedelta(days=int(chance * 1e6) % 20)
    paid = issued + timedelta(days=1 + int(days * lag)) if chance < ever else None
    number, due = f"F{first:%y%m}{customer}", issued + timedelta(days=30)
    return Bill(number, customer, center, segment, issued, due, ht, ht + (ht * rate + 50) // 100, paid)


def _statements(
    rng: np.random.Generator,
    inbox: Path,
    accounts: list[Account],
    months: int,
    receipts: dict[tuple[int, date], int],
) -> dict[str, object]:
    """A statement a month and account, each opening on the last closing; one is missing and one a centime off."""
    key: dict[str, object] = {}
    for place, account in enumerate(accounts):
        balance = account.opening
        for month in range(months):
            first = _month_start(month)
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            lines = _lines(rng, account, place, first, last, receipts)
            closing = balance + sum(amount for _, amount, _ in lines)
            name = f"CFONB_{account.label}_{first:%Y%m}.txt"
            is_wrong = (place, month) == (0, months // 3)
            if (place, month) == (1, months // 2):
                key["statement_missing"] = name
            else:
                write_statement(inbox / name, account, first, last, balance, lines, closing + is_wrong)
            if is_wrong:
                key["statement_unbalanced"] = name
            balance = closing
    return key


def _lines(
    rng: np.random.Generator,
    account: Account,
    place: int,
    first: date,
    last: date,
    receipts: dict[tuple[int, date], int],
) -> list[tuple[date, int, str]]:
    if account.role == "receipts":
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        lines = [(day, receipts.get((place, day), 0), "VERSEMENT AGENCES") for day in days]
        lines.append((last, -int(rng.integers(1_000, 9_000)), "COMMISSION DE TENUE DE COMPTE"))
    else:
        lines = [
            (first.replace(day=25), -int(rng.integers(6_000_000, 9_000_000)), "VIREMENT PAIE"),
            (first.replace(day=20), -int(rng.integers(4_000_000, 8_000_000)), "ENERGIE"),
        ]
    return sorted(line for line in lines if line[1])
