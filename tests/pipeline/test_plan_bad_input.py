"""Bad input, end to end: each is told (what, where, remedy, in both languages), and the plan is made where it can be."""

import getpass
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from tests.pipeline.changed_office import ChangedOffice, read, typed, with_row
from workbench import store
from workbench.cash import CashPlan
from workbench.cli import app
from workbench.demo.registers import workbook
from workbench.errors import OutsideSpan
from workbench.intake.profiles import load_profiles
from workbench.pipeline.cash_plan import plan_of
from workbench.pipeline.flow_history import classified_lines
from workbench.pipeline.importing import import_files
from workbench.pipeline.plan_log import log_plans
from workbench.pipeline.project import find_project
from workbench.schemas.checking import Problem
from workbench.standards import load_bank_days

AS_OF = date(2022, 11, 30)
ENTERED = datetime(2022, 11, 30, tzinfo=UTC)
Tables = Mapping[str, pa.Table]
Change = Callable[[Any], Tables]


def plan_with(office: store.Office, tables: Tables, currency: str = "MAD") -> CashPlan:
    return plan_of(ChangedOffice(office, tables), AS_OF, receivables=False, currency_code=currency, paths=20)


@pytest.fixture(scope="module")
def plain(small_office: store.Office) -> CashPlan:
    return plan_with(small_office, {})


def central(office: Any) -> str:
    rows = office["bank_accounts"].filter("role_code = 'central'").order("account_number").project("account_number")
    return str(rows.fetchall()[0][0])


def receipts(office: Any) -> list[int]:
    """Places of three lines that are receipts of two months before the plan."""
    lines, told = read(office, "bank_transactions"), classified_lines(office, AS_OF)
    chosen = told[(told["line_code"] == "receipts_bulk") & (told["amount_centimes"] > 0)]
    chosen = chosen[chosen["day_date"].between("2022-10-01", "2022-10-31")].drop_duplicates("reference").head(3)
    known = lines[~lines["is_superseded"]].drop_duplicates("reference").reset_index().set_index("reference")["index"]
    return [int(place) for place in known[chosen["reference"]]]


def line_with(office: Any, place: int, **changes: Any) -> Tables:
    lines = read(office, "bank_transactions")
    for name, value in changes.items():
        lines.loc[place, name] = value
    return {"bank_transactions": typed(lines, "bank_transactions")}


def override(office: Any, **changes: Any) -> Tables:
    row = {
        "override_id": "-".join(map(str, changes.values())), "entered_by": "t", "entered_at": ENTERED, "line_code": "suppliers", "account_number": central(office),
        "target_date": date(2022, 12, 20), "amount_centimes": -100, "currency_code": "MAD", "note": "n",
    }  # fmt: skip
    return {"overrides": with_row(office, "overrides", **{**row, **changes})}


def on_closed_account(office: Any) -> Tables:
    accounts = read(office, "bank_accounts")
    number = accounts.loc[accounts["role_code"] == "receipts", "account_number"].iloc[-1]
    accounts.loc[accounts["account_number"] == number, "closed_date"] = date(2022, 10, 1)
    return {**override(office, account_number=number), "bank_accounts": typed(accounts, "bank_accounts")}


def calendar_of_unknown_line(office: Any) -> Tables:
    row = {
        "obligation_id": "X", "line_code": "salaires", "due_date": date(2022, 12, 20), "account_number": central(office),
        "amount_centimes": -100_000, "currency_code": "MAD", "issued_date": date(2022, 11, 1),
    }  # fmt: skip
    return {"payment_calendar": with_row(office, "payment_calendar", **row)}


def budget_of_unknown_line(office: Any) -> Tables:
    row = {
        "line_code": "salaires",
        "month_date": date(2022, 12, 1),
        "budget_centimes": -100_000,
        "currency_code": "MAD",
    }
    return {"budgets": with_row(office, "budgets", **row)}


def instalment_in(currency: str, loan: str) -> Change:
    def changed(office: Any) -> Tables:
        row = {
            "loan_id": loan, "lender": "L", "due_date": date(2022, 12, 20), "principal_centimes": 100, "interest_centimes": 1,
            "account_number": central(office), "currency_code": currency, "signed_date": date(2015, 1, 1),
        }  # fmt: skip
        return {"loans": with_row(office, "loans", **row)}

    return changed


def promise_in_yen(office: Any) -> Tables:
    row = {"plan_id": "X", "customer_code": "c", "due_date": date(2022, 12, 20), "amount_centimes": 100, "currency_code": "JPY"}  # fmt: skip
    return {"payment_plans": with_row(office, "payment_plans", **row, signed_date=date(2022, 11, 1))}


def supplier_without_due_date(office: Any) -> Tables:
    row = {
        "company_code": "1", "fiscal_year": 2022, "document_number": "9", "document_line": "1", "supplier_code": "S",
        "posting_date": date(2022, 11, 1), "amount_centimes": -100, "currency_code": "MAD", "extract_date": date(2022, 11, 2),
        "extract_scope_code": "all_items",
    }  # fmt: skip
    return {"suppliers_due": with_row(office, "suppliers_due", **row)}


def fund_without_maturity(office: Any) -> Tables:
    row = {
        "placement_id": "X", "instrument_code": "mutual_fund", "counterparty": "C", "account_number": central(office),
        "start_date": date(2022, 10, 3), "principal_centimes": 10**8, "currency_code": "MAD",
    }  # fmt: skip
    return {"placements": with_row(office, "placements", **row)}


def without_september(office: Any) -> Tables:
    """The busiest account has no statement of September."""
    lines, days = read(office, "bank_transactions"), read(office, "statement_days")
    name = str(lines["account_identifier"].value_counts().index[0])

    def kept(table: pd.DataFrame) -> pd.DataFrame:
        inside = (table["day_date"] >= date(2022, 9, 1)) & (table["day_date"] <= date(2022, 9, 30))
        return table[~(inside & (table["account_identifier"] == name))]

    return {
        "bank_transactions": typed(kept(lines), "bank_transactions"),
        "statement_days": typed(kept(days), "statement_days"),
    }


# What is wrong → the problem's code, and a part of what is said in English and in French.
TOLD: list[tuple[str, Change, str, str, str]] = [
    ("value date of 2005", lambda o: line_with(o, receipts(o)[0], value_date=date(2005, 1, 3)), "value_date_misread", "Counted on the day they were booked", "Comptées le jour"),
    ("value date of 2012", lambda o: line_with(o, receipts(o)[1], value_date=date(2012, 1, 3)), "value_date_misread", "in value over a year before they were booked", "plus d’un an avant"),
    ("value date of 2099", lambda o: line_with(o, receipts(o)[2], value_date=date(2099, 1, 2)), "value_date_beyond_plan", "value 02/01/2099. On no day of the plan", "Dans aucun jour"),
    ("no statement for a month", without_september, "history_gap", "between 31/08/2022 and 01/10/2022 and no line says why", "sans qu’aucune ligne le dise"),
    ("override, unknown account", lambda o: override(o, account_number="999"), "override_account_unknown", "account 999", "compte 999"),
    ("override, closed account", on_closed_account, "override_account_closed", "closed on 20/12/2022 or before", "fermé le"),
    ("override, unknown line", lambda o: override(o, line_code="salaires"), "override_line_unknown", "line salaires", "ligne salaires"),
    ("override, other currency", lambda o: override(o, currency_code="EUR"), "override_currency", "is in EUR", "est en EUR"),
    ("override, no such currency", lambda o: override(o, currency_code="JPY", account_number="998"), "override_currency_unheld", "in JPY", "en JPY"),
    ("override of the past", lambda o: override(o, target_date=date(2021, 12, 20)), "override_past", "before the day it was typed (30/11/2022)", "avant le jour de sa saisie"),
    ("override beyond", lambda o: override(o, target_date=date(2035, 1, 2)), "override_beyond", "the plan ends on 30/11/2023", "le plan s’arrête"),
    ("calendar, unknown line", calendar_of_unknown_line, "line_unknown", "line salaires, which there is not. Counted as unclassified", "Comptés parmi les flux non classés"),
    ("budget, unknown line", budget_of_unknown_line, "budget_line_unknown", "nothing can be compared", "rien ne peut leur être comparé"),
    ("promise in yen", promise_in_yen, "currency_unheld", "known flow(s) in JPY", "flux connu(s) en JPY"),
]  # fmt: skip
# Known flows that cannot be placed: a row of the notes says which and why.
LEFT_OUT: list[tuple[str, Change, str, str]] = [
    ("supplier without a due date", supplier_without_due_date, "date_missing", "supplier/1/2022/9/1"),
    ("fund without a maturity", fund_without_maturity, "date_missing", "placement/X"),
    ("instalment in euros on an account in dirhams", instalment_in("EUR", "E"), "currency_differs", "loan/E/2022-12-20"),
    ("instalment in yen on an account in dirhams", instalment_in("JPY", "J"), "currency_differs", "loan/J/2022-12-20"),
]  # fmt: skip


@pytest.fixture(scope="module")
def worst(small_office: store.Office) -> CashPlan:
    """The plan of an office of which all of this is wrong at once."""
    office: Any = small_office
    for change in [*(row[1] for row in TOLD), *(row[1] for row in LEFT_OUT)]:
        office = ChangedOffice(office, change(office))
    return plan_of(office, AS_OF, receivables=False, paths=20)


def said_of(plan: CashPlan) -> list[Problem]:
    return [*plan.notes["problems"], *plan.notes["told"]]


@pytest.mark.parametrize(("code", "en", "fr"), [row[2:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_what_is_wrong_is_told(worst: CashPlan, plain: CashPlan, code: str, en: str, fr: str) -> None:
    found = [each for each in said_of(worst) if each.code == code and en in each.message("en")]
    assert found
    assert not any(en in each.message("en") for each in said_of(plain))
    for problem in found:
        assert problem.severity == ("refused" if code.startswith("override") else "warning")
        assert fr in problem.message("fr")
        assert problem.remedy("en")
        assert problem.remedy("fr")
        assert problem.where or problem.row_key


@pytest.mark.parametrize(("code", "flow"), [row[2:] for row in LEFT_OUT], ids=[row[0] for row in LEFT_OUT])
def test_what_cannot_be_placed_is_among_the_flows_left_out(worst: CashPlan, code: str, flow: str) -> None:
    assert worst.notes["unplaced"].set_index("flow_id")["left_out_code"][flow] == code


def test_with_all_of_it_the_plan_is_made_and_no_override_counts(worst: CashPlan) -> None:
    assert_sound(worst)
    assert not worst.override.any()
    assert sum(each.severity == "refused" for each in said_of(worst)) == 7


def assert_sound(plan: CashPlan) -> None:
    """A whole plan: finite, and adding up."""
    assert len(plan.days) > 200
    assert np.isfinite(plan.paths).all()
    assert plan.plan.any()
    np.testing.assert_array_equal(plan.plan, plan.known + plan.estimated + plan.override)


def test_misread_value_dates_and_a_month_without_statements_hardly_change_what_is_expected(
    worst: CashPlan, plain: CashPlan
) -> None:
    assert worst.series["line_code"].nunique() == plain.series["line_code"].nunique()
    for line in ("receipts_bulk", "suppliers", "payroll"):
        one, other = (
            int(np.abs(plan.estimated[:, (plan.series["line_code"] == line).to_numpy()]).sum())
            for plan in (worst, plain)
        )
        assert abs(one - other) < 0.05 * other


def test_an_amount_of_another_world_is_brought_down_and_told(small_office: store.Office, plain: CashPlan) -> None:
    plan = plan_with(small_office, line_with(small_office, receipts(small_office)[0], amount_centimes=10**12))
    notes = plan.notes["panel_notes"]
    assert notes.loc[notes["note_code"] == "giant_brought_down", "series"].tolist() == ["receipts_bulk"]
    (told,) = [each for each in plan.notes["told"] if each.code == "history_giant"]
    assert "receipts_bulk" in told.message("en")
    assert "10 000 002 099,34" in told.message("fr").replace("\u202f", " ").replace("\xa0", " ")
    assert not any(each.code == "history_giant" for each in plain.notes["told"])
    for line in ("receipts_bulk", "receipts_counters", "suppliers"):
        one, other = (
            each.estimated[:, (each.series["line_code"] == line).to_numpy()].sum(axis=0) for each in (plan, plain)
        )
        assert np.abs(one - other).sum() < 0.1 * np.abs(other).sum()  # no account of any line, not only the total


SHORT: list[tuple[str, Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]]] = [
    ("three days of history", lambda lines, days: tuple(t[t["day_date"] >= date(2022, 11, 28)] for t in (lines, days))),  # type: ignore[return-value]
    ("lines of nothing", lambda lines, days: (lines.assign(amount_centimes=0), days)),
    ("balances without lines", lambda lines, days: (lines.head(0), days)),
    ("no statement at all", lambda lines, days: (lines.head(0), days.head(0))),
]


@pytest.mark.parametrize("change", [row[1] for row in SHORT], ids=[row[0] for row in SHORT])
def test_little_or_no_history_gives_a_plan_of_simple_models(small_office: store.Office, change: Any) -> None:
    lines, days = change(read(small_office, "bank_transactions"), read(small_office, "statement_days"))
    tables = {
        "bank_transactions": typed(lines, "bank_transactions"),
        "statement_days": typed(days, "statement_days"),
    }
    plan = plan_with(small_office, tables)
    assert_sound(plan)
    assert not {"won", "naive_holds"} & set(plan.series["reason_code"])


def test_an_account_opened_last_week_is_in_the_plan_and_told(small_office: store.Office) -> None:
    accounts = read(small_office, "bank_accounts")
    row = accounts[accounts["role_code"] == "receipts"].iloc[:1]
    row = row.assign(account_number="NEW", account_label="Nouveau", opened_date=date(2022, 11, 24))
    plan = plan_with(
        small_office, {"bank_accounts": typed(pd.concat([accounts, row], ignore_index=True), "bank_accounts")}
    )
    told = plan.notes["accounts"]
    assert set(told.loc[told["account_number"] == "NEW", "note_code"]) == {"new", "missing"}
    assert plan.opening.set_index("account_number")["value_centimes"].isna()["NEW"]


def test_a_placement_that_comes_back_is_not_taken_to_be_renewed_and_that_is_said(plain: CashPlan) -> None:
    (note,) = [each for each in plain.notes["told"] if each.code == "maturities_not_renewed"]
    assert note.severity == "noted"
    assert "a renewal is a decision" in note.message("en")
    placed = plain.known[:, (plain.series["line_code"] == "placements").to_numpy()]
    assert int(placed.sum()) > 0


@pytest.mark.parametrize(
    ("as_of", "years"), [(date(2030, 3, 1), "2031"), (date(2031, 5, 1), "2031, 2032")], ids=["inside", "after"]
)
def test_a_holiday_table_that_ends_inside_the_horizon_is_refused_with_what_to_add(
    small_office: store.Office, as_of: date, years: str
) -> None:
    with pytest.raises(OutsideSpan) as caught:
        plan_of(small_office, as_of, receivables=False)
    assert f"add the closed days of {years}" in str(caught.value)
    assert f"ajoutez les jours de fermeture de {years}" in caught.value.said("fr")
    assert "bank_days.csv" in caught.value.where


def test_a_shorter_holiday_table_is_refused_too(small_office: store.Office) -> None:
    days = load_bank_days()
    short = replace(days, closed=tuple(row for row in days.closed if row.day.year < 2023))
    with pytest.raises(OutsideSpan, match="add the closed days of 2023"):
        plan_of(small_office, AS_OF, receivables=False, bank_days=short)


@pytest.fixture(scope="module")
def folder(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copied: Path = tmp_path_factory.mktemp("bad") / "office"
    shutil.copytree(small_folder, copied)
    return copied


def asked(folder: Path, *more: str) -> Any:
    given = ["plan", "--office", str(folder), "--as-of", "2022-11-30", "--currency", "MAD", "--no-receivables"]
    return CliRunner().invoke(app, [*given, *more])


def test_files_with_bad_rows_are_imported_and_the_command_says_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    rib = central(store.open_office(folder))
    header: tuple[str, ...] = (
        "N°",
        "Saisi par",
        "Saisi le",
        "Ligne",
        "RIB",
        "Jour",
        "Montant",
        "Devise",
        "Motif",
    )
    day, other = date(2022, 11, 30), "007780000002110000004178"
    rows = [
        ("F1", "tresorerie.fictive", day, "salaires", rib, date(2022, 12, 20), -1.0, "MAD", "fictif"),
        ("F2", "tresorerie.fictive", day, "suppliers", rib, date(2021, 12, 20), -1.0, "MAD", "fictif"),
        ("F3", "tresorerie.fictive", day, "suppliers", rib, date(2022, 12, 20), -1.0, "EUR", "fictif"),
    ]
    assert other != rib
    workbook(tmp_path / "REGISTRE_AJUSTEMENTS.xlsx", header, rows)
    header = (
        "N°",
        "Ligne",
        "Échéance",
        "RIB",
        "Montant",
        "Devise",
        "Connu le",
        "Payé le",
        "Bénéficiaire",
        "Jour fermé",
    )
    calendar = [("CAL-X", "salaires", date(2022, 12, 20), rib, -1000.0, "MAD", day, None, None, "SUIVANT")]
    workbook(tmp_path / "REGISTRE_CALENDRIER.xlsx", header, calendar)
    import_files(folder, sorted(tmp_path.iterdir()), load_profiles(find_project().profiles), getpass.getuser())
    french, english = asked(folder), asked(folder, "--lang", "en", "--json")
    assert french.exit_code == english.exit_code == 3
    said = french.output + french.stderr
    assert "L’ajustement F1 vise la ligne salaires, qui n’existe pas." in said
    assert "Comptés parmi les flux non classés" in said
    told = [each["message"] for each in json.loads(english.stdout)["plans"][0]["problems"]]
    for part in ("F1 is of line salaires", "F2 is of 20/12/2021", "F3 is in EUR", "Counted as unclassified"):
        assert any(part in each for each in told), part


def test_a_statement_imported_twice_changes_no_plan(folder: Path) -> None:
    before = plan_of(store.open_office(folder), AS_OF, receivables=False, paths=20)
    files = sorted(path for path in (folder / "inbox").rglob("*") if path.suffix in (".xml", ".sta", ".940", ".txt"))
    import_files(folder, files[:4], load_profiles(find_project().profiles), getpass.getuser())
    after = plan_of(store.open_office(folder), AS_OF, receivables=False, paths=20)
    np.testing.assert_array_equal(before.plan, after.plan)


def test_a_statement_of_next_year_does_not_move_the_plan_there(folder: Path) -> None:
    made_at = datetime(2023, 1, 31, tzinfo=UTC)  # before the last statements of the office
    _, (done,) = log_plans(folder, made_at, "t", receivables=False, currencies=("MAD",))
    assert made_at.date() - timedelta(days=4) <= done.as_of <= made_at.date()
    problems: list[Problem] = [each for each in done.problems if each.code == "booked_ahead"]
    assert "up to 28/02/2023" in problems[0].message("en")
