"""Mirrors pipeline/plan_doubts.py: what the command says of the books that a plan rests on, and what it refuses to log."""

import getpass
import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.pipeline.changed_office import ChangedOffice, read, typed
from workbench import store
from workbench.cli import app
from workbench.demo.registers import workbook
from workbench.errors import Unanswerable
from workbench.frames import to_pandas
from workbench.intake.profiles import load_profiles
from workbench.pipeline.cash_plan import plan_of
from workbench.pipeline.importing import import_files
from workbench.pipeline.plan_doubts import of_booked_ahead, of_old_books, refuse_beyond_books
from workbench.pipeline.plan_log import log_plans
from workbench.pipeline.project import find_project
from workbench.schemas.checking import Problem
from workbench.standards import load_bank_days

NEWEST = date(2023, 2, 28)  # the last day of the small office, a Tuesday
NOW = datetime(2023, 3, 1, 6, 0, tzinfo=UTC)
LAST_LOGGED = date(2023, 3, 14)  # ten bank days later
HEADER: tuple[str, ...] = (
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


@pytest.fixture(scope="module")
def folder(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copied: Path = tmp_path_factory.mktemp("doubts") / "office"
    shutil.copytree(small_folder, copied)
    return copied


def codes(problems: Any) -> list[str]:
    return [each.code for each in problems]


def test_a_plan_long_after_the_last_statement_is_refused_and_nothing_is_logged(folder: Path) -> None:
    before = store.open_office(folder).import_id
    for day in (LAST_LOGGED + timedelta(days=1), date(2026, 3, 2)):
        with pytest.raises(Unanswerable, match="over 10 bank days after 2023-02-28") as caught:
            log_plans(folder, NOW, "t", day, receivables=False, currencies=("MAD",))
        assert "jours de banque" in caught.value.said("fr")
        assert "importez" in caught.value.said("fr")
    assert store.open_office(folder).import_id == before
    bank_days = load_bank_days()
    for fine in (date(2022, 1, 3), NEWEST, LAST_LOGGED):
        refuse_beyond_books(NEWEST, fine, bank_days)


def test_books_older_than_a_statement_may_be_are_told_on_the_day_asked_for(small_office: store.Office) -> None:
    bank_days = load_bank_days()

    def old(as_of: date, today: date | None = None) -> list[Problem]:
        return of_old_books(small_office, as_of, today, bank_days)

    assert bank_days.add(NEWEST, 3) == date(2023, 3, 3)
    assert old(date(2023, 3, 3)) == []
    assert old(NEWEST, date(2023, 3, 3)) == []
    (ahead,) = old(date(2023, 3, 6))
    (left,) = old(NEWEST, date(2025, 6, 2))
    assert "28/02/2023, over 3 bank days before 06/03/2023: the plan of 06/03/2023" in ahead.message("en")
    assert "before 02/06/2025: the plan of 28/02/2023" in left.message("en")
    assert (left.severity, left.code) == ("warning", "books_old")
    assert old(date(2022, 11, 30)) == []  # books of that time, however old today
    assert old(date(2000, 1, 3)) == []  # nothing at all: the plan says so


def test_statements_of_days_to_come_are_told() -> None:
    assert of_booked_ahead(NEWEST, NEWEST, NEWEST) == []
    (told,) = of_booked_ahead(date(2032, 2, 28), NEWEST, NEWEST)
    assert "28/02/2032" in told.message("fr")


def test_a_plan_of_a_date_that_books_do_not_reach_is_logged_with_its_warning(folder: Path) -> None:
    _, (told,) = log_plans(folder, NOW, "t", date(2023, 3, 8), receivables=False, currencies=("MAD",))
    assert "books_old" in codes(told.problems)


def test_the_command_says_that_the_newest_statement_is_old(folder: Path) -> None:
    asked = ["plan", "--office", str(folder), "--currency", "MAD", "--no-receivables", "--lang", "en"]
    shown = CliRunner().invoke(app, asked)
    assert "The newest statement is of 28/02/2023" in shown.stderr


def test_named_currencies_pass_early_dates_over_as_all_of_them_do(folder: Path) -> None:
    early = date(2021, 3, 8)  # the first loan is due on 15 March 2022, a year later: nothing is known of it in February
    made = {
        chosen: [
            (each.as_of, each.currency_code)
            for each in log_plans(folder, NOW, "t", early, origins=3, receivables=False, currencies=chosen)[1]
        ]
        for chosen in ((), ("MAD",))
    }
    assert made["MAD",] == [each for each in made[()] if each[1] == "MAD"]
    assert (early, "MAD") in made["MAD",]
    assert early - timedelta(days=14) not in dict(made["MAD",])
    with pytest.raises(Unanswerable, match="no account in JPY"):
        log_plans(folder, NOW, "t", early, origins=2, receivables=False, currencies=("JPY",))


def imported(folder: Path, where: Path, rows: list[tuple[Any, ...]]) -> None:
    where.mkdir(exist_ok=True)
    workbook(where / "REGISTRE_AJUSTEMENTS.xlsx", HEADER, rows)
    import_files(folder, sorted(where.iterdir()), load_profiles(find_project().profiles), getpass.getuser())


def test_a_register_of_overrides_that_was_refused_is_told_until_it_comes_in(folder: Path, tmp_path: Path) -> None:
    office = store.open_office(folder)
    rib = office["bank_accounts"].filter("role_code = 'central'").order("account_number").project("account_number")
    number = str(rib.fetchall()[0][0])
    entered, target = date(2023, 2, 28), date(2023, 3, 20)
    good = [("O1", "tresorerie.fictive", entered, "suppliers", number, target, -1.0, "MAD", "fictif")]
    bad = [("O2", "tresorerie.fictive", entered, "suppliers", number, "hier", -1.0, "MAD", "fictif")]
    asked = ["plan", "--office", str(folder), "--currency", "MAD", "--no-receivables", "--as-of", "2023-02-28"]
    assert "REGISTRE_AJUSTEMENTS" not in CliRunner().invoke(app, asked).stderr
    imported(folder, tmp_path / "bad", [*good, *bad])
    assert to_pandas(store.open_office(folder)["overrides"]).query("override_id == 'O1'").empty
    shown, told = CliRunner().invoke(app, asked), CliRunner().invoke(app, [*asked, "--lang", "en", "--json"])
    assert shown.exit_code == told.exit_code == 3
    assert "REGISTRE_AJUSTEMENTS.xlsx, 1 ligne(s) en défaut" in shown.stderr
    messages = [each["message"] for each in json.loads(told.stdout)["plans"][0]["problems"]]
    assert any("1 row(s) at fault. Nothing typed in it is in this plan" in each for each in messages)
    imported(folder, tmp_path / "good", good)
    after = CliRunner().invoke(app, asked)
    assert "Plan plan-" in after.stdout
    assert "REGISTRE_AJUSTEMENTS" not in after.stderr


def test_an_override_is_withdrawn_by_its_number_with_the_amount_0(folder: Path, tmp_path: Path) -> None:
    office = store.open_office(folder)
    rib = office["bank_accounts"].filter("role_code = 'central'").order("account_number").project("account_number")
    number = str(rib.fetchall()[0][0])

    def added(where: str, amount: float) -> int:
        row = ("W1", "tresorerie.fictive", NEWEST, "suppliers", number, date(2023, 3, 21), amount, "MAD", "fictif")
        imported(folder, tmp_path / where, [row])
        plan = plan_of(store.open_office(folder), NEWEST, receivables=False, paths=20)
        return int(plan.override[:, (plan.series["line_code"] == "suppliers").to_numpy()].sum())

    before = added("typed", -7.0)
    assert added("withdrawn", 0.0) == before + 700


def test_debts_of_a_closed_account_are_told_with_their_amount(small_office: store.Office) -> None:
    as_of = date(2022, 11, 30)
    loans, accounts = read(small_office, "loans"), read(small_office, "bank_accounts")
    number = str(accounts.loc[accounts["role_code"] == "receipts", "account_number"].iloc[-1])
    accounts.loc[accounts["account_number"] == number, "closed_date"] = date(2022, 10, 1)
    one = loans.iloc[[0]].assign(
        loan_id="X", account_number=number, currency_code="MAD", due_date=date(2022, 12, 20), signed_date=date(2015, 1, 1),
        principal_centimes=1_000_000, interest_centimes=23_456, paid_date=None,
    )  # fmt: skip
    tables = {"loans": typed(one, "loans"), "bank_accounts": typed(accounts, "bank_accounts")}
    plan = plan_of(ChangedOffice(small_office, tables), as_of, receivables=False, paths=20)
    (told,) = [each for each in plan.notes["told"] if each.code == "account_closed_flows"]
    assert number in told.message("en")
    assert "1 known flow(s) (−10,234.56\xa0MAD)" in told.message("en")
    assert "1 flux connu(s) (−10\u202f234,56" in told.message("fr")
    assert "20/12/2022" in told.message("en")
    assert (told.severity, told.table_name) == ("warning", "loans")
