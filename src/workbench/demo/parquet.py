"""The made-up office as tables, for benchmarks at millions of bills: Parquet in the declared schemas, written as it is drawn.

Customers come in blocks, each an office of its own with its own draws, so that memory does not grow with their number. Banks
write a line a receipt here, without own transfers and payments: it is the receipts that make the mass of an account's lines.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.demo.accounts import ACCOUNTS, BANKS, Account, accounts_of
from workbench.demo.bank_days import bank_day
from workbench.demo.bank_flows import account_of_receipt, booking_of_receipt
from workbench.demo.bank_kinds import KINDS
from workbench.demo.billing import SERVICES
from workbench.demo.commercial_files import centers, customer_codes
from workbench.demo.customers import Customers
from workbench.demo.delimited import coded, numbered
from workbench.demo.faults import Faults
from workbench.demo.places import Array, Columns, month_start, month_text
from workbench.demo.receipts import STAMP, Month, happenings
from workbench.schemas.columns import CHANNELS, SEGMENTS
from workbench.schemas.tables import TABLES

BLOCK = 250_000  # customers drawn together
IMPORT = "imp-00001"
WRITTEN = ("invoices", "payments", "allocations", "credit_notes", "write_offs", "bank_transactions")
Progress = Callable[[int, int, str], None]
Written = dict[str, Any]  # column → array, or one value for every row


def write_parquet(
    folder: Path, customers: int, months: int = 36, seed: int = 1, progress: Progress | None = None
) -> dict[str, int]:
    """Write `folder`/TABLE.parquet for the tables of `WRITTEN`, `statement_days` and `bank_accounts`; the rows of each.

    A million customers make about 370,000 bills a month. The same arguments give the same rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [min(BLOCK, customers - start) for start in range(0, customers, BLOCK)]
    moved = np.zeros((ACCOUNTS, int((month_start(months) - month_start(0)).astype(int))), np.int64)
    lines = np.zeros_like(moved)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(pq.ParquetWriter(folder / f"{name}.parquet", TABLES[name].arrow, compression="zstd", compression_level=1))
            for name in WRITTEN
        }  # fmt: skip
        counts = dict.fromkeys(WRITTEN, 0)
        for part, count in enumerate(blocks):
            office = Customers(count, months, seed, part)
            accounts = accounts_of(office.monthly_ht)
            for month in happenings(office):
                if progress:
                    progress(part * months + month.index, len(blocks) * months, month_text(month.index))
                for name, columns in _tables(office, accounts, month, part, moved, lines):
                    rows = _declared(name, columns)
                    writers[name].write_table(rows)
                    counts[name] += len(rows)
    accounts = accounts_of(Customers(blocks[0], months, seed).monthly_ht)
    for name, rows in (("statement_days", _days(accounts, moved, lines)), ("bank_accounts", _accounts(accounts))):
        pq.write_table(rows, folder / f"{name}.parquet", compression="zstd")
        counts[name] = len(rows)
    return counts


def _declared(name: str, columns: Written) -> pa.Table:
    schema = TABLES[name].arrow
    count = next(len(value) for value in columns.values() if not isinstance(value, (str, bool, int)))
    made = []
    for field in schema:
        value = columns.get(field.name)
        if value is None:
            made.append(pa.nulls(count, field.type))
        elif isinstance(value, (str, bool, int)):
            made.append(pa.repeat(pa.scalar(value, field.type), count))
        else:
            made.append(pa.array(value).cast(field.type) if isinstance(value, np.ndarray) else value)
    return pa.table(made, schema=schema)


def _tables(
    office: Customers, accounts: list[Account], month: Month, part: int, moved: Array, lines: Array
) -> Iterator[tuple[str, Written]]:
    """The rows of a month; `moved` and `lines` take in the sums and numbers of bank lines by account and day."""
    yield "invoices", _invoices(month.invoices, part)
    if month.payments:
        yield "payments", _payments(month.payments, part)
        yield "allocations", _allocations(month.payments, part)
        yield "bank_transactions", _bank_lines(office, accounts, month, part, moved, lines)
    if rows := month.credits:
        yield (
            "credit_notes",
            {
                "credit_note_id": _ids("V", part, rows["invoice"]),
                "invoice_id": _ids("F", part, rows["invoice"]),
                "customer_code": _customers(rows, part),
                "credit_kind_code": "credit_note",
                "credit_date": rows["day"],
                "amount_ttc_centimes": rows["ttc"],
                "amount_ht_centimes": rows["ht"],
                "currency_code": "MAD",
            },
        )
    if rows := month.write_offs:
        yield (
            "write_offs",
            {
                "write_off_id": _ids("N", part, rows["invoice"]),
                "invoice_id": _ids("F", part, rows["invoice"]),
                "write_off_date": rows["day"],
                "amount_centimes": rows["ttc"],
                "currency_code": "MAD",
            },
        )


def _ids(prefix: str, part: int, numbers: Array) -> pa.Array:
    return numbered(f"{prefix}{part:03d}", numbers, 11)


def _customers(rows: Columns, part: int) -> pa.Array:
    return customer_codes(rows["customer"] + part * BLOCK)


def _invoices(bills: Columns, part: int) -> Written:
    return {
        "invoice_id": _ids("F", part, bills["number"]),
        "customer_code": _customers(bills, part),
        "center_code": centers(bills["center"]),
        "segment_code": coded(bills["segment"], SEGMENTS),
        "service_code": coded(bills["service"], SERVICES),
        "issue_date": bills["issue"],
        "due_date": bills["due"],
        "amount_ttc_centimes": bills["ttc"],
        "amount_ht_centimes": bills["ht"],
        "currency_code": "MAD",
    }


def _payments(rows: Columns, part: int) -> Written:
    return {
        "payment_id": _ids("R", part, rows["number"]),
        "customer_code": _customers(rows, part),
        "center_code": centers(rows["center"]),
        "receipt_date": rows["day"],
        "channel_code": coded(rows["channel"], CHANNELS),
        "amount_centimes": rows["amount"],
        "currency_code": "MAD",
        "bounced_date": rows["bounced"],
    }


def _allocations(rows: Columns, part: int) -> Written:
    return {
        "allocation_id": _ids("A", part, rows["number"]),
        "payment_id": _ids("R", part, rows["number"]),
        "invoice_id": _ids("F", part, rows["invoice"]),
        "allocation_date": rows["day"],
        "amount_centimes": rows["amount"],
        "currency_code": "MAD",
    }


def _bank_lines(
    office: Customers, accounts: list[Account], month: Month, part: int, moved: Array, lines: Array
) -> Written:
    in_bank = month.payments["channel"] < STAMP
    rows = {name: column[in_bank] for name, column in month.payments.items()}
    account, booking = account_of_receipt(rows), booking_of_receipt(rows, Faults(office.months))
    in_time = booking < month_start(office.months)
    rows, account, booking = {n: c[in_time] for n, c in rows.items()}, account[in_time], booking[in_time]
    place = (account, (booking - month_start(0)).astype(np.int64))
    np.add.at(moved, place, rows["amount"])
    np.add.at(lines, place, 1)
    value_days = np.array([KINDS[channel].value_days for channel in range(STAMP)])[rows["channel"]]
    return {
        "account_identifier": coded(account, [a.rib for a in accounts]),
        "format_code": coded(account, [a.format for a in accounts]),
        "currency_code": "MAD",
        "day_date": booking,
        "day_version": 1,
        # Unique, not dense: lines of one day come from many blocks.
        "day_rank": rows["number"] * 1000 + part,
        "booking_date": booking,
        "value_date": bank_day(booking, value_days),
        "amount_centimes": rows["amount"],
        "operation_code": coded(rows["channel"], [KINDS[channel].cfonb for channel in range(STAMP)]),
        "label": coded(rows["channel"], [KINDS[channel].label for channel in range(STAMP)]),
        "reference": _ids("R", part, rows["number"]),
        "is_interim": False,
        "is_superseded": False,
        "statement_id": coded(account, [f"S{a.index:02d}" for a in accounts]),
        "import_id": IMPORT,
    }


def _days(accounts: list[Account], moved: Array, lines: Array) -> pa.Table:
    """A day an account and calendar day, from its opening balance on."""
    openings = np.array([[account.opening] for account in accounts])
    closing = openings + np.cumsum(moved, axis=1)
    count = moved.shape[1]
    who = np.repeat(np.arange(len(accounts)), count)
    return _declared(
        "statement_days",
        {
            "account_identifier": coded(who, [a.rib for a in accounts]),
            "format_code": coded(who, [a.format for a in accounts]),
            "currency_code": coded(who, [a.currency for a in accounts]),
            "day_date": np.tile(month_start(0) + np.arange(count), len(accounts)),
            "day_version": 1,
            "opening_centimes": (closing - moved).reshape(-1),
            "closing_centimes": closing.reshape(-1),
            "movement_count": lines.reshape(-1),
            "statement_id": coded(who, [f"S{a.index:02d}" for a in accounts]),
            "is_superseded": False,
            "import_id": IMPORT,
        },
    )


def _accounts(accounts: list[Account]) -> pa.Table:
    return _declared(
        "bank_accounts",
        {
            "account_number": pa.array([a.rib for a in accounts]),
            "account_label": pa.array([a.label for a in accounts]),
            "bank_code": pa.array([a.bank_code for a in accounts]),
            "bank_name": pa.array([BANKS[a.bank][1] for a in accounts]),
            "unit_code": pa.array([a.unit for a in accounts]),
            "role_code": pa.array([a.role for a in accounts]),
            "currency_code": pa.array([a.currency for a in accounts]),
            "opened_date": np.full(len(accounts), np.datetime64("2015-01-01")),
            "floor_centimes": np.array([a.floor for a in accounts]),
            "overdraft_limit_centimes": np.array([a.limit for a in accounts]),
        },
    )
