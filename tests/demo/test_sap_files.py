"""Mirrors demo/sap_files.py and sap_lists.py: the lists add up to the commercial system's files and to the truth."""

from datetime import date
from pathlib import Path

from tests.demo.conftest import PROFILES, Tiny
from workbench.demo.sap_lists import Entry, sap_list
from workbench.intake.formats.sap_list import read

BOUNCED = "bounced_date is not null"


def test_customers_of_sap_owe_what_the_commercial_system_says(tiny: Tiny) -> None:
    ledger = tiny.one("ledger_entries", "sum(amount_centimes)", "customer_code is not null")
    billed = tiny.one("invoices", "sum(amount_ttc_centimes)", "cancelled_date is null")  # SAP never saw the others
    received = tiny.one("payments", "sum(amount_centimes)")
    credited = tiny.one("credit_notes", "coalesce(sum(amount_ttc_centimes), 0)")
    lost = tiny.one("write_offs", "coalesce(sum(amount_centimes), 0)")
    came_back = tiny.one("payments", "coalesce(sum(amount_centimes), 0)", BOUNCED)
    assert ledger == billed - received - credited - lost + came_back
    months = tiny.key["months"].values()
    truth = sum(m["billed_ttc"] - sum(m["receipts"].values()) - m["credited_ttc"] - m["written_off"] for m in months)
    assert ledger - came_back == truth


def test_each_month_and_directorate_has_its_list(tiny: Tiny) -> None:
    names = {path.name for path in tiny.inbox.glob("FBL5N_*")}
    assert names == {f"FBL5N_DR{d:02d}_2022{m:02d}.txt" for d in range(1, 11) for m in range(1, 7)}
    by_center = tiny.office["ledger_entries"].filter("customer_code is not null").project("center_code").distinct()
    assert {row[0][:3] for row in by_center.fetchall()} <= {f"C{d:02d}" for d in range(1, 11)}


def test_the_books_hold_the_bank_lines_but_not_the_fee_taken_twice(tiny: Tiny) -> None:
    ledger = tiny.one("ledger_entries", "sum(amount_centimes)", "account_code between '5141' and '51419999'")
    fee = tiny.key["faults"]["duplicate_fees"]
    assert len(fee) == 1
    foreign = "account_code in ('51410043', '51410044')"
    moved = sum(month["bank_movements"]["MAD"] for month in tiny.key["months"].values())
    treasury = tiny.one("ledger_entries", "sum(amount_centimes)", "account_code = '51430045'")
    in_dirhams = ledger - tiny.one("ledger_entries", "sum(amount_centimes)", foreign) + treasury
    assert in_dirhams == moved - fee[0]["amount_centimes"]


def test_a_list_of_two_pages_is_read_back_in_both_languages(tmp_path: Path) -> None:
    day = date(2022, 5, 3)
    entries = [
        Entry(
            "00000012", 1_800_000_000 + n, 2022, "DR", "01", day, day, (-1) ** n * (123_456_789 + n), f"F{n}", "C0111"
        )
        for n in range(75)
    ]
    for is_english in (False, True):
        path = tmp_path / "FBL5N_DR01_202205.txt"
        path.write_bytes(sap_list("FBL5N", entries, date(2022, 6, 1), is_english))
        found = read(path, PROFILES["sap_fbl5n"])
        assert found.problems == []
        rows = found.tables["ledger_entries"].to_pylist()
        assert [row["amount_centimes"] for row in rows] == [entry.amount for entry in entries]
        assert {row["extract_scope_code"] for row in rows} == {"postings"}  # the list tells no clearing
        assert rows[7]["document_number"] == "1800000007"
        assert (rows[7]["customer_code"], rows[7]["assignment"], rows[7]["center_code"]) == ("00000012", "F7", "C0111")
