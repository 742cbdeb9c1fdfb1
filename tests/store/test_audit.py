"""Mirrors store/audit.py and seals.py: what no longer holds is found, and what holds is not accused."""

import hashlib
import json
from datetime import date
from pathlib import Path
from random import Random

import pytest

from tests.store.rows import commit, day, disputes, line, table, write_offs
from workbench import store
from workbench.errors import StoreError
from workbench.schemas.checking import Problem, problems_table
from workbench.store import delta_log


def codes(folder: Path) -> list[str]:
    return [problem.code for problem in store.verify(folder)]


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1 << (position % 8)
    path.write_bytes(data)


def test_a_store_that_holds(office: Path) -> None:
    commit(office, "D1")
    assert store.history(office)["import_kind_code"].to_pylist() == ["create", "import"]
    assert codes(office) == []


def test_there_must_be_a_store_to_verify(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store here"):
        store.verify(tmp_path)


def test_an_amount_that_changed_by_one_bit_is_found(office: Path) -> None:
    """The engine reads it without a word: it is the seal that tells."""
    with store.writer(office) as writer:
        writer.append("write_offs", write_offs("W1", centimes=0x1122334455667788))
    (path,) = (office / "store" / "write_offs").glob("*.parquet")
    data = path.read_bytes()
    position = data.index((0x1122334455667788).to_bytes(8, "little"))
    flip(path, position)
    assert store.open_office(office)["write_offs"].project("amount_centimes").fetchall() != [(0x1122334455667788,)]
    found = store.verify(office)
    assert [(p.code, p.values["file"]) for p in found] == [("store_file_changed", f"write_offs/{path.name}")]
    assert path.name in found[0].message("fr")


def test_any_flipped_bit_is_found(office: Path) -> None:
    commit(office, "D1", "D2")
    with store.writer(office) as writer:
        writer.replace("disputes", disputes("D1", invoice="F2"))
    chance = Random(5)
    kept = [p for name in ("disputes", "seals") for p in sorted((office / "store" / name).rglob("*")) if p.is_file()]
    kept.append(delta_log.entry(office / "store", "invoices", 0))
    assert (
        len(kept) == 9
    )  # two files and three log entries, three seals, the log entry of a table that nothing has touched
    for path in kept:
        before = path.read_bytes()
        for _ in range(2):
            flip(path, chance.randrange(len(before)))
            assert any(p.severity == "refused" for p in store.verify(office)), path
            path.write_bytes(before)
    assert codes(office) == []


def test_a_file_that_is_gone_or_cut(office: Path) -> None:
    commit(office, "D1")
    (path,) = (office / "store" / "disputes").glob("*.parquet")
    path.write_bytes(path.read_bytes()[:40])
    assert codes(office) == ["store_file_changed", "table_unreadable"]
    path.unlink()
    assert codes(office) == ["store_file_changed", "table_unreadable"]


def test_imports_that_cannot_be_read_are_told(office: Path) -> None:
    commit(office, "D1")
    for path in (office / "store" / "imports").glob("*.parquet"):
        path.write_bytes(b"PAR1")
    assert [(p.code, p.table_name) for p in store.verify(office)] == [("table_unreadable", "imports")]


def test_a_row_of_imports_that_is_not_the_sealed_one(office: Path) -> None:
    commit(office, "D1")
    seal = office / "store" / "seals" / "imp-00001.json"
    told = json.loads(seal.read_text())
    told["row"]["actor"] = "someone else"
    seal.write_text(json.dumps(told))
    assert codes(office) == ["import_changed"]
    seal.unlink()
    assert [(p.code, p.severity) for p in store.verify(office)] == [("import_unsealed", "warning")]


def received(office: Path, name: str, data: bytes) -> Path:
    path = office / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    row = {"import_id": "imp-00001", "file_name": path.name, "file_sha256": hashlib.sha256(data).hexdigest(), "profile_name": "p",
           "file_status_code": "imported", "row_count": 1, "problem_count": 0}  # fmt: skip
    with store.writer(office) as writer:
        writer.append("import_files", table("import_files", row))
    return path


def test_a_received_file_that_was_edited_is_found(office: Path) -> None:
    path = received(office, "a.txt", b"one")
    assert codes(office) == []
    path.write_bytes(b"two")
    assert [(p.code, p.file_name) for p in store.verify(office)] == [("file_changed", "a.txt")]
    path.unlink()  # archived elsewhere: nothing to compare
    assert codes(office) == []


def test_two_files_of_one_name_in_two_folders_are_not_accused(office: Path) -> None:
    received(office, "bank_1/a.txt", b"one")
    received(office, "bank_2/a.txt", b"two")
    (office / "inbox" / "bank_3").mkdir()
    (office / "inbox" / "bank_3" / "a.txt").write_bytes(b"not imported yet")
    assert codes(office) == []


def booked(
    office: Path, days: list[dict[str, object]], lines: list[dict[str, object]], *statements: dict[str, object]
) -> list[tuple[str, str | None]]:
    with store.writer(office) as writer:
        for name, rows in (("statement_days", days), ("bank_transactions", lines), ("statements", statements)):
            if rows:
                writer.append(name, table(name, *rows))
    return [(p.code, p.row_key) for p in store.verify(office)]


def test_days_that_hold(office: Path) -> None:
    days = [
        day(1, 0, 5, 2),
        day(2, 5, 5),
        day(3, 5, 4, 1),
        day(4, None, None, 1),
        day(1, 0, 3, 1, day_version=2, is_superseded=True),
    ]
    lines = [
        line(1, 3),
        line(1, 2, rank=2),
        line(3, -1),
        line(4, 9),
        line(1, 3, day_version=2),
        line(3, 100, is_interim=True),
    ]
    assert booked(office, days, lines) == []


@pytest.mark.parametrize(
    ("days", "lines"),
    [
        ([day(1, 0, 5, 1)], [line(1, 4)]),
        ([day(1, 0, 5, 1)], []),
        ([day(1, 0, 0, 2)], [line(1, 5), line(1, -5, rank=2), line(1, 0, rank=3)]),
        ([day(1, None, None, 2)], [line(1, 5)]),
        ([day(1, 0, 5, 1, is_superseded=True)], [line(1, 4)]),
        ([day(1, 0, 5, 1)], [line(1, 5, currency_code="EUR")]),
    ],
)  # fmt: skip
def test_a_day_that_does_not_hold(office: Path, days: list[dict[str, object]], lines: list[dict[str, object]]) -> None:
    assert booked(office, days, lines) == [("day_unbalanced", "A 2024-01-01")]


def statement(number: int, closing: int, **more: object) -> dict[str, object]:
    return {
        "statement_id": f"S{number}", "format_code": "mt940", "account_identifier": "A", "currency_code": "MAD", "opening_centimes": 0,
        "closing_date": date(2024, 1, number), "closing_centimes": closing, "movement_count": 0, "statement_status_code": "booked",
        "proof_code": "proven", "file_name": "f", "file_sha256": "h", "import_id": "imp-00001", **more,
    }  # fmt: skip


def test_a_break_that_an_import_has_told_is_not_told_again(office: Path) -> None:
    told = Problem(
        "days_missing", "warning", {"account": "A", "number": "2", "first": "02/01/2024", "last": "04/01/2024"}, "f"
    )
    with store.writer(office) as writer:
        writer.append("problems", problems_table([told], "imp-00001"))
    days = [day(1, 0, 0), day(5, 7, 7), day(9, 8, 8)]
    statements = [statement(5, 7), statement(9, 8, file_name="another")]
    assert booked(office, days, [], *statements) == [("chain_broken", "A 2024-01-09")]


def test_a_break_in_the_chain_is_told_but_no_fault_of_the_store(office: Path) -> None:
    days = [day(1, 0, 0), day(5, 7, 7), day(5, 0, 0, day_version=2, is_superseded=True), day(6, 7, 7)]
    assert booked(office, days, []) == [("chain_broken", "A 2024-01-05")]
    assert store.verify(office)[0].severity == "noted"


def test_a_statement_whose_closing_no_day_has(office: Path) -> None:
    noon = statement(3, 99, statement_id="noon")  # beside the whole day of the same import
    accepted = statement(4, 50, proof_code="unbalanced")
    statements = [
        statement(1, 0),
        statement(2, 8),
        noon,
        statement(3, 0),
        accepted,
        statement(5, 1, statement_status_code="held"),
    ]
    assert booked(office, [day(n, 0, 0) for n in (1, 2, 3, 4)], [], *statements) == [("statement_unproven", "S2")]
