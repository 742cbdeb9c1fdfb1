"""Mirrors pipeline/recovery_month.py and recovery/recovery_month.py: the monthly report of a small office, its equalities, its words, and the same by SQL."""

from datetime import date

import pytest

from workbench import recovery, store
from workbench.errors import Unanswerable
from workbench.pipeline.recovery_month import recovery_month_of
from workbench.reporting.words import has

AS_OF = date(2023, 1, 31)
REPORT = "recovery/recovery_monthly"


@pytest.fixture(scope="module")
def found(small_office: store.Office) -> recovery.RecoveryMonth:
    return recovery_month_of(small_office, AS_OF)


def test_every_equality_of_the_report_holds(found: recovery.RecoveryMonth) -> None:
    facts = recovery.recovery_month_facts(found, recovery.unpaid_facts(found.rates.unpaid))
    assert [what for what, left, right in recovery.recovery_month_ties(found, facts) if left != right] == []
    steps = recovery.allowance_steps(found)
    assert steps["amount_centimes"].iloc[:-1].sum() == steps["amount_centimes"].iloc[-1]


def test_receipts_and_acts_agree_with_sql(found: recovery.RecoveryMonth, small_office: store.Office) -> None:
    sql = f"""SELECT sum(amount_centimes) AS received, count(*) AS n FROM payments WHERE receipt_date BETWEEN DATE '2023-01-01' AND DATE '{AS_OF}' AND currency_code = 'MAD'
              AND (bounced_date IS NULL OR bounced_date > DATE '{AS_OF}')"""
    row = store.query(small_office.folder, sql).to_pylist()[0]
    assert (int(found.channels["received_centimes"].sum()), int(found.channels["receipt_count"].sum())) == (int(row["received"]), row["n"])  # fmt: skip
    sql = f"SELECT count(*) AS n FROM enforcement_steps WHERE opened_date > DATE '2022-12-31' AND opened_date <= DATE '{AS_OF}'"
    assert int(found.acts["month_count"].sum()) == store.query(small_office.folder, sql).to_pylist()[0]["n"]


def test_every_word_of_the_report_is_there(found: recovery.RecoveryMonth) -> None:
    told = recovery.unpaid_facts(found.rates.unpaid)
    facts = recovery.recovery_month_facts(found, told)
    said = recovery.rates_findings(
        found.rates, recovery.rates_facts(found.rates, told)
    ) | recovery.recovery_month_findings(found, facts)
    tone = recovery.recovery_month_tone(found, said)
    keys = [f"verdict_{tone['verdict']}", f"movement_{tone['movement']}", *recovery.recovery_month_lede(said, tone)]
    keys += [label for rows in recovery.recovery_month_card_rows(said).values() for label, _, _ in rows]
    for steps in (recovery.allowance_steps(found), recovery.owed_steps(found), recovery.change_steps(found.rates)):
        keys += [f"cascade_step_{label}" for label in steps["label"]]
    for name, shown in recovery.recovery_month_tables(found).items():
        keys.append(f"sheet_{name}")
        for column in ("step_code", "clock_code", "plan_state_code"):
            keys += [f"{column}_{code}" for code in shown[column].dropna().unique()] if column in shown else []
    assert [key for key in keys if not has(REPORT, key)] == []


def test_private_clients_and_key_accounts_never_make_one_rate(found: recovery.RecoveryMonth) -> None:
    shown = recovery.recovery_month_tables(found)
    assert {"rate_private", "rate_key_accounts"} <= set(shown["directorates"].columns)
    assert not set(shown["key_names"]["segment_code"]) & set(shown["private_names"]["segment_code"])


def test_the_forward_factor_stands_apart_and_is_nil_where_nobody_set_one(found: recovery.RecoveryMonth) -> None:
    losses = recovery.recovery_month_tables(found)["losses"]
    parts = losses[["credit_loss_centimes", "forward_centimes", "time_value_centimes"]].sum(axis=1)
    assert (parts == losses["allowance_centimes"]).all()
    assert (losses["forward_centimes"] == 0).all()
    assert (losses["allowance_centimes"] <= losses["exposure_ht_centimes"]).all()


@pytest.mark.parametrize("day", [date(2022, 1, 31), date(2022, 7, 15)])
def test_a_first_year_and_a_day_inside_a_month_have_their_report(small_office: store.Office, day: date) -> None:
    found = recovery_month_of(small_office, day)
    facts = recovery.recovery_month_facts(found, recovery.unpaid_facts(found.rates.unpaid))
    assert [what for what, left, right in recovery.recovery_month_ties(found, facts) if left != right] == []
    assert found.opened_on is None
    assert recovery.recovery_month_tone(found, recovery.recovery_month_findings(found, facts))["movement"] == "none"


def test_before_the_first_bill_nothing_is_answered(small_office: store.Office) -> None:
    with pytest.raises(Unanswerable, match="no bill was issued by 2020-01-01"):
        recovery_month_of(small_office, date(2020, 1, 1))
