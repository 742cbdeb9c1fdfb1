"""An office one of whose accounts stopped telling: the plans made since are judged on the others, and the page names it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.pipeline.changed_office import ChangedOffice
from workbench import cash, store
from workbench.cash.plan.plan_page import TRUST_TABLES
from workbench.pipeline.cash_outlook import outlook_of
from workbench.pipeline.cash_plan import plan_of, plan_tables_of
from workbench.reporting.words import has, say
from workbench.schemas.tables import TABLES

AS_OF = date(2022, 12, 30)
STOPPED = date(2022, 9, 30)
MADE_AT = datetime(2023, 1, 2, tzinfo=UTC)
WEEKS_BACK = (8, 7, 6, 5)
TOLD_OF = ("statement_days", "bank_transactions", "statements")


def told_until(office: Any, account: str, last: date) -> dict[str, pa.Table]:
    """The tables of statements without what came of an account after a day."""
    dates = {"statement_days": "day_date", "bank_transactions": "day_date", "statements": "closing_date"}
    names = office["account_aliases"].filter(f"account_number = '{account}'").project("account_identifier").fetchall()
    quoted = ", ".join(f"'{name}'" for name in {account, *(row[0] for row in names)})
    return {
        name: office[name].filter(f"NOT (account_identifier IN ({quoted}) AND {dates[name]} > DATE '{last}')").to_arrow_table()
        for name in TOLD_OF
    }  # fmt: skip


@pytest.fixture(scope="module")
def account(small_office: store.Office) -> str:
    """An account of receipts that moves every week."""
    rows = small_office["bank_accounts"].filter("account_label = 'Guichets DR03'").project("account_number").fetchall()
    return str(rows[0][0])


@pytest.fixture(scope="module")
def found(small_office: store.Office, account: str) -> cash.Outlook:
    office = ChangedOffice(small_office, told_until(small_office, account, STOPPED))
    office.folder = small_office.folder  # type: ignore[attr-defined]
    log: dict[str, list[pa.Table]] = {"forecasts": [], "account_forecasts": [], "position_forecasts": []}
    for back in WEEKS_BACK:
        day = AS_OF - timedelta(weeks=back)
        tables = plan_tables_of(office, day, receivables=False)
        plan = plan_of(office, day, receivables=False, tables=tables, twelve_months=False, paths=100)
        log["forecasts"].append(cash.log_rows(plan, MADE_AT, is_made_again=True))
        log["account_forecasts"].append(cash.account_rows(plan))
        log["position_forecasts"].append(cash.position_rows(plan))
    office.tables = {**office.tables, **{name: pa.concat_tables(rows) for name, rows in log.items()}}
    return outlook_of(office, AS_OF, office["forecasts"], receivables=False)


def test_the_plans_made_since_are_judged_on_the_accounts_that_are_proven(found: cash.Outlook, account: str) -> None:
    record = found.beside.record
    assert record is not None
    assert record.trust.trust_code != "unmeasured"
    assert record.trust.origin_count == len(WEEKS_BACK)
    assert record.silent == (account,)
    assert 0.5 < record.judged_share < 1
    assert account not in set(record.by_account["account_number"])
    assert len(record.by_account) > 30
    assert record.overall["coverage_80"].notna().all()
    matched = record.matched
    flows = found.beside.actual
    day = matched[
        (matched["line_code"] == "all") & (matched["period_code"] == "day") & matched["actual_centimes"].notna()
    ]
    came = flows[~flows["line_code"].isin(["own_transfer"])].groupby("flow_date")["amount_centimes"].sum()
    expected = day["target_date"].map(came).fillna(0).astype("Int64")  # the silent account tells of nothing
    pd.testing.assert_series_equal(day["actual_centimes"], expected, check_names=False)
    assert not record.positions.empty
    assert (record.positions["judged_share"] < 1).all()


def test_a_log_that_knows_no_account_stays_blind_and_readable(found: cash.Outlook, account: str) -> None:
    from workbench.cash.judging.proven_accounts import Proof
    from workbench.standards import load_bank_days

    old = found.beside.log[[name for name in found.beside.log if not name.startswith("told_")]]
    proof = Proof(AS_OF, {account: STOPPED}, frozenset([account]))
    record = cash.plan_record(old, found.beside.actual, pd.DataFrame(), load_bank_days(), AS_OF, proof)
    assert (record.trust.trust_code, record.overall.empty, record.silent) == ("unmeasured", True, ())


def test_the_page_names_the_silent_account_and_says_what_part_is_judged(found: cash.Outlook) -> None:
    said, shown = cash.plan_findings(found), cash.plan_tables(found)
    assert cash.plan_doubts(said) == ["silent_accounts"]
    assert cash.plan_doubts({**said, "origins": 0, "silent": 0}) == ["untrusted_yet"]
    assert (said["silent"], said["silent_names"]) == (1, "Guichets DR03")
    for lang in ("fr", "en"):
        words = say("treasury/cash_plan", "silent_accounts", lang, **said)
        assert "Guichets DR03" in words
    assert {"by_account", "by_directorate", "position_bands"} <= set(shown)
    assert cash.plan_tone(said)["measured"] == "fan_measured_position"
    for lang in ("fr", "en"):
        assert "80" in say("treasury/cash_plan", "fan_measured_position", lang, **said)
    for name in TRUST_TABLES:
        assert has("treasury/cash_plan", f"sheet_{name}")
    assert set(shown["by_account"]) >= {"account_label", "account_number", "wape", "coverage_80"}
    assert set(TABLES) >= {"account_forecasts", "position_forecasts"}
