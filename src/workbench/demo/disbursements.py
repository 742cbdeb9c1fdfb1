"""What the made-up office pays: suppliers, cheques, payroll, energy, tax, loans, currencies. Synthetic amounts.

The payments of a month hang on nothing but the month, so that those of the month after the last one can be announced.
"""

import numpy as np

from workbench.demo.accounts import CENTRAL, DOLLAR, EURO, disbursements_index
from workbench.demo.bank_days import bank_day, one_bank_day
from workbench.demo.bank_kinds import KINDS, K
from workbench.demo.customers import Customers
from workbench.demo.places import DIRECTORATES, Array, Columns, month_start

SUPPLIERS_A_DIRECTORATE, CHEQUES_A_DIRECTORATE = 12, 3
# Thousandths of what an ordinary month bills before tax.
SUPPLIERS, CHEQUES, DR_PAYROLL, PAYROLL, ENERGY, TAX, LOAN = 220, 20, 100, 160, 310, 50, 200
CURRENCY, CURRENCY_BOUGHT = 1, 3
# Day of the month on which each falls due.
SUPPLIER_DAYS, PAYROLL_DAY, ENERGY_DAY, TAX_DAY, LOAN_DAY, CURRENCY_DAY = (10, 20), 25, 20, 22, 15, 12
EURO_RATE, DOLLAR_RATE = 1090, 1000  # centimes of a dirham a unit, illustrative
NO_DAY = np.datetime64("NaT", "D")


def lines_of(
    account: Array | int,
    booking: Array,
    amount: Array | int,
    kind: str,
    label: Array | str = "",
    reference: Array | str = "",
    counterparty: Array | str = "",
    issued: Array | None = None,
) -> Columns:
    """Lines as columns: account, booking and value days, centimes, kind (place in `KINDS`), texts, day issued,
    and whether the office's own books hold the line."""
    booking = np.atleast_1d(booking).astype("datetime64[D]")
    count = len(booking)
    days = KINDS[K[kind]].value_days
    return {
        "account": np.broadcast_to(np.asarray(account, np.int64), count),
        "booking": booking,
        # A debit in value before it is booked, a credit after: both counted in bank days.
        "value": bank_day(booking, days) if days else booking,
        "amount": np.broadcast_to(np.asarray(amount, np.int64), count),
        "kind": np.full(count, K[kind]),
        "label": np.char.add(f"{KINDS[K[kind]].label} ", np.broadcast_to(np.asarray(label, "U24"), count)).astype(
            "U48"
        ),
        "reference": np.broadcast_to(np.asarray(reference, "U16"), count).astype("U16"),
        "counterparty": np.broadcast_to(np.asarray(counterparty, "U32"), count).astype("U32"),
        "issued": np.full(count, NO_DAY) if issued is None else issued.astype("datetime64[D]"),
        "is_in_books": np.ones(count, bool),
    }


def disbursements(office: Customers, month: int) -> list[Columns]:
    """The payments of a month, booked in it."""
    rng = office.draw(10_000 + month)
    parts = [*_of_directorates(office, month, rng), *_central(office, month, rng), *_foreign(office, month)]
    return [part for part in parts if len(part["booking"])]


def _on(month: int, day: int) -> np.datetime64:
    return one_bank_day(month_start(month) + np.timedelta64(day - 1, "D"))


def _shares(rng: np.random.Generator, whole: int, count: int) -> Array:
    weights = rng.integers(500, 2000, count)
    return whole * weights // int(weights.sum())


def _of_directorates(office: Customers, month: int, rng: np.random.Generator) -> list[Columns]:
    parts = []
    for d in range(DIRECTORATES):
        account, unit = disbursements_index(d), office.monthly_ht // 1000
        days = np.array([_on(month, day) for day in SUPPLIER_DAYS])[np.arange(SUPPLIERS_A_DIRECTORATE) % 2]
        numbers = np.arange(SUPPLIERS_A_DIRECTORATE)
        names = np.array([f"FOURNISSEUR {n + 1:03d}" for n in rng.integers(0, 80, SUPPLIERS_A_DIRECTORATE)])
        orders = np.array([f"OV{month + 1:03d}{d:02d}{n:03d}" for n in numbers])
        amounts = -_shares(rng, unit * SUPPLIERS // DIRECTORATES, SUPPLIERS_A_DIRECTORATE)
        parts.append(lines_of(account, days, amounts, "supplier", orders, orders, names, bank_day(days - 1, -1)))
        days = bank_day(month_start(month) + np.sort(rng.integers(0, 26, CHEQUES_A_DIRECTORATE)))
        issued = days - rng.integers(3, 20, CHEQUES_A_DIRECTORATE)
        cheques = np.array([f"{4_000_000 + month * 1000 + d * 10 + n}" for n in range(CHEQUES_A_DIRECTORATE)])
        amounts = -_shares(rng, unit * CHEQUES // DIRECTORATES, CHEQUES_A_DIRECTORATE)
        parts.append(lines_of(account, days, amounts, "cheque_issued", cheques, cheques, issued=issued))
        payroll = -unit * DR_PAYROLL // DIRECTORATES
        parts.append(_single(account, _on(month, PAYROLL_DAY), payroll, "payroll", f"PAIE{month + 1:03d}{d:02d}"))
    return parts


def _central(office: Customers, month: int, rng: np.random.Generator) -> list[Columns]:
    unit, (first, second) = office.monthly_ht // 1000, CENTRAL
    drawn = int(rng.integers(90, 111))
    parts = [
        _single(second, _on(month, PAYROLL_DAY), -unit * PAYROLL, "payroll", f"PAIE{month + 1:03d}S"),
        _single(first, _on(month, ENERGY_DAY), -unit * ENERGY * drawn // 100, "energy", f"OV{month + 1:03d}E01"),
        _single(first, _on(month, TAX_DAY), -unit * TAX, "tax", f"OV{month + 1:03d}T01"),
    ]
    if month % 3 == 2:
        parts.append(
            _single(first, _on(month, LOAN_DAY), -unit * LOAN, "loan", f"EMP{month + 1:03d}", issued_before=30)
        )
    return parts


def _foreign(office: Customers, month: int) -> list[Columns]:
    unit = office.monthly_ht // 1000
    parts = []
    for place, (account, rate, currency) in enumerate(((EURO, EURO_RATE, "EUR"), (DOLLAR, DOLLAR_RATE, "USD"))):
        reference = f"ETR{month + 1:03d}{currency}"
        parts.append(_single(account, _on(month, CURRENCY_DAY), -unit * CURRENCY * 100 // rate, "supplier", reference))
        if month % 3 == 0:
            bought = unit * CURRENCY_BOUGHT * 100 // rate
            reference = f"CHG{month + 1:03d}{currency}"
            parts.append(_single(account, _on(month, 6 + place), bought, "exchange", reference))
            parts.append(_single(CENTRAL[0], _on(month, 6 + place), -(bought * rate // 100), "exchange", reference))
    return parts


def _single(
    account: int, day: np.datetime64, amount: int, kind: str, reference: str, issued_before: int = 2
) -> Columns:
    days = np.array([day], "datetime64[D]")
    return lines_of(account, days, amount, kind, reference, reference, issued=bank_day(days - issued_before, 0))
