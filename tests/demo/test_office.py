"""Mirrors demo/office.py: the same seed gives the same bytes anywhere, and the import finds what was planted and nothing else."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.demo.conftest import PROJECT, Tiny
from workbench import banking, store
from workbench.demo import make_office
from workbench.errors import WrongUse


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


def test_two_offices_are_never_mixed_and_the_same_one_is_written_again(tmp_path: Path) -> None:
    make_office(tmp_path, customers=60, months=1, seed=1)
    files = {path.name: path.read_bytes() for path in (tmp_path / "inbox").iterdir()}
    with pytest.raises(WrongUse, match="holds other files"):
        make_office(tmp_path, customers=60, months=2, seed=1)
    make_office(tmp_path, customers=60, months=1, seed=1)
    assert {path.name: path.read_bytes() for path in (tmp_path / "inbox").iterdir()} == files


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
    stands = "cancelled_date is null"
    assert tiny.one("invoices", "sum(amount_ttc_centimes)", stands) == sum(month["billed_ttc"] for month in months)
    assert tiny.one("invoices", "sum(amount_ht_centimes)", stands) == sum(month["billed_ht"] for month in months)
    assert tiny.one("invoices", "count(*)", stands) == sum(month["invoices"] for month in months)
    assert tiny.one("payments", "sum(amount_centimes)") == sum(sum(month["receipts"].values()) for month in months)
    assert tiny.one("credit_notes", "coalesce(sum(amount_ttc_centimes), 0)") == sum(m["credited_ttc"] for m in months)


def test_the_balances_of_the_store_are_those_of_the_truth(tiny: Tiny) -> None:
    """Of every account, whatever the format of its statements: the last closing booked is the closing of the truth."""
    days = banking.resolve(tiny.office["statement_days"], tiny.office["account_aliases"], tiny.office["bank_accounts"])
    last = days.sort_values("day_date").groupby("account_number")["closing_centimes"].last()
    assert len(last) == 45
    assert last.astype("int64").to_dict() == tiny.key["closings"]


def test_every_file_is_read_and_brings_what_it_holds(tiny: Tiny) -> None:
    rows = tiny.office["import_files"].project("file_name, profile_name, file_status_code, row_count").fetchall()
    assert {row[0] for row in rows} == {path.name for path in tiny.inbox.iterdir()}
    unbalanced = tiny.key["faults"]["statement_unbalanced"]["file"]
    assert [row[0] for row in rows if row[2] != "imported"] == [unbalanced]
    profiles = {row[1] for row in rows}
    assert {
        "cfonb120",
        "mt940",
        "camt",
        "multicash",
        "sap_fbl5n",
        "sap_fbl3n",
        "register_flows",
        "register_targets",
    } <= profiles
    moved = tiny.one("bank_transactions", "count(*)")
    refused = next(row["movements"] for row in tiny.report.statements if row["status"] == "refused")
    missing = sum(m["bank_lines"] for m in tiny.key["months"].values()) - moved - refused
    assert 0 < missing < 100  # those of the statement that never came


def test_nothing_but_the_demo_knows_the_answer_key() -> None:
    source = PROJECT / "src" / "workbench"
    named = {path.relative_to(source).parts[0] for path in source.rglob("*.py") if "answer_key" in path.read_text()}
    notebooks = [path.name for path in (PROJECT / "notebooks").rglob("*.ipynb") if "answer_key" in path.read_text()]
    assert (named, notebooks) == ({"demo"}, [])
