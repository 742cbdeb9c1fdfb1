"""The store against a plain Parquet write of the same rows, and its opening after few and after many imports.

    python -m benchmarks.store [--imports 1000] [--files 1600] [--lines 120] [--repeats 5]

The rows written are shaped as an import of bank statements: a row a file, a statement, its days and its lines. The peer is
`pyarrow.parquet.write_table`, a file a table, snappy, without lock, log, hash or sync. Rows are made up.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import most, tell
from workbench import store
from workbench.schemas.tables import TABLES

FEW = 10
LAST = 14  # imports among which the slowest opening is taken: one of them comes just before small files are joined
DAYS = 30  # of a statement


def main() -> None:
    """Run the race and tell it."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        writes = write_race(Path(folder), options.files, options.lines, options.repeats)
        opens = opening_race(Path(folder) / "opened", options.imports)
    what = f"one import of {options.files:,} statement files, {writes['rows']:,} rows, against a plain Parquet write"
    tell("store", what, writes["ours"], writes["parquet"], "s", "≤ 3")
    many, few = opens["open_many_ms"], opens["open_few_ms"]
    tell("store", f"opening a table after {options.imports:,} imports, against {FEW}", many, few, "ms", "≤ 2")
    tell("store", "an import of one row", opens["import_ms"], None, "ms", "none")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--imports", type=int, default=most(1000), help="imports after which opening is timed again")
    parser.add_argument("--files", type=int, default=most(1600), help="statement files of the import that is timed")
    parser.add_argument("--lines", type=int, default=120, help="lines of a statement")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--work", type=Path, default=None, help="folder on the disk to measure; default: the system's")
    return parser.parse_args()


def write_race(folder: Path, files: int, lines: int, repeats: int) -> dict[str, Any]:
    """Median seconds of one import into a new office and of the plain write, in turn, over the same tables."""
    tables = statement_tables(files, lines)
    ours, peer = [], []
    for turn in range(repeats):
        office = folder / f"office_{turn}"
        store.create_office(office)
        ours.append(_seconds(lambda office=office: _import(office, tables)))
        plain = folder / f"plain_{turn}"
        plain.mkdir()
        peer.append(
            _seconds(lambda plain=plain: [pq.write_table(t, plain / f"{n}.parquet") for n, t in tables.items()])
        )
    rows = sum(len(t) for t in tables.values())
    return {"ours": statistics.median(ours), "parquet": statistics.median(peer), "rows": rows}


def _import(office: Path, tables: dict[str, pa.Table]) -> None:
    with store.writer(office) as writer:
        for name, rows in tables.items():
            writer.append(name, rows)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def statement_tables(files: int, lines: int) -> dict[str, pa.Table]:
    """Tables of one import: a statement a file, a month of days each, `lines` lines each."""
    chance = np.random.default_rng(1)
    statement = np.arange(files)
    day, line = np.repeat(statement, DAYS), np.repeat(statement, lines)
    first = np.datetime64("2022-01-01") + (statement // 45) * 30
    line_date = np.sort(chance.integers(0, DAYS, (files, lines)), axis=1).ravel() + first[line]
    account = np.char.add("0078100001234500", np.char.zfill((statement % 45).astype(str), 8))
    number, sums = np.char.add("S", statement.astype(str)), chance.integers(-(10**9), 10**9, files * lines)
    common = {
        "format_code": "mt940",
        "currency_code": "MAD",
        "import_id": "imp-00001",
        "is_superseded": False,
        "day_version": 1,
    }
    return {
        "import_files": _filled("import_files", files, file_name=np.char.add(number, ".txt"), file_sha256=np.char.zfill(number, 64),
                                profile_name="mt940", file_status_code="imported", row_count=lines, problem_count=0, import_id="imp-00001"),
        "statements": _filled("statements", files, **common, statement_id=number, account_identifier=account, opening_date=first,
                              closing_date=first + DAYS, opening_centimes=0, closing_centimes=0, movement_count=lines,
                              statement_status_code="booked", proof_code="proven", file_name=np.char.add(number, ".txt"),
                              file_sha256=np.char.zfill(number, 64)),
        "statement_days": _filled("statement_days", files * DAYS, **common, account_identifier=account[day],
                                  day_date=first[day] + np.tile(np.arange(DAYS), files), opening_centimes=0, closing_centimes=0,
                                  movement_count=lines // DAYS, statement_id=number[day]),
        "bank_transactions": _filled("bank_transactions", files * lines, **common, account_identifier=account[line], day_date=line_date,
                                     booking_date=line_date, value_date=line_date + 1, amount_centimes=sums, day_rank=np.tile(np.arange(lines), files),
                                     label=np.char.add("VIR RECU ", chance.integers(0, 10**6, files * lines).astype(str)), operation_code="TRF",
                                     reference=np.char.add("R", np.arange(files * lines).astype(str)), is_interim=False, statement_id=number[line]),
    }  # fmt: skip


def _filled(name: str, rows: int, **values: Any) -> pa.Table:
    fields = TABLES[name].arrow
    columns = []
    for field in fields:
        value = values.get(field.name)
        array = pa.array(value) if isinstance(value, np.ndarray) else pa.array([value] * rows, field.type)
        columns.append(array.cast(field.type))
    return pa.table(columns, schema=fields)


def opening_race(office: Path, imports: int) -> dict[str, float]:
    """Milliseconds to open an office and read a table that every import adds to, after ten imports and at worst after many."""
    store.create_office(office)
    started, told = time.perf_counter(), {}
    for number in range(1, imports + 1):
        row = {"dispute_id": f"D{number}", "invoice_id": "F", "opened_date": date(2024, 1, 1)}
        with store.writer(office) as writer:
            writer.append("disputes", pa.Table.from_pylist([row], schema=TABLES["disputes"].arrow))
        if number == FEW:
            told["open_few_ms"] = _open_ms(office, number)
        if number > imports - LAST:
            told["open_many_ms"] = max(told.get("open_many_ms", 0.0), _open_ms(office, number))
    told["import_ms"] = (time.perf_counter() - started) * 1000 / imports
    return told


def _open_ms(office: Path, rows: int) -> float:
    def opened() -> None:
        count = store.open_office(office)["disputes"].aggregate("count(*)").fetchall()[0][0]
        if count != rows:
            sys.exit(f"{count} rows were read where {rows} were written")

    return statistics.median(_seconds(opened) for _ in range(15)) * 1000


if __name__ == "__main__":
    main()
