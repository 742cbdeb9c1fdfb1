"""Mirrors demo/small_office.py and demo/small_files.py: the same seed gives the same bytes, and the planted errors are found as planted."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from workbench import store
from workbench.demo import make_office
from workbench.identifiers import is_rib
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import import_files
from workbench.recovery import unallocated_receipts

PROJECT = Path(__file__).resolve().parents[2]


def digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(
        b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)
    ).hexdigest()


def test_the_same_seed_gives_the_same_bytes_in_any_place(tmp_path: Path) -> None:
    make_office(tmp_path / "a", customers=300, months=4, seed=7)
    code = "import sys; from pathlib import Path; from workbench.demo import make_office; make_office(Path(sys.argv[1]), customers=300, months=4, seed=7)"
    environment = {**os.environ, "PYTHONHASHSEED": "5", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "b")], check=True, env=environment)
    make_office(tmp_path / "c", customers=300, months=4, seed=8)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


def test_the_import_finds_the_planted_errors_and_no_other(tmp_path: Path) -> None:
    make_office(tmp_path, customers=600, months=6, seed=1)
    key = json.loads((tmp_path / "answer_key.json").read_text())
    report = import_files(
        tmp_path, sorted((tmp_path / "inbox").iterdir()), load_profiles(PROJECT / "data" / "profiles"), "test"
    )
    assert [row["file"] for row in report.statements if row["status"] != "booked"] == [key["statement_unbalanced"]]
    gaps = [p for p in report.problems if p.code == "days_missing"]
    assert len(gaps) == 2
    office = store.open_office(tmp_path)
    assert office.is_synthetic
    loose = unallocated_receipts(office["payments"], office["allocations"], as_of=date(2030, 1, 1))
    assert sorted("F" + number[1:] for number in loose["payment_id"]) == sorted(key["receipts_without_bill"])
    assert all(is_rib(row[0]) for row in office["bank_accounts"].project("account_number").fetchall())
    assert store.verify(tmp_path) == []


def test_the_bank_and_the_receipts_agree_where_nothing_is_planted(tmp_path: Path) -> None:
    make_office(tmp_path, customers=600, months=2, seed=1)
    import_files(
        tmp_path,
        sorted((tmp_path / "inbox").iterdir()),
        load_profiles(PROJECT / "data" / "profiles"),
        "test",
        accept_unbalanced="essai",
    )
    office = store.open_office(tmp_path)
    deposits = (
        office["bank_transactions"]
        .filter("label = 'VERSEMENT AGENCES' and booking_date < '2022-02-01'")
        .aggregate("sum(amount_centimes)")
    )
    receipts = office["payments"].filter("receipt_date < '2022-02-01'").aggregate("sum(amount_centimes)")
    assert deposits.fetchall() == receipts.fetchall()
