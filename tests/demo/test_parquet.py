"""Mirrors demo/parquet.py: tables in their declared schemas, keys that hold over blocks, lines and balances that agree."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.demo import parquet
from workbench.demo.bank_kinds import KINDS
from workbench.demo.customers import Customers
from workbench.demo.parquet import write_parquet
from workbench.demo.receipts import happenings
from workbench.frames import connection
from workbench.schemas.checking import check_table
from workbench.schemas.columns import CHANNELS
from workbench.schemas.tables import TABLES


def test_tables_are_as_declared_over_blocks_and_their_sums_are_the_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "BLOCK", 150)
    counts = write_parquet(tmp_path, customers=400, months=5, seed=3)
    tables = {name: pq.read_table(tmp_path / f"{name}.parquet") for name in counts}
    assert {name: len(table) for name, table in tables.items()} == counts
    assert counts["invoices"] > 500
    for name, table in tables.items():
        assert table.schema.equals(TABLES[name].arrow)
        assert check_table(table, TABLES[name]) == []
    billed = received = 0
    for part, count in enumerate((150, 150, 100)):
        for month in happenings(Customers(count, 5, 3, part)):
            billed += int(month.invoices["ttc"].sum())
            received += int(month.payments["amount"].sum()) if month.payments else 0
    assert pa.compute.sum(tables["invoices"]["amount_ttc_centimes"]).as_py() == billed
    assert pa.compute.sum(tables["payments"]["amount_centimes"]).as_py() == received
    customers = set(tables["invoices"]["customer_code"].to_pylist())
    assert "00000399" in customers
    assert max(customers) == "00000399"


def test_each_day_closes_with_its_lines(tmp_path: Path) -> None:
    write_parquet(tmp_path, customers=400, months=3, seed=3)
    con = connection()
    lines, days = (con.read_parquet(str(tmp_path / f"{n}.parquet")) for n in ("bank_transactions", "statement_days"))
    moved = lines.aggregate("account_identifier, day_date, sum(amount_centimes) as moved, count(*) as held")
    joined = days.set_alias("d").join(moved.set_alias("m"), "account_identifier, day_date", how="left")
    wrong = joined.filter(
        "closing_centimes <> opening_centimes + coalesce(moved, 0) or movement_count <> coalesce(held, 0)"
    )
    assert wrong.aggregate("count(*)").fetchall() == [(0,)]
    assert lines.aggregate("count(*)").fetchall()[0][0] > 200
    assert days.filter("opening_centimes <> closing_centimes").aggregate("count(*)").fetchall()[0][0] > 100


def test_the_same_arguments_give_the_same_rows(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_parquet(tmp_path / name, customers=200, months=2, seed=5)
    for path in sorted((tmp_path / "a").iterdir()):
        assert pq.read_table(path).equals(pq.read_table(tmp_path / "b" / path.name))


def test_the_first_kinds_of_lines_are_the_channels_that_reach_a_bank() -> None:
    assert [kind.name for kind in KINDS[:6]] == list(CHANNELS[:6])
