"""The plan of a small made-up office, made once: from its files to its log."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from workbench import cash, store
from workbench.cash import CashPlan
from workbench.cash.plan.plan_making import make_plan
from workbench.errors import Unanswerable, WrongUse
from workbench.frames import to_pandas
from workbench.pipeline import runs
from workbench.pipeline.cash_plan import PlanTables, currencies_of, plan_of, plan_tables_of
from workbench.pipeline.plan_log import log_plans
from workbench.schemas.tables import TABLES

AS_OF = date(2022, 11, 30)  # the office's books end in February 2023
MADE_AT = datetime(2024, 1, 2, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small office, whose log these tests write."""
    copy = tmp_path_factory.mktemp("plan") / "office"
    shutil.copytree(small_folder, copy)
    return copy


@pytest.fixture(scope="module")
def tables(folder: Path) -> PlanTables:
    return plan_tables_of(store.open_office(folder), AS_OF)


@pytest.fixture(scope="module")
def plan(folder: Path, tables: PlanTables) -> CashPlan:
    return plan_of(store.open_office(folder), AS_OF, tables=tables)


def test_a_plan_opens_with_the_balance_in_value_of_the_cash_page(plan: CashPlan, folder: Path) -> None:
    from workbench import banking

    office = store.open_office(folder)
    names = (office["account_aliases"], office["bank_accounts"])
    resolved = [banking.resolve(office[name], *names, lazy=True) for name in ("statement_days", "bank_transactions")]
    accounts = banking.describe(office["bank_accounts"], office["units"], as_of=AS_OF)
    page = cash.situation(
        *resolved, accounts, office["planned_flows"], office["typed_balances"], AS_OF, targets=office["targets"]
    )
    mad = page.by_account[page.by_account["currency_code"] == "MAD"]
    assert int(plan.opening["value_centimes"].sum()) == int(mad["value_centimes"].sum())
    assert int(plan.positions()["opening_centimes"].iloc[0]) == int(mad["value_centimes"].sum())
    assert plan.floor_centimes == page.floor_centimes()


def test_every_level_adds_up_at_every_date(plan: CashPlan) -> None:
    whole = plan.flows()["plan_centimes"].to_numpy(dtype=np.int64)
    for by in (
        ("account_number",),
        ("line_code",),
        ("directorate_code",),
        ("bank_code",),
        ("account_number", "line_code"),
    ):
        found = plan.flows(by=by).groupby("target_date")["plan_centimes"].sum().to_numpy(dtype=np.int64)
        np.testing.assert_array_equal(found, whole)
    assert int(plan.flows(period="month")["plan_centimes"].sum()) == int(whole.sum())


def test_only_what_had_happened_by_the_date_is_read(folder: Path, tables: PlanTables, plan: CashPlan) -> None:
    assert (tables.flows["flow_date"] <= "2022-11-30").all()
    assert (tables.expected is None) or (tables.expected["origin_date"] <= "2022-11-30").all()
    assert (plan.notes["flows"]["flow_date"] > "2022-11-30").all()


def test_a_plan_of_the_same_state_is_the_same(folder: Path, plan: CashPlan) -> None:
    again = plan_of(store.open_office(folder), AS_OF)
    assert again.plan_id == plan.plan_id
    np.testing.assert_array_equal(again.paths, plan.paths)


def test_with_the_receivables_off_the_plan_still_runs(folder: Path, tables: PlanTables) -> None:
    found = plan_of(store.open_office(folder), AS_OF, receivables=False, tables=tables)
    assert "receivables+calendar" not in set(found.series["model_name"])
    assert found.plan.any()


def test_the_thirteen_weeks_are_nearer_than_the_naive_ones(folder: Path, plan: CashPlan) -> None:
    actual = plan_tables_of(store.open_office(folder), date(2023, 2, 28), receivables=False).flows
    came = actual[
        (actual["currency_code"] == "MAD")
        & (actual["flow_date"] > "2022-11-30")
        & (actual["flow_date"] <= str(plan.daily_until))
    ]
    by_line = came.groupby("line_code")["amount_centimes"].sum()
    told = plan.flows(by=("line_code",), period="total").set_index("line_code")
    miss = (told["plan_centimes"] - by_line.reindex(told.index).fillna(0)).abs().sum()
    naive = (told["naive_mad"] * 100 - by_line.reindex(told.index).fillna(0)).abs().sum()
    assert miss < naive


def test_currencies_are_apart_and_one_that_nobody_holds_has_no_plan(folder: Path, tables: PlanTables) -> None:
    office = store.open_office(folder)
    assert currencies_of(tables)[0] == "MAD"
    for currency in currencies_of(tables)[1:]:
        found = plan_of(office, AS_OF, currency_code=currency, tables=tables)
        assert set(found.opening["account_number"]).isdisjoint(plan_accounts(office, "MAD"))
    with pytest.raises(Unanswerable, match="JPY"):
        plan_of(office, AS_OF, currency_code="JPY", tables=tables)


def plan_accounts(office: store.Office, currency: str) -> set[str]:
    rows = office["bank_accounts"].filter(f"currency_code = '{currency}'").project("account_number").fetchall()
    return {row[0] for row in rows}


def test_a_plan_is_logged_once_and_changes_nothing_that_a_plan_or_a_report_rests_on(
    folder: Path, plan: CashPlan
) -> None:
    before = store.open_office(folder)
    import_id, done = log_plans(folder, MADE_AT, "t", AS_OF, currencies=("MAD",))
    assert import_id is not None
    assert [(each.plan_id, each.is_new) for each in done] == [(plan.plan_id, True)]
    again_id, again = log_plans(folder, MADE_AT, "t", AS_OF, currencies=("MAD",))
    assert (again_id, again[0].is_new) == (None, False)
    after = store.open_office(folder)
    assert after.import_id != before.import_id
    assert after.data_import_id == before.data_import_id == before.import_id
    pinned = runs.pin_of(folder, reads_log=False)
    assert (pinned.import_id, dict(pinned.versions)) == (before.import_id, before.versions)
    assert runs.pin_of(folder).versions["forecasts"] > before.versions["forecasts"]
    assert not runs.pin_of(folder, before.import_id, reads_log=False).is_past
    rows = after["forecasts"].aggregate("count(*), count(distinct plan_id), bool_and(is_made_again)").fetchall()[0]
    assert rows[1:] == (1, True)
    assert store.verify(folder) == [] or all(problem.severity == "noted" for problem in store.verify(folder))


def test_a_plan_logged_before_its_accounts_were_has_them_added_and_keeps_its_rows(
    small_folder: Path, plan: CashPlan, tmp_path: Path
) -> None:
    office = tmp_path / "office"
    shutil.copytree(small_folder, office)
    late = [name for name in TABLES["forecasts"].columns if name.startswith("told_")]
    with store.writer(office, kind="forecast") as writer:
        writer.append("forecasts", cash.log_rows(plan, MADE_AT).drop_columns(late))
    old = to_pandas(store.open_office(office)["forecasts"])
    assert old[late].isna().all(axis=None)
    import_id, (told,) = log_plans(office, MADE_AT, "t", AS_OF, currencies=("MAD",))
    assert import_id is not None
    assert (told.plan_id, told.is_new) == (plan.plan_id, False)
    after = store.open_office(office)
    assert len(to_pandas(after["forecasts"])) == len(old)
    for name in ("account_forecasts", "position_forecasts"):
        assert set(to_pandas(after[name])["plan_id"]) == {plan.plan_id}
    assert log_plans(office, MADE_AT, "t", AS_OF, currencies=("MAD",))[0] is None


def test_a_real_forecast_of_nothing_is_a_plan_of_balances(tables: PlanTables) -> None:
    from workbench import cash
    from workbench.standards import load_bank_days

    found = make_plan(
        tables.flows.head(0), tables.known.__class__(tables.known.flows.head(0), tables.known.matched, tables.known.left_out.head(0)), None,
        tables.opening, tables.accounts, bank_days=load_bank_days(), as_of=AS_OF, lines=cash.load_lines(), overrides=tables.overrides.head(0),
    )  # fmt: skip
    assert found.series.empty
    assert not found.plan.any()


def test_plans_made_together_are_those_made_one_at_a_time_and_earlier_ones_end_with_their_weeks(folder: Path) -> None:
    last = date(2023, 1, 15)
    _, together = log_plans(folder, MADE_AT, "t", last, origins=3, currencies=("MAD",))
    office = store.open_office(folder)
    for told in together:
        alone = plan_of(office, told.as_of, twelve_months=told.as_of == last)
        assert alone.plan_id == told.plan_id
        assert (alone.days[-1].date() == alone.daily_until) == (told.as_of < last)
        rows = cash.log_rows(alone, MADE_AT, is_made_again=True).to_pandas()
        logged = to_pandas(office["forecasts"].filter(f"plan_id = '{told.plan_id}'"))
        order = ["period_code", "line_code", "target_date"]
        for name in ("median_mad", "q10_mad", "q975_mad", "naive_mad"):
            ours, theirs = (table.sort_values(order)[name].to_numpy(float) for table in (rows, logged))
            np.testing.assert_array_equal(ours, theirs)
    assert [each.as_of for each in together] == [date(2023, 1, 1), date(2023, 1, 8), last]


def test_the_command_makes_logs_and_says_what_was_refused(folder: Path) -> None:
    from typer.testing import CliRunner

    from workbench.cli import app

    asked = [
        "plan",
        "--office",
        str(folder),
        "--as-of",
        "2022-12-30",
        "--currency",
        "MAD",
        "--no-receivables",
        "--lang",
        "en",
    ]
    first = CliRunner().invoke(app, [*asked, "--json"])
    told = json.loads(first.stdout)
    refused = [problem for problem in told["plans"][0]["problems"] if problem["severity"] == "refused"]
    assert first.exit_code == (3 if refused else 0)
    assert told["plans"][0]["is_new"] is True
    assert told["plans"][0]["as_of"] == "2022-12-30"
    again = CliRunner().invoke(app, asked)
    assert f"Plan {told['plans'][0]['plan_id']} as of 2022-12-30 (MAD): logged already" in again.stdout
    wrong = CliRunner().invoke(app, ["plan", "--office", str(folder), "--as-of", "hier"])
    assert isinstance(wrong.exception, WrongUse)
