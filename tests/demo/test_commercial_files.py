"""Mirrors demo/commercial_files.py and delimited.py: what comes back is sent again, customers handed over have two periods."""

from datetime import date
from pathlib import Path

import numpy as np

from tests.demo.conftest import PROFILES
from workbench.demo.commercial_files import DISPUTE_LASTS, SalesFiles, write_customers
from workbench.demo.customers import Customers
from workbench.demo.delimited import amounts, coded, days, numbered
from workbench.demo.faults import Faults
from workbench.demo.places import CUT_OVERS
from workbench.demo.receipts import happenings
from workbench.intake.reading import read_file


def test_a_receipt_that_comes_back_after_its_month_is_sent_again_with_its_day(tmp_path: Path) -> None:
    office = Customers(4_000, 5, 1)
    sales = SalesFiles(tmp_path, office)
    truth: dict[str, date] = {}
    for month in happenings(office):
        sales.write(month, Faults(5).in_invoices(month.invoices, month.index), month.payments)
        if month.payments:
            rows = zip(month.payments["number"].tolist(), month.payments["bounced"].tolist(), strict=True)
            truth |= {f"R{number:012d}": day for number, day in rows if day is not None}
    sent: dict[str, list[date | None]] = {}
    for path in sorted(tmp_path.glob("SIC_REGLEMENTS_*")):
        found = read_file(path, PROFILES["commercial_payments"])
        assert found.problems == []
        for row in found.tables["payments"].to_pylist():
            sent.setdefault(row["payment_id"], []).append(row["bounced_date"])
    again = {number: found for number, found in sent.items() if len(found) > 1}
    assert len(again) > 3
    assert all(found[0] is None and found[1] == truth[number] for number, found in again.items())
    known = {number: day for number, day in truth.items() if day <= office.last_day}
    assert {number: found[-1] for number, found in sent.items() if found[-1]} == known


def test_credits_write_offs_and_disputes_are_read_back_as_drawn(tmp_path: Path) -> None:
    office = Customers(1_500, 22, 1)
    sales, drawn = SalesFiles(tmp_path, office), {"credits": 0, "write_offs": 0, "disputes": 0}
    for month in happenings(office):
        sales.write(month, Faults(22).in_invoices(month.invoices, month.index), month.payments)
        for name in drawn:
            rows = getattr(month, name)
            drawn[name] += (len(rows["day"]) if name == "disputes" else int(rows["ttc"].sum())) if rows else 0
    read = dict.fromkeys(drawn, 0)
    ended = 0
    for name, stem in (("credits", "AVOIRS"), ("write_offs", "NONVALEURS"), ("disputes", "LITIGES")):
        for path in sorted(tmp_path.glob(f"SIC_{stem}_*")):
            found = read_file(path, PROFILES[f"commercial_{name}"])
            assert found.problems == []
            (rows,) = (table.to_pylist() for table in found.tables.values())
            if name == "disputes":  # those that end are sent again with their day
                again = [row for row in rows if row["closed_date"]]
                ended += len(again)
                assert all((row["closed_date"] - row["opened_date"]).days == DISPUTE_LASTS for row in again)
                rows = [row for row in rows if not row["closed_date"]]
            column = {"credits": "amount_ttc_centimes", "write_offs": "amount_centimes"}.get(name)
            read[name] += sum(row[column] for row in rows) if column else len(rows)
    assert read == drawn
    assert 0 < ended < drawn["disputes"]
    assert min(drawn.values()) > 0


def test_customers_of_an_area_handed_over_have_two_periods_that_meet(tmp_path: Path) -> None:
    office = Customers(900, 36, 1)
    write_customers(tmp_path, office)
    found = read_file(tmp_path / "SIC_CLIENTS.csv", PROFILES["commercial_customers"])
    assert found.problems == []
    rows: dict[str, list[dict[str, object]]] = {}
    for row in found.tables["customers"].to_pylist():
        rows.setdefault(row["customer_code"], []).append(row)
    assert len(rows) == 900
    moved = [found for found in rows.values() if len(found) == 2]
    areas = [cut.agency for cut in CUT_OVERS]
    assert len(moved) == int(np.isin(office.center // 4, areas).sum()) > 10
    for before, after in moved:
        assert before["valid_to_date"].toordinal() + 1 == after["valid_from_date"].toordinal()  # type: ignore[attr-defined]
        is_board = before["segment_code"] == "utility_board"
        assert after["segment_code"] == ("regional_utility" if is_board else before["segment_code"])
        assert (after["center_code"] == before["center_code"]) == is_board


def test_cells_are_written_as_the_commercial_system_writes_them() -> None:
    assert amounts(np.array([0, 5, -5, 123456, -100])).to_pylist() == ["0,00", "0,05", "-0,05", "1234,56", "-1,00"]
    days_written = days(np.array(["2024-02-29", "NaT"], "datetime64[D]"))
    assert days_written.to_pylist() == ["29/02/2024", None]
    assert numbered("F", np.array([7]), 4).to_pylist() == ["F0007"]
    assert coded(np.array([1, 0]), ("a", "b")).to_pylist() == ["b", "a"]
