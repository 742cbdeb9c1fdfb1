"""Mirrors demo/office.py: the same seed gives the same bytes anywhere, and the import finds what was planted and nothing else."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.demo.conftest import Tiny
from workbench import store
from workbench.demo import make_office


def digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(
        b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)
    ).hexdigest()


def test_the_same_seed_gives_the_same_bytes_in_any_place(tmp_path: Path) -> None:
    make_office(tmp_path / "a", customers=100, months=2, seed=7)
    code = "import sys; from pathlib import Path; from workbench.demo import make_office; make_office(Path(sys.argv[1]), customers=100, months=2, seed=7)"
    environment = {**os.environ, "PYTHONHASHSEED": "5", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "b")], check=True, env=environment)
    make_office(tmp_path / "c", customers=100, months=2, seed=8)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


def test_the_import_refuses_the_unbalanced_statement_and_nothing_else(tiny: Tiny) -> None:
    refused = [row["file"] for row in tiny.report.statements if row["status"] != "booked"]
    assert refused == [tiny.key["faults"]["statement_unbalanced"]["file"]]
    assert tiny.report.exit_code == 3
    told = Counter((problem.code, problem.severity) for problem in tiny.report.problems)
    # The month refused and the month missing leave a gap each, seen when the next statement opens.
    assert told == {("statement_unbalanced", "refused"): 1, ("days_missing", "warning"): 2}
    assert store.verify(tiny.folder) == []
    assert tiny.office.is_synthetic


def test_the_missing_statement_is_no_file(tiny: Tiny) -> None:
    missing = tiny.key["faults"]["statement_missing"]["file"]
    assert not (tiny.inbox / missing).exists()
    assert len(list(tiny.inbox.glob(f"{missing[:-10]}*"))) == 5


def test_bills_and_receipts_of_the_store_are_those_of_the_truth(tiny: Tiny) -> None:
    months = tiny.key["months"].values()
    assert tiny.one("invoices", "sum(amount_ttc_centimes)") == sum(month["billed_ttc"] for month in months)
    assert tiny.one("invoices", "sum(amount_ht_centimes)") == sum(month["billed_ht"] for month in months)
    assert tiny.one("invoices", "count(*)") == sum(month["invoices"] for month in months)
    assert tiny.one("payments", "sum(amount_centimes)") == sum(sum(month["receipts"].values()) for month in months)
    assert tiny.one("credit_notes", "coalesce(sum(amount_ttc_centimes), 0)") == sum(m["credited_ttc"] for m in months)


def test_the_balances_of_the_store_are_those_of_the_truth(tiny: Tiny) -> None:
    """Of every account read directly by its RIB; the closing printed by the bank is the closing of the truth."""
    rows = tiny.office["statement_days"].filter("not is_superseded and day_date = '2022-06-30'").fetchall()
    names = tiny.office["statement_days"].columns
    found = {row[names.index("account_identifier")]: row[names.index("closing_centimes")] for row in rows}
    known = {number: amount for number, amount in tiny.key["closings"].items() if number in found}
    assert len(known) >= 10
    assert {number: found[number] for number in known} == known
