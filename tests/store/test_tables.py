"""Mirrors store/tables.py, catalogue.py and audit.py: nothing half, nothing lost, any past state readable again."""

import os
import select
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from workbench import store
from workbench.errors import QueryRefused, StoreError
from workbench.schemas.tables import TABLES


def disputes(*ids: str, invoice: str = "F1") -> pa.Table:
    rows = [
        {"dispute_id": each, "invoice_id": invoice, "opened_date": date(2024, 1, 1), "closed_date": None}
        for each in ids
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["disputes"].arrow)


def ids(office: store.Office) -> list[tuple[str, str]]:
    return sorted(office["disputes"].project("dispute_id, invoice_id").fetchall())


@pytest.mark.parametrize("name", ["office", "bureau d'été", "50%", "a#b", "ü ß"])
def test_an_office_in_any_folder_is_empty_typed_and_takes_rows(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    store.create_office(folder)
    office = store.open_office(folder)
    assert office["invoices"].to_arrow_table().cast(TABLES["invoices"].arrow).num_rows == 0
    with store.writer(folder) as writer:
        writer.append("disputes", disputes("D1"))
    assert ids(store.open_office(folder)) == [("D1", "F1")]


def test_a_folder_with_brackets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="brackets"):
        store.create_office(tmp_path / "a[b]")


def test_as_known_on_a_past_import(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    for n in (1, 2):
        with store.writer(tmp_path, actor="test") as writer:
            writer.replace("disputes", disputes("D1", invoice=f"F{n}"))
    now = store.open_office(tmp_path)
    assert ids(now) == [("D1", "F2")]
    assert ids(now.known_on("imp-00001")) == [("D1", "F1")]
    assert ids(now.known_on("imp-00000")) == []
    with pytest.raises(StoreError, match="nothing was known"):
        now.known_on("imp-99999")
    assert store.history(tmp_path)["import_kind_code"].to_pylist() == ["create", "import", "import"]


def test_after_an_exception_nothing_happened(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    with pytest.raises(ValueError, match="cut"):
        _cut(tmp_path)
    assert ids(store.open_office(tmp_path)) == []


def test_what_a_dead_writer_left_is_taken_back(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    write_deltalake(tmp_path / "store" / "disputes", disputes("HALF"), mode="append")
    assert ids(store.open_office(tmp_path)) == []
    with store.writer(tmp_path) as writer:
        writer.append("write_offs", TABLES["write_offs"].arrow.empty_table())
        writer.append("disputes", disputes("D1"))
    assert ids(store.open_office(tmp_path)) == [("D1", "F1")]


def test_superseded_rows_are_kept_and_marked(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    row = {
        "account_identifier": "A", "format_code": "typed", "currency_code": "MAD", "day_date": date(2024, 1, 1), "day_version": 1,
        "opening_centimes": 0, "closing_centimes": 5, "movement_count": 0, "statement_id": "S", "is_superseded": False, "import_id": "x",
    }  # fmt: skip
    with store.writer(tmp_path) as writer:
        writer.append("statement_days", pa.Table.from_pylist([row], schema=TABLES["statement_days"].arrow))
    with store.writer(tmp_path) as writer:
        writer.supersede(
            "statement_days", [{"account_identifier": "A", "currency_code": "MAD", "day_date": date(2024, 1, 1)}]
        )
        writer.append(
            "statement_days",
            pa.Table.from_pylist(
                [{**row, "day_version": 2, "closing_centimes": 0}], schema=TABLES["statement_days"].arrow
            ),
        )
    office = store.open_office(tmp_path)
    assert sorted(office["statement_days"].project("day_version, is_superseded").fetchall()) == [(1, True), (2, False)]
    assert [(p.code, p.row_key) for p in store.verify(tmp_path)] == [("day_unbalanced", "A 2024-01-01")]


def test_a_flipped_byte_is_found(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    with store.writer(tmp_path) as writer:
        writer.append("disputes", disputes("D1"))
    (path,) = (tmp_path / "store" / "disputes").glob("*.parquet")
    path.write_bytes(path.read_bytes()[:40])
    assert [p.code for p in store.verify(tmp_path)] == ["table_unreadable"]


def test_there_is_no_store_here(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store here"):
        store.open_office(tmp_path)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2", "COPY disputes TO '/tmp/out.csv'", "DELETE FROM disputes", "ATTACH '/tmp/x.db'", "PRAGMA database_list",
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM read_text('/etc/passwd')", "SET threads=1",
        "INSTALL httpfs", "SELECT nothing", "",
    ],
)  # fmt: skip
def test_a_query_that_writes_or_reads_elsewhere_is_refused(tmp_path: Path, sql: str) -> None:
    store.create_office(tmp_path)
    with pytest.raises(QueryRefused):
        store.query(tmp_path, sql)


def test_compacting_keeps_every_row_and_every_past_state(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    for n in range(4):
        with store.writer(tmp_path) as writer:
            writer.append("disputes", disputes(f"D{n}"))
    before = ids(store.open_office(tmp_path))
    assert store.compact(tmp_path) == {"disputes": 3}
    now = store.open_office(tmp_path)
    assert ids(now) == before
    assert ids(now.known_on("imp-00002")) == before[:2]
    assert store.verify(tmp_path) == []


def test_a_query_answers(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    with store.writer(tmp_path) as writer:
        writer.append("disputes", disputes("D1", "D2"))
    assert store.query(tmp_path, "SELECT count(*) AS n FROM disputes")["n"].to_pylist() == [2]


def _cut(folder: Path) -> None:
    with store.writer(folder) as writer:
        writer.append("disputes", disputes("D1"))
        raise ValueError("cut")


WRITE_FOR_EVER = """
import sys, itertools
from pathlib import Path
from tests.store.test_tables import disputes
from workbench import store
for n in itertools.count():
    with store.writer(Path(sys.argv[1])) as writer:
        writer.append("disputes", disputes(*[f"{sys.argv[2]}-{n}-{k}" for k in range(3)]))
        writer.append("write_offs", __import__("pyarrow").Table.from_pylist([{"write_off_id": f"{sys.argv[2]}-{n}", "invoice_id": "F", "write_off_date": __import__("datetime").date(2024, 1, 1), "amount_centimes": 1, "currency_code": "MAD"}], schema=__import__("workbench.schemas.tables", fromlist=["TABLES"]).TABLES["write_offs"].arrow))
    print(f"{sys.argv[2]}-{n}", flush=True)
"""


@pytest.mark.faults
def test_killed_writers_leave_nothing_half_and_lose_nothing(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    rounds, rng, acknowledged = int(os.environ.get("WORKBENCH_FAULT_ROUNDS", "6")), Random(1), set[str]()
    project = Path(__file__).resolve().parents[2]
    for turn in range(rounds):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path), f"{turn}{side}"],
                cwd=project,
                stdout=subprocess.PIPE,
                text=True,
            )
            for side in "ab"
        ]
        # Killed only once one of them writes, else the round proves nothing; the other may wait for the lock all along.
        select.select([process.stdout for process in writers], [], [], 60)
        until = time.monotonic() + rng.random()
        while time.monotonic() < until:
            _whole(store.open_office(tmp_path))
        for process in writers:
            process.send_signal(signal.SIGKILL)
        for process in writers:
            acknowledged |= set(process.communicate()[0].split())
    kept = _whole(store.open_office(tmp_path))
    assert acknowledged
    assert acknowledged <= kept


def _whole(office: store.Office) -> set[str]:
    """Imports seen in one table are the imports seen in the other: no reader ever sees a half."""
    one = {row[0].rsplit("-", 1)[0] for row in office["disputes"].project("dispute_id").fetchall()}
    two = {row[0] for row in office["write_offs"].project("write_off_id").fetchall()}
    assert one == two
    return one
