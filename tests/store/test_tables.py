"""Mirrors store/tables.py: one reader in the declared schema, one writer whose changes all stand or none does."""

import dataclasses
import json
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.rows import commit, day, disputes, ids, line, table, write_offs
from workbench import frames, store
from workbench.errors import SchemaError, StoreError
from workbench.schemas.columns import COLUMNS
from workbench.schemas.tables import TABLES
from workbench.store.tables import Writer


@pytest.mark.parametrize("name", ["office", "bureau d'été", "50%", "a#b", "ü ß", "q?x=1&y*"])
def test_an_office_in_any_folder_takes_rows_and_gives_them_back(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    store.create_office(folder)
    store.create_office(folder)  # what is there stays
    commit(folder, "D1")
    commit(folder, "D2")
    assert ids(store.open_office(folder)) == [("D1", "F1"), ("D2", "F1")]
    assert store.query(folder, "SELECT count(*) AS n FROM disputes")["n"].to_pylist() == [2]
    assert store.verify(folder) == []


@pytest.mark.parametrize("name", ["a[b]", "a[", "a%20b", "%C3%A9t", "a\\b", "a\nb"])
def test_a_folder_that_delta_would_take_for_another_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="the folder's name holds"):
        store.create_office(tmp_path / name)
    assert not (tmp_path / name / "store").exists()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_empty_table_is_typed(office: Path, name: str) -> None:
    found = store.open_office(office)[name].to_arrow_table()
    assert found.schema.equals(TABLES[name].arrow)
    assert len(found) == (1 if name == "imports" else 0)


def test_the_office_of_the_environment(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_OFFICE", raising=False)
    with pytest.raises(StoreError, match="no office is named"):
        store.open_office()
    commit(office, "D1")
    monkeypatch.setenv("WORKBENCH_OFFICE", str(office))
    monkeypatch.setenv("WORKBENCH_IMPORT", "imp-00000")
    assert ids(store.open_office()) == []
    monkeypatch.delenv("WORKBENCH_IMPORT")
    assert ids(store.open_office()) == [("D1", "F1")]


def test_an_office_says_whether_it_is_made_up(office: Path) -> None:
    assert not store.open_office(office).is_synthetic
    (office / "office.toml").write_text("synthetic = true\n")
    assert store.open_office(office).is_synthetic


def test_one_import_is_one_commit_a_table(office: Path) -> None:
    with store.writer(office) as writer:
        for n in range(5):
            writer.append("disputes", disputes(f"D{n}"))
            writer.append("write_offs", write_offs(f"W{n}"))
    versions = store.open_office(office).versions
    assert (versions["disputes"], versions["write_offs"], versions["invoices"]) == (1, 1, 0)


def test_after_an_exception_nothing_happened(office: Path) -> None:
    def cut() -> None:
        with store.writer(office) as writer:
            writer.append("disputes", disputes("D1"))
            raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        cut()
    assert ids(store.open_office(office)) == []
    assert len(store.history(office)) == 1


def test_an_abandoned_import_leaves_no_row(office: Path) -> None:
    with store.writer(office) as writer:
        writer.append("disputes", disputes("D1"))
        writer.abandon()
    assert len(store.history(office)) == 1


def test_rows_are_as_declared_or_refused(office: Path) -> None:
    with store.writer(office) as writer:
        given = disputes("D1")
        writer.append(
            "disputes", given.select(["opened_date", "invoice_id", "dispute_id"])
        )  # an optional column left out
        with pytest.raises(SchemaError, match="missing: invoice_id"):
            writer.append("disputes", given.drop_columns(["invoice_id"]))
        with pytest.raises(SchemaError, match="unknown: colour"):
            writer.append("disputes", given.append_column("colour", pa.array(["red"])))
        with pytest.raises(SchemaError, match="another type"):
            writer.append("disputes", given.set_column(2, "opened_date", pa.array(["tomorrow"])))
    assert store.open_office(office)["disputes"].fetchall() == [("D1", "F1", date(2024, 1, 1), None)]


def test_replacing_keeps_the_other_rows_and_the_last_of_two_deliveries(office: Path) -> None:
    commit(office, "D1", "D2")
    with store.writer(office) as writer:
        writer.replace("disputes", disputes("D2", "D3", invoice="F2"))
        writer.replace("disputes", disputes("D3", invoice="F3"))
        writer.append("disputes", disputes("D4"))
    assert ids(store.open_office(office)) == [("D1", "F1"), ("D2", "F2"), ("D3", "F3"), ("D4", "F1")]


def test_a_key_with_an_empty_part_is_a_key(office: Path) -> None:
    def target(value: float) -> pa.Table:
        row = {"indicator_code": "unpaid_share", "target_value": value, "valid_from_date": date(2024, 1, 1)}
        return table("targets", row)

    for value in (0.5, 0.6):
        with store.writer(office) as writer:
            writer.replace("targets", target(value))
    assert store.open_office(office)["targets"].project("target_value").fetchall() == [(0.6,)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("ABCDE"), st.sampled_from("xyz"), min_size=1), min_size=1, max_size=4))
def test_replacing_is_what_a_dictionary_does(deliveries: list[dict[str, str]]) -> None:
    """The rows that a writer would write, over a table of which the first delivery is the stored part."""
    stored, *rest = [pa.concat_tables([disputes(key, invoice=value) for key, value in d.items()]) for d in deliveries]

    class Stored(Writer):
        def read(self, name: str) -> duckdb.DuckDBPyRelation:
            return frames.connection().from_arrow(stored)

    writer = Stored(Path("nowhere"), "imp-00001", {})
    for rows in rest:
        writer.replace("disputes", rows)
    found = writer._rewritten(TABLES["disputes"]).read_all()
    wanted: dict[str, str] = {}
    for delivery in deliveries:
        wanted |= delivery
    assert sorted(zip(found["dispute_id"].to_pylist(), found["invoice_id"].to_pylist(), strict=True)) == sorted(
        wanted.items()
    )


def test_superseded_rows_are_kept_marked_and_followed_by_new_ones_in_one_commit(office: Path) -> None:
    with store.writer(office) as writer:
        writer.append("statement_days", table("statement_days", day(1, 0, 5, 1), day(2, 5, 5)))
        writer.append("bank_transactions", table("bank_transactions", line(1, 5)))
    with store.writer(office) as writer:
        key = {"account_identifier": "A", "currency_code": "MAD", "day_date": date(2024, 1, 1)}
        for name in ("statement_days", "bank_transactions"):
            writer.supersede(name, [key, key])  # named twice, kept once
        writer.append("statement_days", table("statement_days", day(1, 0, 7, 1, day_version=2)))
        writer.append("bank_transactions", table("bank_transactions", line(1, 7, day_version=2)))
    now = store.open_office(office)
    days = sorted(now["statement_days"].project("day_date, day_version, is_superseded").fetchall())
    assert days == [(date(2024, 1, 1), 1, True), (date(2024, 1, 1), 2, False), (date(2024, 1, 2), 1, False)]
    assert sorted(now["bank_transactions"].project("amount_centimes, is_superseded").fetchall()) == [
        (5, True),
        (7, False),
    ]
    assert now.versions["statement_days"] == now.versions["bank_transactions"] == 2


def test_a_column_declared_later_is_empty_in_older_rows(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(office, "D1")
    late = COLUMNS["valid_to_date"].name
    declared = dataclasses.replace(
        TABLES["disputes"],
        columns=(*TABLES["disputes"].columns, late),
        optional=TABLES["disputes"].optional | {late},
    )
    monkeypatch.setitem(TABLES, "disputes", declared)
    assert store.open_office(office)["disputes"].project(late).fetchall() == [(None,)]
    dated = {"dispute_id": "D2", "invoice_id": "F1", "opened_date": date(2024, 1, 1), late: date(2025, 1, 1)}
    with store.writer(office) as writer:
        writer.append("disputes", table("disputes", dated))
    with store.writer(office) as writer:
        writer.replace("disputes", disputes("D3"))
    now = store.open_office(office)
    assert sorted(now["disputes"].project(f"dispute_id, {late}").fetchall()) == [
        ("D1", None), ("D2", date(2025, 1, 1)), ("D3", None),
    ]  # fmt: skip
    assert ids(now.known_on("imp-00001")) == [("D1", "F1")]
    assert store.verify(office) == []


def test_a_table_declared_later_is_there_and_empty_before(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLES, "reliefs", dataclasses.replace(TABLES["disputes"], name="reliefs"))
    assert len(store.open_office(office)["reliefs"]) == 0
    with store.writer(office) as writer:
        writer.append("reliefs", disputes("R1"))
    now = store.open_office(office)
    assert len(now["reliefs"]) == 1
    assert len(now.known_on("imp-00000")["reliefs"]) == 0


def test_what_newer_software_wrote_is_refused_not_half_read(office: Path) -> None:
    path = office / "store" / "disputes"
    write_deltalake(path, disputes("D1"), mode="overwrite", configuration={"delta.columnMapping.mode": "none"})
    DeltaTable(path).alter.set_table_properties(
        {"delta.enableDeletionVectors": "true", "delta.minReaderVersion": "3", "delta.minWriterVersion": "7"},
        raise_if_not_exists=False,
    )
    versions = {"disputes": DeltaTable(path).version()}
    with pytest.raises(StoreError, match="needs features that this reader lacks"):
        store.open_table(office, "disputes", versions)


def test_another_engine_reads_the_same_files(office: Path) -> None:
    commit(office, "D1", "D2")
    commit(office, "D3")
    past = store.open_office(office, "imp-00001")
    assert duckdb.connect().read_parquet(past.paths("disputes")).aggregate("count(*)").fetchall() == [(2,)]


def test_rows_beyond_the_memory_limit_wait_on_the_disk(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.store.spool.MEMORY_BYTES", 20_000)
    batches = [disputes(*[f"D{n:06d}" for n in range(k, k + 500)]).to_batches()[0] for k in range(0, 5_000, 500)]
    waiting = office / "store" / ".spool" / "disputes.arrow"
    (office / "store" / ".spool").mkdir()
    (office / "store" / ".spool" / "of_a_killed_writer.arrow").write_bytes(b"half")
    with store.writer(office) as writer:
        writer.append("disputes", pa.RecordBatchReader.from_batches(batches[0].schema, iter(batches)))
        writer.append("disputes", disputes("E1"))
        writer.append("write_offs", write_offs("W1"))
        assert waiting.stat().st_size > 0
    now = store.open_office(office)
    assert [each for each, _ in ids(now)] == [*(f"D{n:06d}" for n in range(5_000)), "E1"]
    assert (now.versions["disputes"], len(now["write_offs"])) == (1, 1)
    assert json.loads(store.history(office)["row_counts"].to_pylist()[-1]) == {"disputes": 5_001, "write_offs": 1}
    assert not waiting.parent.exists()
    with store.writer(office) as writer:  # beside a replacement, which writes the whole table again
        writer.append("disputes", pa.RecordBatchReader.from_batches(batches[0].schema, iter(batches[:1])))
        writer.replace("disputes", disputes("E1", invoice="F2"))
    again = ids(store.open_office(office))
    assert (len(again), again[-1]) == (5_501, ("E1", "F2"))


def test_a_reader_is_as_declared_or_refused(office: Path) -> None:
    given = disputes("D1").rename_columns(["dispute_id", "colour", "opened_date", "closed_date"])
    with store.writer(office) as writer:
        with pytest.raises(SchemaError, match="unknown: colour"):
            writer.append("disputes", pa.RecordBatchReader.from_batches(given.schema, iter([])))
        writer.append("disputes", pa.RecordBatchReader.from_batches(disputes("D1").schema, iter([])))
    assert ids(store.open_office(office)) == []
