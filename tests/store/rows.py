"""Rows of the store, as tests write them."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench import store
from workbench.schemas.tables import TABLES


def disputes(*ids: str, invoice: str = "F1") -> pa.Table:
    rows = [{"dispute_id": each, "invoice_id": invoice, "opened_date": date(2024, 1, 1)} for each in ids]
    return pa.Table.from_pylist(rows, schema=TABLES["disputes"].arrow)


def write_offs(*ids: str, centimes: int = 1) -> pa.Table:
    common = {
        "invoice_id": "F",
        "write_off_date": date(2024, 1, 1),
        "amount_centimes": centimes,
        "currency_code": "MAD",
    }
    return pa.Table.from_pylist([{"write_off_id": each, **common} for each in ids], schema=TABLES["write_offs"].arrow)


def ids(office: store.Office) -> list[tuple[str, str]]:
    return sorted(office["disputes"].project("dispute_id, invoice_id").fetchall())


def commit(folder: Path, *dispute_ids: str) -> str:
    """One import of disputes; its id."""
    with store.writer(folder, actor="test") as writer:
        writer.append("disputes", disputes(*dispute_ids))
    return writer.import_id


def day(number: int, opening: int | None, closing: int | None, lines: int = 0, **more: Any) -> dict[str, Any]:
    """A row of `statement_days`: account A on a day of January 2024."""
    return {
        "account_identifier": "A", "format_code": "mt940", "currency_code": "MAD", "day_date": date(2024, 1, number), "day_version": 1,
        "opening_centimes": opening, "closing_centimes": closing, "movement_count": lines, "statement_id": f"S{number}",
        "is_superseded": False, "import_id": "imp-00001", **more,
    }  # fmt: skip


def line(number: int, centimes: int, rank: int = 1, **more: Any) -> dict[str, Any]:
    """A row of `bank_transactions`: account A on a day of January 2024."""
    on = date(2024, 1, number)
    return {
        "account_identifier": "A", "format_code": "mt940", "currency_code": "MAD", "day_date": on, "day_version": 1, "day_rank": rank,
        "booking_date": on, "value_date": on, "amount_centimes": centimes, "is_interim": False, "is_superseded": False,
        "statement_id": f"S{number}", "import_id": "imp-00001", **more,
    }  # fmt: skip


def table(name: str, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=TABLES[name].arrow)
